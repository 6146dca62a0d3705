"""A deployment group of CodeDeploy for an ECS service: given by name, or found by the service that it names."""

from dataclasses import dataclass

from deployments.aws import errors
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.protocol import Discovery
from deployments.aws.values import Route, Service
from deployments.catalog.discovery import servers
from deployments.catalog.discovery.plain_test import with_check
from deployments.catalog.discovery.proposal import (
    Proposal,
    about_alarms,
    about_other_rules,
    about_scaling,
    alarms_of,
    routes_to,
    waiting_gates,
)
from deployments.refused import Refused
from deployments.vocabulary import ComputePlatform, Controller, Strategy
from deployments.words import counted, duration_words, joined

_GIVE_IT = "Give its CodeDeploy application and deployment group instead."


def of_group(gateway: Discovery, application: str, name: str) -> Proposal:
    group = _group(gateway, application, name)
    if group.platform == ComputePlatform.SERVER:
        return servers.of_group(gateway, group)
    if group.platform != ComputePlatform.ECS:
        raise Refused(
            f"{_label(group)} deploys to {group.platform}; Tealgate's controller CODE_DEPLOY deploys to ECS services "
            "and to servers.",
            field="codedeploy_application",
        )
    if len(group.services) != 1:
        raise Refused(f"{_label(group)} names no ECS service, so there is nothing to read.", field="codedeploy_group")
    cluster, service_name = (_name(each) for each in group.services[0])
    service = gateway.services(cluster, [service_name]).get(service_name)
    if service is None or service.status != "ACTIVE":
        raise Refused(
            f"{_label(group)} deploys to {service_name} in cluster {cluster}, which is not an active service. "
            "Correct the deployment group, or create the service.",
            field="codedeploy_group",
        )
    if service.controller != "CODE_DEPLOY":
        raise Refused(
            f"{_label(group)} deploys to {service_name}, whose deployment controller is {service.controller}: "
            "CodeDeploy cannot deploy to it. Give its cluster and service instead, and Tealgate drives it without "
            "CodeDeploy.",
            field="codedeploy_group",
        )
    return _to_ecs(gateway, group, cluster, service)


def of_service(gateway: Discovery, cluster: str, service: Service) -> Proposal:
    """The group is looked for among all of the account's, because only groups know their services."""
    try:
        applications = gateway.codedeploy_applications()
        groups = [group for name in applications for group in gateway.deployment_groups(name)]
    except errors.Denied as error:
        raise Refused(
            f"{service.name} has the deployment controller CODE_DEPLOY, but its deployment group could not be looked "
            f"for: {error.sentence} {_GIVE_IT} Or allow codedeploy:ListApplications, ListDeploymentGroups and "
            "BatchGetDeploymentGroups.",
            field="codedeploy_application",
        ) from error
    wanted = (_name(cluster), service.name)
    mine = [group for group in groups if wanted in [(_name(its), _name(name)) for its, name in group.services]]
    if not mine:
        raise Refused(
            f"{service.name} has the deployment controller CODE_DEPLOY, but none of the "
            f"{counted(len(groups), 'deployment group')} of this account and region names it. Create "
            f"one for it. If it has one: {_GIVE_IT[0].lower()}{_GIVE_IT[1:]}",
            field="codedeploy_application",
        )
    if len(mine) > 1:
        labels = joined(sorted(map(_label, mine)))
        raise Refused(f"{service.name} is named by {labels}. {_GIVE_IT}", field="codedeploy_application")
    found = _to_ecs(gateway, mine[0], cluster, service)
    return Proposal(
        columns=found.columns,
        seen=(f"Its deployment group was found: {_label(mine[0])}.", *found.seen),
        doubts=found.doubts,
        gates=found.gates,
        checks=found.checks,
    )


def _group(gateway: Discovery, application: str, name: str) -> DeploymentGroup:
    """By name, or the only one. Raises Refused with those that there are."""
    try:
        if name:
            return gateway.deployment_group(application, name)
    except errors.NotFound as error:
        if error.code == "ApplicationDoesNotExistException":
            raise _no_such_application(gateway, application) from error
    try:
        groups = gateway.deployment_groups(application)
    except errors.NotFound as error:
        raise _no_such_application(gateway, application) from error
    if len(groups) == 1 and not name:
        return groups[0]
    there = f"There are: {', '.join(group.name for group in groups)}." if groups else "It has none."
    said = f"has no deployment group {name}" if name else "has not exactly one deployment group"
    raise Refused(f"The CodeDeploy application {application} {said}. {there}", field="codedeploy_group")


def _no_such_application(gateway: Discovery, application: str) -> Refused:
    names = gateway.codedeploy_applications()
    there = f"There are: {', '.join(names)}." if names else "There are none."
    return Refused(
        f"CodeDeploy has no application {application} in this account and region. {there}",
        field="codedeploy_application",
    )


