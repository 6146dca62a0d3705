"""Deployment targets: the ECS service, or the instances, of one deployment."""

from sandbox.codedeploy import rendering
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Deployment, Json, Target
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.store import Store

MOST_AT_ONCE = 25


def list_deployment_targets(store: Store, request: Json) -> Json:
    deployment = _started(store, request)
    filters = request.get("targetFilters") or {}
    unknown = set(filters) - {"TargetStatus", "ServerInstanceLabel"}
    if unknown:
        refuse("InvalidTargetFilterName", f"Unknown target filter: {unknown.pop()}")
    found = [
        target.id
        for target in deployment.targets.values()
        if target.status in filters.get("TargetStatus", [target.status])
        and target.label in filters.get("ServerInstanceLabel", [target.label])
    ]
    return page(found, request, "targetIds")


def get_deployment_target(store: Store, request: Json) -> Json:
    deployment = _started(store, request)
    return {"deploymentTarget": rendering.target(deployment, _target(deployment, request["targetId"]))}


def batch_get_deployment_targets(store: Store, request: Json) -> Json:
    deployment = _started(store, request)
    numbers = request.get("targetIds") or list(deployment.targets)
    if len(numbers) > MOST_AT_ONCE:
        refuse("DeploymentTargetListSizeExceeded", f"At most {MOST_AT_ONCE} targets can be asked for at once")
    return {"deploymentTargets": [rendering.target(deployment, _target(deployment, number)) for number in numbers]}


def list_deployment_instances(store: Store, request: Json) -> Json:
    """What ListDeploymentTargets was called before; for instances only."""
    deployment = _started(store, request)
    if deployment.group.platform != "Server":
        refuse("InvalidComputePlatform", "Instances are of deployments with the compute platform Server")
    return page(list(deployment.targets), request, "instancesList")


def _started(store: Store, request: Json) -> Deployment:
    deployment = store.deployment(request["deploymentId"])
    if not deployment.targets:
        refuse("DeploymentNotStarted", f"The deployment {deployment.id} has not started")
    return deployment


def _target(deployment: Deployment, number: str) -> Target:
    target = deployment.targets.get(number)
    if target is None:
        refuse("DeploymentTargetDoesNotExist", f"The target {number} does not belong to {deployment.id}")
    return target
