"""Deployments and their targets as the JSON that AWS answers with."""

from collections import Counter

from sandbox.codedeploy.model import Deployment, Json, LifecycleEvent, Target
from sandbox.codedeploy.revisions import shown

FROM_GROUP = ("blueGreenDeploymentConfiguration", "deploymentStyle", "loadBalancerInfo")


def deployment(deployment: Deployment) -> Json:
    info: Json = {
        "applicationName": deployment.application.name,
        "deploymentGroupName": deployment.group.name,
        "deploymentConfigName": deployment.config.name,
        "deploymentId": deployment.id,
        "revision": shown(deployment.revision),
        "status": deployment.status,
        "createTime": deployment.created_at,
        "deploymentOverview": _overview(deployment),
        "creator": deployment.creator,
        "ignoreApplicationStopFailures": bool(deployment.request.get("ignoreApplicationStopFailures")),
        "updateOutdatedInstancesOnly": bool(deployment.request.get("updateOutdatedInstancesOnly")),
        "instanceTerminationWaitTimeStarted": deployment.termination_wait_started,
        "fileExistsBehavior": deployment.request.get("fileExistsBehavior", "DISALLOW"),
        "deploymentMode": deployment.request.get("deploymentMode", "STANDARD"),
        "deploymentStatusMessages": [],
        "computePlatform": deployment.group.platform,
    }
    optional = {
        "previousRevision": shown(deployment.previous_revision),
        "description": deployment.description,
        "startTime": deployment.started_at,
        "completeTime": deployment.completed_at,
        "errorInformation": deployment.error,
        "rollbackInfo": deployment.rollback,
        "autoRollbackConfiguration": deployment.auto_rollback,
        "overrideAlarmConfiguration": deployment.request.get("overrideAlarmConfiguration"),
        "targetInstances": deployment.request.get("targetInstances"),
        "additionalDeploymentStatusInfo": deployment.status_info,
        "ec2DeploymentOptions": deployment.ec2_options,
    } | {name: deployment.group.body.get(name) for name in FROM_GROUP}
    return info | {name: value for name, value in optional.items() if value}


def target(deployment: Deployment, target: Target) -> Json:
    common: Json = {
        "deploymentId": deployment.id,
        "targetId": target.id,
        "targetArn": target.arn,
        "lastUpdatedAt": target.updated_at,
        "lifecycleEvents": [_event(event) for event in target.events],
        "status": target.status,
    }
    if deployment.group.platform == "ECS":
        return {"deploymentTargetType": "ECSTarget", "ecsTarget": common | target.details()}
    if target.label:
        common["instanceLabel"] = target.label
    return {"deploymentTargetType": "InstanceTarget", "instanceTarget": common}


def _event(event: LifecycleEvent) -> Json:
    rendered = {
        "lifecycleEventName": event.name,
        "status": event.status,
        "startTime": event.started_at,
        "endTime": event.ended_at,
        "diagnostics": event.diagnostics,
    }
    return {name: value for name, value in rendered.items() if value is not None}


def _overview(deployment: Deployment) -> Json:
    counted = Counter(each.status for each in deployment.targets.values())
    return {name: counted[name] for name in ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")}
