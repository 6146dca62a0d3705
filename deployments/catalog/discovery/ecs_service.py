"""An ECS service that ECS deploys to, alone or as one of a pair: which of the controllers fits, and its columns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.listeners import is_network
from deployments.aws.protocol import Discovery
from deployments.aws.values import Route, Service
from deployments.catalog.discovery import behind_gateway, code_deploy, express, lattice
from deployments.catalog.discovery.pair_rules import PairRules, half_rules, pair_rules
from deployments.catalog.discovery.plain_test import with_check
from deployments.catalog.discovery.proposal import (
    OWN_STRATEGIES,
    Proposal,
    about_alarms,
    about_scaling,
    alarms_of,
    gate_for,
    routes_to,
)
from deployments.frozen import GateSpec
from deployments.refused import Refused
from deployments.swaps.ecs.plan import HOOK_STAGES
from deployments.vocabulary import Controller, Strategy
from deployments.words import counted, joined

_UNCOUNTED = (
    "It is behind a Network Load Balancer, which counts no answers: neither 5xx nor latency is watched, so name alarms "
    "that see what callers see."
)


def of_service(gateway: Discovery, cluster: str, name: str) -> Proposal:
    service = gateway.services(cluster, [name]).get(name)
    if service is None or service.status != "ACTIVE":
        raise Refused(_no_such_service(gateway, cluster, name), field="service")
    if service.controller == "CODE_DEPLOY":
        return code_deploy.of_service(gateway, cluster, service)
    if service.is_express:
        return express.of_service(gateway, cluster, service)
    if connected := behind_gateway.route_of(gateway, service):
        service = behind_gateway.as_served(gateway, service, connected)
    lattice.refuse_alone(gateway, service)
    if reason := fits_none(service):
        raise Refused(f"{service.name} fits none of Tealgate's controllers: {reason}", field="service")
    columns = {
        "cluster": cluster,
        "container_name": service.container_name or _first_container(gateway, service),
        "container_port": service.container_port or 8000,
    }
    groups = gateway.target_groups(service.target_groups) if service.target_groups else {}
    routes = routes_to(gateway, groups.values())
    if service.alternate_target_group:
        found = _native(gateway, cluster, service, routes)
    elif (route := _pair_route(service, routes)) and (partner := _partner(gateway, cluster, service, route)):
        found = _pair(gateway, cluster, (service, partner), routes)
    else:
        found = _rolling(gateway, cluster, service, routes)
    doubts = (*found.doubts, *lattice.doubts(gateway, service))
    found = replace(found, columns={**columns, **found.columns}, doubts=doubts)
    return behind_gateway.with_gateway(found, service, connected) if connected else found


def _no_such_service(gateway: Discovery, cluster: str, service: str) -> str:
    names = gateway.service_names(cluster)
    there = f"There are: {', '.join(names)}." if names else "It has no services."
    return f"Cluster {cluster} has no active service {service}. {there}"


def fits_none(service: Service) -> str:
    """Why no controller can deploy to it; "" when one may."""
    if service.controller not in ("", "ECS"):
        return (
            f"its deployment controller is {service.controller}, so another tool drives its task sets. Change it to "
            "ECS by UpdateService, or go on with that tool."
        )
    if service.strategy in OWN_STRATEGIES and not service.alternate_target_group:
        return (
            f"ECS is to deploy it by {service.strategy}, but no load balancer of it has advancedConfiguration, so "
            "there is no traffic to shift. Add that for the controller ECS, or set its strategy to ROLLING."
        )
    known = ":listener-rule/app/" in service.production_rule or is_network(service.production_rule)
    if service.alternate_target_group and not known:
        return (
            f"ECS shifts its traffic at {service.production_rule or 'no listener rule'}, which is neither a rule of an "
            "Application Load Balancer nor a listener of a Network Load Balancer, so Tealgate cannot see who is live."
        )
    return ""


def _first_container(gateway: Discovery, service: Service) -> str:
    containers = gateway.task_definition(service.task_definition).document["containerDefinitions"]
    return str(containers[0]["name"])


def _pair_route(service: Service, routes: tuple[Route, ...]) -> Route | None:
    """A rule that weighs this service's target group against one other."""
    mine = set(service.target_groups)
    both = (route for route in routes if len(route.rule.weights) == 2 and mine & set(route.rule.weights))
    return next(both, None)


def _partner(gateway: Discovery, cluster: str, service: Service, route: Route) -> Service | None:
    other = set(route.rule.weights) - set(service.target_groups)
    others = gateway.services(cluster, [name for name in gateway.service_names(cluster) if name != service.name])
    return next((each for each in others.values() if other & set(each.target_groups)), None)


