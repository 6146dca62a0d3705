"""CodeDeploy's answers as values."""

from collections.abc import Mapping
from typing import Any

from deployments.aws import bundles
from deployments.aws.calling import storable
from deployments.aws.codedeploy_values import (
    CodeDeployment,
    CodeDeployTarget,
    CodeDeployTaskSet,
    DeploymentGroup,
    LastDeployment,
    LifecycleEvent,
    TagFilter,
)


def group_from(raw: Mapping[str, Any]) -> DeploymentGroup:
    style = raw.get("deploymentStyle", {})
    swap = raw.get("blueGreenDeploymentConfiguration", {})
    ready = swap.get("deploymentReadyOption", {})
    end = swap.get("terminateBlueInstancesOnDeploymentSuccess", {})
    balancing = raw.get("loadBalancerInfo", {})
    pair: Mapping[str, Any] = next(iter(balancing.get("targetGroupPairInfoList", [])), {})
    groups = pair.get("targetGroups") or balancing.get("targetGroupInfoList", [])
    alarms = raw.get("alarmConfiguration", {})
    tags = _tags(raw)
    premises = raw.get("onPremisesTagSet", {}).get("onPremisesTagSetList", [])
    on_premises = len(raw.get("onPremisesInstanceTagFilters", [])) + sum(map(len, premises))
    return DeploymentGroup(
        application=raw["applicationName"],
        name=raw["deploymentGroupName"],
        platform=raw.get("computePlatform", "Server"),
        config=raw.get("deploymentConfigName", ""),
        style=style.get("deploymentType", ""),
        traffic_control=style.get("deploymentOption") == "WITH_TRAFFIC_CONTROL",
        ready_action=ready.get("actionOnTimeout", ""),
        ready_minutes=ready.get("waitTimeInMinutes", 0),
        termination_action=end.get("action", ""),
        termination_minutes=end.get("terminationWaitTimeInMinutes", 0),
        services=tuple((each["clusterName"], each["serviceName"]) for each in raw.get("ecsServices", [])),
        target_groups=tuple(each["name"] for each in groups),
        classic_load_balancers=tuple(each["name"] for each in balancing.get("elbInfoList", [])),
        production_listener=next(iter(pair.get("prodTrafficRoute", {}).get("listenerArns", [])), ""),
        test_listener=next(iter(pair.get("testTrafficRoute", {}).get("listenerArns", [])), ""),
        role=raw.get("serviceRoleArn", ""),
        auto_scaling_groups=tuple(each["name"] for each in raw.get("autoScalingGroups", [])),
        tag_filters=sum(len(alternatives) for alternatives in tags) + on_premises,
        tags=tags,
        on_premises=on_premises,
        suspended_processes=tuple(raw.get("ec2DeploymentOptions", {}).get("autoScalingGroupProcessesToSuspend", ())),
        fleet=swap.get("greenFleetProvisioningOption", {}).get("action", ""),
        alarms=tuple(each["name"] for each in alarms.get("alarms", [])) if alarms.get("enabled") else (),
        bundle=bundles.of_revision(raw.get("targetRevision")),
        last_successful=_last(raw.get("lastSuccessfulDeployment")),
        last_attempted=_last(raw.get("lastAttemptedDeployment")),
    )


def _tags(raw: Mapping[str, Any]) -> tuple[tuple[TagFilter, ...], ...]:
    lists = [raw.get("ec2TagFilters", []), *raw.get("ec2TagSet", {}).get("ec2TagSetList", [])]
    return tuple(
        tuple(
            TagFilter(key=each.get("Key", ""), value=each.get("Value", ""), kind=each.get("Type", "KEY_AND_VALUE"))
            for each in alternatives
        )
        for alternatives in lists
        if alternatives
    )


def _last(raw: Mapping[str, Any] | None) -> LastDeployment | None:
    if not raw or not raw.get("deploymentId"):
        return None
    return LastDeployment(
        id=raw["deploymentId"],
        status=raw.get("status", ""),
        created_at=raw.get("createTime"),
        ended_at=raw.get("endTime"),
    )


def deployment_from(raw: Mapping[str, Any]) -> CodeDeployment:
    problem, undone = raw.get("errorInformation", {}), raw.get("rollbackInfo", {})
    return CodeDeployment(
        id=raw["deploymentId"],
        status=raw.get("status", ""),
        bundle=bundles.of_revision(raw.get("revision")),
        description=raw.get("description", ""),
        config=raw.get("deploymentConfigName", ""),
        creator=raw.get("creator", ""),
        error_code=problem.get("code", ""),
        error_message=problem.get("message", ""),
        rollback_id=undone.get("rollbackDeploymentId", ""),
        rollback_message=undone.get("rollbackMessage", ""),
        termination_wait_started=raw.get("instanceTerminationWaitTimeStarted", False),
        created_at=raw.get("createTime"),
        completed_at=raw.get("completeTime"),
        overview=raw.get("deploymentOverview", {}),
        file_exists=raw.get("fileExistsBehavior", ""),
        ignores_stop_failures=raw.get("ignoreApplicationStopFailures", False),
        mode=raw.get("deploymentMode", ""),
        revision=raw.get("revision", {}),
    )


def target_from(raw: Mapping[str, Any]) -> CodeDeployTarget:
    one: Mapping[str, Any] = raw.get("ecsTarget") or raw.get("instanceTarget") or {}
    return CodeDeployTarget(
        id=one.get("targetId", ""),
        status=one.get("status", "Unknown"),
        label=one.get("instanceLabel", ""),
        events=tuple(_event(each) for each in one.get("lifecycleEvents", [])),
        task_sets=tuple(
            CodeDeployTaskSet(
                label=each.get("taskSetLabel", ""),
                status=each.get("status", ""),
                desired=each.get("desiredCount", 0),
                running=each.get("runningCount", 0),
                pending=each.get("pendingCount", 0),
                percent=each.get("trafficWeight", 0.0),
                target_group=each.get("targetGroup", {}).get("name", ""),
            )
            for each in one.get("taskSetsInfo", [])
        ),
    )


def _event(raw: Mapping[str, Any]) -> LifecycleEvent:
    found = raw.get("diagnostics", {})
    return LifecycleEvent(
        name=raw.get("lifecycleEventName", ""),
        status=raw.get("status", ""),
        started=raw.get("startTime"),
        ended=raw.get("endTime"),
        error_code=found.get("errorCode", "") if found.get("errorCode") != "Success" else "",
        script=found.get("scriptName", ""),
        message=storable(found.get("message", "")),
        log=storable(found.get("logTail", "")),
    )
