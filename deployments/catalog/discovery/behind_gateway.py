"""A service behind an ECS Gateway: it has no load balancer of its own, and its running revision tells what ECS made."""

from dataclasses import replace

from deployments.aws import errors
from deployments.aws.protocol import Discovery
from deployments.aws.values import Service, ServiceRevision
from deployments.catalog.discovery.proposal import OWN_STRATEGIES, Proposal
from deployments.refused import Refused


def route_of(gateway: Discovery, service: Service) -> ServiceRevision | None:
    """None for a service of another kind, and where its revision may not be read."""
    if service.target_groups or not service.revisions or service.controller not in ("", "ECS"):
        return None
    try:
        revisions = gateway.service_revisions(service.revisions[:1])
    except errors.Denied:
        return None
    return next((each for each in revisions.values() if each.gateway_ports), None)


def as_served(gateway: Discovery, service: Service, route: ServiceRevision) -> Service:
    """With what the gateway routes to, as if its owner had named it."""
    container, port = _container(gateway, service, route.gateway_ports[0])
    served = replace(service, container_name=container, container_port=port)
    served = served.behind(route.managed) if route.managed else served
    if service.strategy in OWN_STRATEGIES and not served.alternate_target_group:
        raise Refused(
            f"{service.name} is behind an ECS Gateway and to be deployed by {service.strategy}, but ECS does not tell "
            "of two target groups and a rule that it made for it. Try again when its first deployment is over.",
            field="service",
        )
    return served


def with_gateway(found: Proposal, service: Service, route: ServiceRevision) -> Proposal:
    """Its address, and whose the rules are."""
    address = route.managed.endpoint if route.managed else ""
    seen = (
        f"{service.name} is behind an ECS Gateway, by its port {route.gateway_ports[0]}: ECS owns its load balancer, "
        "rules and target groups, so only ECS shifts them."
    )
    alone = "" if service.alternate_target_group else "ECS tells of no second target group and rule: it is rolled."
    return replace(
        found,
        columns={**found.columns, "production_url": address},
        seen=(seen, *found.seen),
        doubts=(*found.doubts, *([alone] if alone else [])),
    )


def _container(gateway: Discovery, service: Service, port_name: str) -> tuple[str, int]:
    """Whose port has this name; the first container otherwise."""
    containers = gateway.task_definition(service.task_definition).document["containerDefinitions"]
    for container in containers:
        for mapping in container.get("portMappings", ()):
            if mapping.get("name") == port_name:
                return str(container["name"]), int(mapping["containerPort"])
    return str(containers[0]["name"]), service.container_port or 80
