"""A service of Express Mode: ECS made what is around it, and tells what that is by the revision that runs."""

from deployments.aws.protocol import Discovery
from deployments.aws.values import Managed, Service
from deployments.catalog.discovery.proposal import Proposal, about_alarms, about_scaling, alarms_of
from deployments.refused import Refused
from deployments.vocabulary import Controller, Strategy
from deployments.words import joined

#: What ECS calls the container that it routes to.
MAIN = "Main"


def of_service(gateway: Discovery, cluster: str, service: Service) -> Proposal:
    managed = _managed(gateway, service)
    container, port = _container(gateway, service)
    found = alarms_of(gateway, {*managed.target_groups, service.name}, None)
    alarms = [name for name in found if name not in managed.alarms]
    return Proposal(
        columns={
            "controller": Controller.EXPRESS_MODE,
            "strategy": Strategy.CANARY,
            "cluster": cluster,
            "service": service.name,
            "container_name": container,
            "container_port": port,
            "production_url": _address(managed.endpoint),
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{service.name} is a service of Express Mode: ECS owns its load balancer, rule and target groups, and "
            "deploys by a canary of its own.",
            _about_own(managed),
            about_alarms(alarms),
            about_scaling(gateway, cluster, (service.name,)),
        ),
        doubts=(
            "Express Mode waits for nobody once it is told, and has no test traffic: people are asked before it starts "
            "(a gate at PRE_SCALE_UP), and no smoke checks are sent.",
        ),
    )


def _managed(gateway: Discovery, service: Service) -> Managed:
    revisions = gateway.service_revisions(service.revisions) if service.revisions else {}
    for revision in revisions.values():
        if revision.managed:
            return revision.managed
    raise Refused(
        f"{service.name} is a service of Express Mode, but ECS tells of nothing that it made for it. Try again when "
        "its first deployment is over.",
        field="service",
    )


def _container(gateway: Discovery, service: Service) -> tuple[str, int]:
    """Its name and the port that ECS routes to."""
    containers = gateway.task_definition(service.task_definition).document["containerDefinitions"]
    main = next((each for each in containers if each["name"] == MAIN), containers[0])
    ports = [mapping["containerPort"] for mapping in main.get("portMappings", ())]
    return str(main["name"]), int(ports[0]) if ports else service.container_port or 80


def _address(endpoint: str) -> str:
    return endpoint if "://" in endpoint or not endpoint else f"https://{endpoint}"


def _about_own(managed: Managed) -> str:
    if not managed.alarms:
        return "ECS tells of no alarm by which it rolls back."
    return f"ECS rolls back by {joined(list(managed.alarms))}, which is watched here too."
