"""An environment read from AWS: nothing to type that AWS already knows.

Given a cluster and one service, its load balancer's rules tell what it is:

1. deployment controller CODE_DEPLOY: CodeDeploy shifts its traffic;
2. advancedConfiguration on its load balancer: ECS shifts it by itself;
3. its rule weighs two target groups and another service serves the other: a service pair;
4. anything else with the controller ECS: its tasks are rolled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from deployments.aws import errors
from deployments.aws.protocol import Discovery
from deployments.aws.sessions import connect
from deployments.aws.values import Binding, Route, Service
from deployments.models import Application, Environment
from deployments.services.errors import Refused
from deployments.vocabulary import Controller, Strategy


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Columns of an Environment, and how they were found, in sentences, to be confirmed by a person."""

    columns: Mapping[str, Any]
    seen: tuple[str, ...] = ()
    #: what is worth a look before it is confirmed
    doubts: tuple[str, ...] = field(default=())


def discover(*, region: str, role_arn: str, external_id: str, cluster: str, service: str) -> Proposal:
    """Read one service and what belongs to it. Only reads. Raises Refused with what there is instead."""
    binding = Binding(region=region, role_arn=role_arn, external_id=external_id)
    where = {"region": region, "role_arn": role_arn, "external_id": external_id, "cluster": cluster}
    try:
        gateway = connect(binding)
        found = gateway.services(cluster, [service]).get(service)
        if found is None or found.status != "ACTIVE":
            raise Refused(_no_such_service(gateway, cluster, service), field="service")
        proposal = _classified(gateway, cluster, found)
        account = gateway.identity().account
    except errors.AwsError as error:
        raise Refused(f"AWS could not be read: {error.sentence}") from error
    return Proposal(
        columns={**where, "account_id": account, **proposal.columns}, seen=proposal.seen, doubts=proposal.doubts
    )


def _no_such_service(gateway: Discovery, cluster: str, service: str) -> str:
    names = gateway.service_names(cluster)
    there = f"There are: {', '.join(names)}." if names else "It has no services."
    return f"Cluster {cluster} has no active service {service}. {there}"


def _classified(gateway: Discovery, cluster: str, service: Service) -> Proposal:
    if service.controller not in ("", "ECS"):
        raise Refused(
            f"{service.name} has the deployment controller {service.controller}. "
            + (
                "Give its CodeDeploy application and deployment group instead."
                if service.controller == "CODE_DEPLOY"
                else "Tealgate drives ECS and CODE_DEPLOY; move the service to one of them."
            ),
            field="service",
        )
    container = {
        "container_name": service.container_name or _first_container(gateway, service),
        "container_port": service.container_port or 8000,
    }
    routes = _routes(gateway, service)
    if service.alternate_target_group:
        return _native(gateway, cluster, service, container, routes)
    pair = _pair_route(service, routes)
    partner = _partner(gateway, cluster, service, pair) if pair else None
    if pair and partner:
        return _pair(gateway, cluster, (service, partner), container, pair, routes)
    return _rolling(gateway, cluster, service, container, routes)


def _first_container(gateway: Discovery, service: Service) -> str:
    containers = gateway.task_definition(service.task_definition).document["containerDefinitions"]
    return str(containers[0]["name"])


def _routes(gateway: Discovery, service: Service) -> tuple[Route, ...]:
    groups = gateway.target_groups(service.target_groups) if service.target_groups else {}
    balancers = dict.fromkeys(arn for group in groups.values() for arn in group.load_balancer_arns)
    return tuple(route for balancer in balancers for route in gateway.routes(balancer))


def _pair_route(service: Service, routes: tuple[Route, ...]) -> Route | None:
    """The first rule that weighs this service's target group against one other: production comes first."""
    mine = set(service.target_groups)
    both = [route for route in routes if len(route.rule.weights) == 2 and mine & set(route.rule.weights)]
    return min(both, key=lambda route: (route.rule.is_default, route.port), default=None)


def _partner(gateway: Discovery, cluster: str, service: Service, route: Route) -> Service | None:
    other = set(route.rule.weights) - set(service.target_groups)
    others = gateway.services(cluster, [name for name in gateway.service_names(cluster) if name != service.name])
    return next((each for each in others.values() if other & set(each.target_groups)), None)