@dataclass(frozen=True)
class _Traffic:
    """Where CodeDeploy shifts: the pair, and the rules of its two listeners."""

    blue: str
    green: str
    production: Route
    test: Route | None
    routes: tuple[Route, ...]


def _to_ecs(gateway: Discovery, group: DeploymentGroup, cluster: str, service: Service) -> Proposal:
    traffic = _traffic(gateway, group)
    about = alarms_of(gateway, {traffic.blue, traffic.green, service.name}, traffic.production)
    alarms = tuple(sorted({*about, *group.alarms}))
    found = Proposal(
        columns={
            "controller": Controller.CODE_DEPLOY,
            "compute_platform": ComputePlatform.ECS,
            "strategy": Strategy.GROUP_CONFIG,
            "codedeploy_application": group.application,
            "codedeploy_group": group.name,
            "cluster": cluster,
            "service": service.name,
            "container_name": service.container_name,
            "container_port": service.container_port,
            "blue_target_group": traffic.blue,
            "green_target_group": traffic.green,
            "production_rule": traffic.production.rule.arn,
            "test_rule": traffic.test.rule.arn if traffic.test else "",
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{_label(group)} deploys to {service.name} by {group.config}: CodeDeploy shifts its traffic.",
            f"It swaps {joined(list(group.target_groups))} on the listener of port {traffic.production.port}"
            + (f", and tests on port {traffic.test.port}." if traffic.test else ", and has no test listener."),
            _about_waiting(group),
            about_alarms(alarms),
            about_scaling(gateway, cluster, (service.name,)),
        ),
        doubts=tuple(_doubts(group, service, traffic)),
        gates=waiting_gates(group),
    )
    # Where it does not wait, nothing can be checked before production.
    return with_check(gateway, found, traffic.production, traffic.test) if found.gates else found


def _traffic(gateway: Discovery, group: DeploymentGroup) -> _Traffic:
    if len(group.target_groups) != 2 or not group.production_listener:
        raise Refused(
            f"{_label(group)} has no pair of target groups with a production listener, which CodeDeploy needs to shift "
            "the traffic of an ECS service. Give it targetGroupPairInfoList.",
            field="codedeploy_group",
        )
    try:
        found = gateway.target_groups_named(group.target_groups)
    except errors.NotFound as error:
        raise Refused(
            f"{_label(group)} names target groups that do not exist: {joined(list(group.target_groups))}. Correct "
            "the deployment group.",
            field="codedeploy_group",
        ) from error
    blue, green = sorted(found.values(), key=lambda each: ("green" in each.name, each.name))
    routes = routes_to(gateway, (blue, green))
    production = _rule_on(group.production_listener, (blue.arn, green.arn), routes)
    if production is None:
        raise Refused(
            f"The production listener of {_label(group)} forwards to neither of its target groups "
            f"({joined(list(group.target_groups))}), or is not one of an Application Load Balancer. Correct it "
            "first.",
            field="codedeploy_group",
        )
    test = _rule_on(group.test_listener, (blue.arn, green.arn), routes)
    return _Traffic(blue.arn, green.arn, production, test, routes)


def _rule_on(listener: str, pair: tuple[str, str], routes: tuple[Route, ...]) -> Route | None:
    """CodeDeploy rewrites whichever rules of its listener forward to the pair; the default rule is the usual one."""
    mine = [route for route in routes if route.listener == listener and set(pair) & set(route.rule.weights)]
    return min(mine, key=lambda route: (not route.rule.is_default, route.rule.catches_marked_requests), default=None)


def _about_waiting(group: DeploymentGroup) -> str:
    kept = "The source is kept until somebody removes it"
    if group.termination_action != "KEEP_ALIVE":
        kept = f"The source is kept for {duration_words(60 * group.termination_minutes)}"
    if group.ready_action == "STOP_DEPLOYMENT":
        return f"It waits up to {duration_words(60 * group.ready_minutes)} for approval before production. {kept}."
    return f"It does not wait before production. {kept}."


def _doubts(group: DeploymentGroup, service: Service, traffic: _Traffic) -> list[str]:
    doubts = []
    if group.ready_action != "STOP_DEPLOYMENT":
        doubts.append(
            "The group reroutes traffic at once, so nobody can be asked and no check can be sent before production: "
            "set its deploymentReadyOption to STOP_DEPLOYMENT if you want that."
        )
    if group.termination_action != "KEEP_ALIVE" and not group.termination_minutes:
        doubts.append("The group removes the source at once, so there is no way back after the shift.")
    if not set(service.target_groups) & {traffic.blue, traffic.green}:
        doubts.append("The service's primary task set is in neither of the two target groups.")
    return [
        *doubts,
        *about_other_rules(traffic.production, traffic.routes, "CodeDeploy shifts them too; Tealgate reads"),
    ]


def _label(group: DeploymentGroup) -> str:
    return f"{group.application}/{group.name}"


def _name(name_or_arn: str) -> str:
    return name_or_arn.rsplit("/", 1)[-1]
