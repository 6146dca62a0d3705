"""The servers that a deployment group means: that there are any, and that CodeDeploy can begin with one of them."""

from collections.abc import Iterator

from deployments.aws import values
from deployments.aws.codedeploy_values import PREDEFINED, DeploymentGroup
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import ServerReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed
from deployments.vocabulary import Strategy
from deployments.words import counted

_OF_A_GROUP = "AutoScalingGroupName"


def config_of(strategy: str) -> str:
    """CreateDeployment's deploymentConfigName; "" is the group's own."""
    return "" if strategy in ("", Strategy.GROUP_CONFIG) else f"CodeDeployDefault.{strategy}"


def instances(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """instances, suspended-processes: what chooses them, and how many there are."""
    found = readings.group
    if not found.auto_scaling_groups and not found.tag_filters:
        yield error(
            "instances",
            f"{found.name} names neither tags nor an Auto Scaling group, so CodeDeploy would end with NO_INSTANCES.",
            "Give the deployment group ec2TagFilters or an Auto Scaling group.",
        )
        return
    chosen, there = _chosen(found), readings.servers
    if not there and not found.on_premises:
        yield error(
            "instances",
            f"No instance runs that {found.name} chooses by {chosen}, so CodeDeploy would end with NO_INSTANCES.",
            "Start instances, or correct their tags or the deployment group.",
        )
        return
    how = "blue/green" if found.style == "BLUE_GREEN" else "in place"
    beside = ", besides those that are not EC2's" if found.on_premises else ""
    yield ok("instances", f"{found.name} installs {how}, on {counted(len(there), 'instance')} by {chosen}{beside}.")
    if found.suspended_processes:
        stands = listed(found.suspended_processes)
        yield ok("suspended-processes", f"Meanwhile CodeDeploy suspends {stands} of the Auto Scaling group.")


def _chosen(group: DeploymentGroup) -> str:
    scaled = f"the Auto Scaling group {listed(group.auto_scaling_groups)}" if group.auto_scaling_groups else ""
    tagged = counted(group.tag_filters, "tag filter") if group.tag_filters else ""
    return listed(each for each in (scaled, tagged) if each)


def minimum(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """minimum-healthy-hosts: of the configuration that is asked for, else of the group's own."""
    group = readings.group
    config = config_of(settings.strategy) or group.config
    count = len(readings.servers)
    if group.on_premises or not count:
        return
    healthy = PREDEFINED.get(config) or readings.minimum_healthy(config)
    if healthy.of(count) >= count:
        yield error(
            "minimum-healthy-hosts",
            f"{config} keeps {healthy.of(count)} of {counted(count, 'instance')} healthy, so none is left to install "
            "on: CodeDeploy would end with HEALTH_CONSTRAINTS_INVALID.",
            "Choose another strategy, such as one at a time, or a configuration with a lower minimum.",
        )
    else:
        yield ok("minimum-healthy-hosts", f"{config} keeps {healthy.of(count)} of {count} healthy.")


def replacements(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings
) -> Iterator[Result]:
    """fleet: where replacements come from in blue/green."""
    group = readings.group
    if group.style != "BLUE_GREEN":
        return
    if group.fleet != "COPY_AUTO_SCALING_GROUP":
        yield error(
            "fleet",
            f"{group.name} expects its replacements to be named with each deployment ({group.fleet or 'no fleet'}), "
            "which Tealgate does not do: CodeDeploy would end with NO_INSTANCES.",
            "Set greenFleetProvisioningOption of the group to COPY_AUTO_SCALING_GROUP, or deploy in place.",
        )
    elif len(group.auto_scaling_groups) != 1:
        named = listed(group.auto_scaling_groups) if group.auto_scaling_groups else "none"
        yield error(
            "fleet",
            f"{group.name} is to copy its Auto Scaling group, of which it needs exactly one, but names {named}.",
            "Name one Auto Scaling group in the deployment group.",
        )
    else:
        yield ok("fleet", f"CodeDeploy makes the replacements by copying {group.auto_scaling_groups[0]}.")


def alarms(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings) -> Iterator[Result]:
    """alarms-of-servers: in blue/green the Auto Scaling group that an alarm measures is replaced."""
    group = readings.group
    copied = group.style == "BLUE_GREEN"
    for alarm in readings.alarms.values() if group.auto_scaling_groups else ():
        for name in sorted(_measured(alarm)):
            if name not in group.auto_scaling_groups:
                yield warning(
                    "alarms-of-servers",
                    f"The alarm {alarm.name} measures the Auto Scaling group {name}, but {group.name} deploys to "
                    f"{listed(group.auto_scaling_groups)}: it sees nothing of these servers.",
                    "CodeDeploy names each copy anew: measure the target group or the load balancer instead.",
                )
            elif copied:
                yield warning(
                    "alarms-of-servers",
                    f"The alarm {alarm.name} measures the Auto Scaling group {name}, which CodeDeploy replaces by a "
                    "copy with another name: it sees nothing of the release, and nothing from then on.",
                    "Measure the target group or the load balancer instead, which stay.",
                )


def _measured(alarm: values.Alarm) -> set[str]:
    return {metric.dimensions[_OF_A_GROUP] for metric in alarm.metrics if _OF_A_GROUP in metric.dimensions}