def _pair(
    gateway: Discovery,
    cluster: str,
    services: tuple[Service, Service],
    routes: tuple[Route, ...],
) -> Proposal:
    blue, green = sorted(services, key=lambda each: ("green" in each.name, each.name))
    groups = {blue.target_groups[0], green.target_groups[0]}
    rules = pair_rules(routes, groups)
    production, test = rules.production, rules.test
    names = (blue.name, green.name)
    alarms = alarms_of(gateway, groups | set(names), production)
    found = Proposal(
        columns={
            "controller": Controller.SERVICE_PAIR,
            "strategy": Strategy.CANARY,
            "blue_service": blue.name,
            "green_service": green.name,
            "blue_target_group": blue.target_groups[0],
            "green_target_group": green.target_groups[0],
            "production_rule": production.rule.arn if production else "",
            "more_production_rules": "\n".join(route.rule.arn for route in rules.more),
            "test_rule": test.rule.arn if test else "",
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{blue.name} and {green.name} share a listener rule{_on(production)}: a service pair.",
            *_about_rules(rules),
            about_alarms(alarms),
            about_scaling(gateway, cluster, names),
        ),
        doubts=(*rules.doubts, *half_rules(routes, groups)),
    )
    return with_check(gateway, found, production, test)


def _on(production: Route | None) -> str:
    return f" on port {production.port}" if production else ""


def _about_rules(rules: PairRules) -> list[str]:
    """Which requests will go to the live slot, and which to the one that is tried."""
    said = [f"Production is {rules.production.requests}."] if rules.production else []
    if rules.more:
        said.append(f"Shifted together with it: {joined([route.requests for route in rules.more])}.")
    if rules.test:
        return [*said, f"A test is {rules.test.requests}."]
    return said if rules.doubts else [*said, "No second rule reaches both: no test listener."]


def _native(gateway: Discovery, cluster: str, service: Service, routes: tuple[Route, ...]) -> Proposal:
    groups = {service.target_groups[0], service.alternate_target_group}
    by_arn = {route.rule.arn: route for route in routes}
    production = by_arn.get(service.production_rule)
    alarms = alarms_of(gateway, groups | {service.name}, production)
    usual = service.strategy if service.strategy in OWN_STRATEGIES else Strategy.BLUE_GREEN
    test = "" if service.test_rule else "It has no test rule, so smoke checks have nowhere to go before production."
    network = _UNCOUNTED if is_network(service.production_rule) else ""
    found = Proposal(
        columns={
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
            about_alarms(alarms),
            about_scaling(gateway, cluster, (service.name,)),
        ),
        doubts=tuple(doubt for doubt in (test, network) if doubt),
        gates=_own_pauses(service),
    )
    return with_check(gateway, found, production, by_arn.get(service.test_rule))


def _own_pauses(service: Service) -> tuple[GateSpec, ...]:
    """A gate at each stage where a PAUSE hook of the service's owner waits for a person already."""
    gates: dict[str, GateSpec] = {}
    for hook in service.deployment_configuration.get("lifecycleHooks", ()):
        minutes = hook.get("timeoutConfiguration", {}).get("timeoutInMinutes", 1440)
        for stage in hook.get("lifecycleStages", ()):
            if hook.get("targetType") == "PAUSE" and stage in HOOK_STAGES:
                gates[stage] = gate_for(stage, minutes)
    return tuple(gates.values())


def _rolling(gateway: Discovery, cluster: str, service: Service, routes: tuple[Route, ...]) -> Proposal:
    groups = set(service.target_groups)
    alarms = alarms_of(gateway, groups | {service.name}, routes[0] if routes else None)
    columns: Mapping[str, Any] = {
        "controller": Controller.ROLLING,
        "strategy": Strategy.ROLLING,
        "service": service.name,
        "alarms": "\n".join(alarms),
    }
    return Proposal(
        columns=columns,
        seen=(
            f"{service.name} is behind {_behind(groups)} and has no partner: its tasks are rolled.",
            about_alarms(alarms),
            about_scaling(gateway, cluster, (service.name,)),
        ),
        doubts=tuple(_rolling_doubts(service, groups, routes)),
    )


def _behind(groups: set[str]) -> str:
    return counted(len(groups), "target group") if groups else "no target group"


def _rolling_doubts(service: Service, groups: set[str], routes: tuple[Route, ...]) -> list[str]:
    doubts = []
    if service.scheduling == "DAEMON":
        doubts.append(
            f"{service.name} is a daemon, one task on each instance, so only ROLLING fits: an instance is without its "
            "task while ECS replaces it."
        )
    elif groups and not any(groups & set(route.rule.weights) for route in routes):
        doubts.append(
            "No rule of an Application Load Balancer forwards to its target group, so Tealgate sees neither 5xx "
            "answers nor latency, and blue/green is not possible."
        )
    elif groups:
        doubts.append(
            "For blue/green it needs a second target group in its listener rule: with a second service (SERVICE_PAIR) "
            "or with advancedConfiguration (ECS)."
        )
    return doubts
