"""A deployment group of CodeDeploy for servers: instances by tags or Auto Scaling groups, in place or blue/green."""

from collections.abc import Collection, Mapping

from deployments.aws import errors
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.protocol import Discovery
from deployments.aws.values import NetworkListener, Route, TargetGroup
from deployments.catalog.discovery.proposal import Proposal, about_alarms, alarms_of, routes_to, waiting_gates
from deployments.vocabulary import ComputePlatform, Controller, Strategy
from deployments.words import counted, duration_words, joined

_FLEETS = {
    "COPY_AUTO_SCALING_GROUP": "replacements are a copy of the Auto Scaling group",
    "DISCOVER_EXISTING": "replacements are named with each deployment",
}


def of_group(gateway: Discovery, group: DeploymentGroup) -> Proposal:
    groups = _target_groups(gateway, group)
    arns = {each.arn for each in groups.values()}
    routes = routes_to(gateway, groups.values())
    production = next((route for route in routes if arns & set(route.rule.weights)), None)
    network = None if production else _network_listener(gateway, groups.values())
    balancers = {network.arn.split(":listener/")[-1].rpartition("/")[0]} if network else set(_classic(group))
    about = alarms_of(gateway, arns | balancers | set(group.auto_scaling_groups), production)
    alarms = tuple(sorted({*about, *group.alarms}))
    return Proposal(
        columns={
            "controller": Controller.CODE_DEPLOY,
            "compute_platform": ComputePlatform.SERVER,
            "strategy": Strategy.GROUP_CONFIG,
            "codedeploy_application": group.application,
            "codedeploy_group": group.name,
            "alarms": "\n".join(alarms),
        },
        seen=(
            f"{group.application}/{group.name} installs bundles on servers by {group.config}, {_style(group)}.",
            f"Its instances: {_instances(group)}.",
            _about_traffic(group, production or network),
            *_about_scaling(group),
            about_alarms(alarms),
        ),
        doubts=tuple(_doubts(group, production or network)),
        gates=waiting_gates(group),
        auto_scaling_groups=group.auto_scaling_groups,
    )


def _target_groups(gateway: Discovery, group: DeploymentGroup) -> Mapping[str, TargetGroup]:
    """By name; those that are gone are absent."""
    found: dict[str, TargetGroup] = {}
    for name in group.target_groups:
        try:
            found |= gateway.target_groups_named((name,))
        except errors.NotFound:
            continue
    return found


def _network_listener(gateway: Discovery, groups: Collection[TargetGroup]) -> NetworkListener | None:
    """The first that sends its connections to one of these, where Network Load Balancers are in front."""
    arns = {group.arn for group in groups}
    balancers = dict.fromkeys(arn for group in groups for arn in group.load_balancer_arns if "/net/" in arn)
    listeners = (listener for balancer in balancers for listener in gateway.network_listeners(balancer))
    return next((listener for listener in listeners if arns & set(listener.target_groups)), None)


def _classic(group: DeploymentGroup) -> tuple[str, ...]:
    return () if group.target_groups else group.classic_load_balancers


def _style(group: DeploymentGroup) -> str:
    if group.style != "BLUE_GREEN":
        return "in place"
    return f"blue/green ({_FLEETS.get(group.fleet, 'replacements are named with each deployment')})"


def _instances(group: DeploymentGroup) -> str:
    parts = []
    if group.auto_scaling_groups:
        groups = list(group.auto_scaling_groups)
        word = "the Auto Scaling group" if len(groups) == 1 else "the Auto Scaling groups"
        parts.append(f"{word} {joined(groups)}")
    if group.tag_filters:
        parts.append(f"those with {counted(group.tag_filters, 'tag filter')}")
    return joined(parts) or "none"


def _about_traffic(group: DeploymentGroup, production: Route | NetworkListener | None) -> str:
    classic = _classic(group)
    if not group.traffic_control or not (group.target_groups or classic):
        return "They are not taken out of a load balancer while they are changed."
    behind = f"{joined(list(group.target_groups or classic))}" + (f" on port {production.port}" if production else "")
    if isinstance(production, NetworkListener):
        behind += f" ({production.protocol}, of a Network Load Balancer)"
    if group.style != "BLUE_GREEN":
        what = "Classic Load Balancer" if classic else "target group"
        return f"Each leaves the {what} {behind} while it is changed."
    after = "are kept"
    if group.termination_action == "TERMINATE":
        after = f"end {duration_words(60 * group.termination_minutes)} later"
    waits = ""
    if group.ready_action == "STOP_DEPLOYMENT":
        waits = f", after waiting up to {duration_words(60 * group.ready_minutes)} for approval"
    return f"Traffic moves to the replacements in {behind}{waits}; the originals {after}."


def _about_scaling(group: DeploymentGroup) -> tuple[str, ...]:
    if not group.suspended_processes:
        return ()
    return (f"Meanwhile CodeDeploy suspends {joined(list(group.suspended_processes))} of the Auto Scaling group.",)


def _doubts(group: DeploymentGroup, production: Route | NetworkListener | None) -> list[str]:
    doubts = []
    if not group.auto_scaling_groups and not group.tag_filters:
        doubts.append("The group names neither tags nor an Auto Scaling group, so CodeDeploy would find no instances.")
    if not group.traffic_control or not (group.target_groups or _classic(group)):
        doubts.append(
            "Requests that an instance is serving are lost while it is changed: give the group a target group and "
            "WITH_TRAFFIC_CONTROL."
        )
    elif production is None and not _classic(group):
        doubts.append(f"No listener forwards to {joined(list(group.target_groups))}, or it does not exist any more.")
    if group.config == "CodeDeployDefault.AllAtOnce" and group.style != "BLUE_GREEN":
        doubts.append("AllAtOnce changes all instances at the same time: nothing serves meanwhile.")
    if group.style == "BLUE_GREEN" and group.fleet != "COPY_AUTO_SCALING_GROUP":
        doubts.append(
            "The replacements have to be named with each deployment, which Tealgate does not do: set "
            "greenFleetProvisioningOption to COPY_AUTO_SCALING_GROUP."
        )
    return doubts
