"""ECS's answers as our values."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from deployments.aws import values

#: of a service with task sets, these are the primary one's: the service's own are those that it was created with
_OF_THE_PRIMARY_SET = (
    "taskDefinition",
    "loadBalancers",
    "networkConfiguration",
    "launchType",
    "platformVersion",
    "capacityProviderStrategy",
)

#: "(service shop) has started 2 tasks: (task …) (task …)."
_STARTS = " has started "
_STARTED = re.compile(r" has started (\d+) tasks")
#: "(service shop) has begun draining connections on 2 tasks."
_DRAINS = " has begun draining connections on "
#: "(service shop) was unable to scale in due to (reason 1 tasks under protection)."
_PROTECTED = " tasks under protection"


def service_from(raw: Mapping[str, Any]) -> values.Service:
    raw = {**raw, **_primary_set(raw)}
    balancers = raw.get("loadBalancers", [])
    first = balancers[0] if balancers else {}
    configuration = raw.get("deploymentConfiguration", {})
    advanced = first.get("advancedConfiguration", {})
    newest: Mapping[str, Any] = next((each for each in raw.get("deployments", []) if each["status"] == "PRIMARY"), {})
    network = raw.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    return values.Service(
        name=raw["serviceName"],
        arn=raw["serviceArn"],
        status=raw["status"],
        controller=raw.get("deploymentController", {}).get("type", "ECS"),
        # absent where there are task sets, none of them primary
        task_definition=raw.get("taskDefinition", ""),
        strategy=configuration.get("strategy", ""),
        scheduling=raw.get("schedulingStrategy", "REPLICA"),
        desired=raw["desiredCount"],
        running=raw["runningCount"],
        pending=raw["pendingCount"],
        deployments=tuple(_deployment(each) for each in raw.get("deployments", [])),
        task_sets=tuple(_task_set(each) for each in raw.get("taskSets", [])),
        target_groups=tuple(each["targetGroupArn"] for each in balancers if "targetGroupArn" in each),
        container_name=first.get("containerName", ""),
        container_port=first.get("containerPort", 0),
        launch_type=raw.get("launchType", ""),
        subnets=tuple(network.get("subnets", [])),
        security_groups=tuple(network.get("securityGroups", [])),
        assign_public_ip=network.get("assignPublicIp", ""),
        capacity_provider_strategy=tuple(raw.get("capacityProviderStrategy", [])),
        platform_version=raw.get("platformVersion", ""),
        propagate_tags=raw.get("propagateTags", ""),
        managed_tags=raw.get("enableECSManagedTags", False),
        volume_configurations={each["name"]: each for each in newest.get("volumeConfigurations", [])},
        registries=tuple(each["registryArn"] for each in raw.get("serviceRegistries", []) if "registryArn" in each),
        service_connect=newest.get("serviceConnectConfiguration", {}).get("enabled", False),
        grace_period_seconds=raw.get("healthCheckGracePeriodSeconds", 0),
        minimum_healthy_percent=configuration.get("minimumHealthyPercent", 100),
        maximum_percent=configuration.get("maximumPercent", 200),
        zone_rebalancing=raw.get("availabilityZoneRebalancing") == "ENABLED",
        alternate_target_group=advanced.get("alternateTargetGroupArn", ""),
        production_rule=advanced.get("productionListenerRule", ""),
        test_rule=advanced.get("testListenerRule", ""),
        deployment_configuration=configuration,
        infrastructure_role=advanced.get("roleArn", ""),
        lattice=tuple(_lattice(each) for each in newest.get("vpcLatticeConfigurations", [])),
        managed_by=raw.get("resourceManagementType", ""),
        service_deployment=raw.get("currentServiceDeployment", ""),
        revisions=tuple(each["arn"] for each in raw.get("currentServiceRevisions", []) if "arn" in each),
        events=tuple(event["message"] for event in raw.get("events", [])),
        starts=_starts(raw.get("events", [])),
        started_tasks_at=_when(raw.get("events", []), _STARTS),
        # Whether a task that drains counts as running is not written anywhere; this is.
        draining_since=_when(raw.get("events", []), _DRAINS),
        protected_since=_when(raw.get("events", []), _PROTECTED),
        last_rollout=_last_rollout(raw.get("deployments", []), raw.get("events", [])),
    )


def _lattice(raw: Mapping[str, Any]) -> values.Lattice:
    advanced = raw.get("advancedConfiguration", {})
    return values.Lattice(
        target_group=raw.get("targetGroupArn", ""),
        alternate_target_group=advanced.get("alternateTargetGroupArn", ""),
        production_rule=advanced.get("productionListenerRule", ""),
        test_rule=advanced.get("testListenerRule", ""),
    )


def _when(events: Sequence[Mapping[str, Any]], words: str) -> datetime | None:
    """When ECS last said so: the newest events are first."""
    return next((event["createdAt"] for event in events if words in event["message"]), None)


def _starts(events: Sequence[Mapping[str, Any]]) -> tuple[tuple[datetime, int], ...]:
    found = ((event, _STARTED.search(event["message"])) for event in events)
    return tuple((event["createdAt"], int(match[1])) for event, match in found if match)


def _last_rollout(
    deployments: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]
) -> values.Rollout | None:
    """ECS shows when a deployment was made, and its events when it drained what was before, and when it was over."""
    primary = next((each for each in deployments if each["status"] == "PRIMARY"), None)
    if primary is None or primary.get("rolloutState") != "COMPLETED":
        return None
    completed = _when(events, f"(deployment {primary['id']}) deployment completed")
    if completed is None:
        return None
    began = primary["createdAt"]
    draining = _when([event for event in events if began <= event["createdAt"] <= completed], _DRAINS)
    return values.Rollout(
        draining=(draining - began).total_seconds() if draining else None,
        completed=(completed - began).total_seconds(),
    )


def _primary_set(raw: Mapping[str, Any]) -> dict[str, Any]:
    sets: list[Mapping[str, Any]] = raw.get("taskSets", [])
    primary: Mapping[str, Any] = next((each for each in sets if each.get("status") == "PRIMARY"), {})
    return {name: primary[name] for name in _OF_THE_PRIMARY_SET if primary.get(name)}


def _task_set(raw: Mapping[str, Any]) -> values.TaskSet:
    balancers = raw.get("loadBalancers", [])
    return values.TaskSet(
        id=raw.get("id", ""),
        status=raw["status"],
        task_definition=raw["taskDefinition"],
        target_group=balancers[0].get("targetGroupArn", "") if balancers else "",
        created_at=raw.get("createdAt"),
    )


def _deployment(raw: Mapping[str, Any]) -> values.ServiceDeployment:
    return values.ServiceDeployment(
        id=raw["id"],
        status=raw["status"],
        task_definition=raw["taskDefinition"],
        desired=raw["desiredCount"],
        running=raw["runningCount"],
        pending=raw["pendingCount"],
        failed_tasks=raw.get("failedTasks", 0),
        rollout_state=raw.get("rolloutState", ""),
        rollout_reason=raw.get("rolloutStateReason", ""),
        created_at=raw.get("createdAt"),
    )


def task_from(raw: Mapping[str, Any]) -> values.Task:
    containers = raw.get("containers", [])
    return values.Task(
        arn=raw["taskArn"],
        task_definition=raw["taskDefinitionArn"],
        last_status=raw["lastStatus"],
        desired_status=raw["desiredStatus"],
        stop_code=raw.get("stopCode", ""),
        stopped_reason=raw.get("stoppedReason", ""),
        health=raw.get("healthStatus", ""),
        exit_codes={each["name"]: each.get("exitCode") for each in containers},
        reasons={each["name"]: each["reason"] for each in containers if each.get("reason")},
        started_by=raw.get("startedBy", ""),
        ended_at=raw.get("stoppingAt") or raw.get("stoppedAt"),
        images={each["name"]: each["image"] for each in containers if each.get("image")},
        digests={each["name"]: each["imageDigest"] for each in containers if each.get("imageDigest")},
    )


def tags_from(raw: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in raw}