def _pair(
    gateway: Discovery,
    cluster: str,
    services: tuple[Service, Service],
    container: Mapping[str, Any],
    production: Route,
    routes: tuple[Route, ...],
) -> Proposal:
    blue, green = sorted(services, key=lambda each: ("green" in each.name, each.name))
    groups = {blue.target_groups[0], green.target_groups[0]}
    test = next((route for route in routes if route is not production and set(route.rule.weights) == groups), None)
    names = (blue.name, green.name)
    alarms = _alarms(gateway, groups, names, production)
    return Proposal(
        columns={
            **container,
            "controller": Controller.SERVICE_PAIR,
            "strategy": Strategy.CANARY,
            "blue_service": blue.name,
            "green_service": green.name,
            "blue_target_group": blue.target_groups[0],
            "green_target_group": green.target_groups[0],
            "production_rule": production.rule.arn,
            "test_rule": test.rule.arn if test else "",
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{blue.name} and {green.name} share a listener rule on port {production.port}: a service pair.",
            f"The test listener is on port {test.port}." if test else "No second rule reaches both: no test listener.",
            *_said(gateway, cluster, names, alarms),
        ),
        doubts=_sharing_doubt(production, routes),
    )


def _native(
    gateway: Discovery, cluster: str, service: Service, container: Mapping[str, Any], routes: tuple[Route, ...]
) -> Proposal:
    groups = {service.target_groups[0], service.alternate_target_group}
    production = next((route for route in routes if route.rule.arn == service.production_rule), None)
    alarms = _alarms(gateway, groups, (service.name,), production)
    usual = service.strategy if service.strategy in ("BLUE_GREEN", "CANARY", "LINEAR") else Strategy.BLUE_GREEN
    return Proposal(
        columns={
            **container,
            "controller": Controller.ECS,
            "strategy": usual,
            "service": service.name,
            "blue_target_group": service.target_groups[0],
            "green_target_group": service.alternate_target_group,
            "production_rule": service.production_rule,
            "test_rule": service.test_rule,
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{service.name} is set up for ECS's own traffic shift ({usual}).",
            *_said(gateway, cluster, (service.name,), alarms),
        ),
    )


def _rolling(
    gateway: Discovery, cluster: str, service: Service, container: Mapping[str, Any], routes: tuple[Route, ...]
) -> Proposal:
    groups = set(service.target_groups)
    alarms = _alarms(gateway, groups, (service.name,), routes[0] if routes else None)
    behind = f"{len(groups)} target group(s)" if groups else "no target group"
    return Proposal(
        columns={
            **container,
            "controller": Controller.ROLLING,
            "strategy": Strategy.ROLLING,
            "service": service.name,
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{service.name} is behind {behind} and has no partner: its tasks are rolled.",
            *_said(gateway, cluster, (service.name,), alarms),
        ),
    )


def _alarms(
    gateway: Discovery, groups: set[str], services: tuple[str, ...], production: Route | None
) -> tuple[str, ...]:
    dimensions = {group.rsplit(":", 1)[-1] for group in groups} | set(services)
    if production:
        dimensions.add("/".join(production.listener.split(":listener/")[-1].split("/")[:3]))
    return gateway.alarms_about(dimensions)


def _said(gateway: Discovery, cluster: str, services: tuple[str, ...], alarms: tuple[str, ...]) -> tuple[str, ...]:
    scaled = gateway.scalable_targets([f"service/{cluster}/{name}" for name in services])
    return (
        f"Alarms about it: {', '.join(alarms)}." if alarms else "No alarm looks at it.",
        f"{len(scaled)} of its services are scaled automatically." if scaled else "It is not scaled automatically.",
    )


def _sharing_doubt(production: Route, routes: tuple[Route, ...]) -> tuple[str, ...]:
    same_port = [route for route in routes if route.port == production.port and route.rule.weights]
    others = [route for route in same_port if route is not production and route.rule.weights == production.rule.weights]
    if not others:
        return ()
    return (
        f"{len(others)} more rule(s) on port {production.port} weigh the same target groups: Tealgate writes only "
        f"{production.rule.arn}.",
    )


def environment_from(proposal: Proposal, *, application: Application, name: str) -> Environment:
    """An unsaved, validated environment. Raises Refused with the first thing that is wrong."""
    environment = Environment(application=application, name=name, **proposal.columns)
    try:
        environment.full_clean()
    except ValidationError as error:
        field_, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), field=None if field_ == "__all__" else field_) from error
    return environment
