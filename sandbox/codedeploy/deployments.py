"""CreateDeployment and reading deployments. What a deployment does is its story's business."""

from datetime import UTC, datetime

from sandbox.codedeploy import group_checks, rendering
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Deployment, Group, Json, deployment_id
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.revisions import check_description, checked, used
from sandbox.codedeploy.store import Store

MOST_AT_ONCE = 25
STATUSES = ("Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready")


def create_deployment(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    group = store.group(application.name, request["deploymentGroupName"])
    config = store.config(request.get("deploymentConfigName") or group.config)
    if config.platform != group.platform:
        refuse(
            "InvalidDeploymentConfigName",
            f"{config.name} is for the compute platform {config.platform}, not for {group.platform}",
        )
    check_description(request.get("description", ""))
    group_checks.check_rollback(request.get("autoRollbackConfiguration") or {})
    group_checks.check_alarms(request.get("overrideAlarmConfiguration") or {})
    group_checks.check_processes(group, request.get("ec2DeploymentOptions") or {})
    restarts = request.get("deploymentMode") == "RESTART"
    revision = _there_already(group, request) if restarts else checked(application, request.get("revision"))
    group_checks.check_service(store, group)
    running = store.active_in(group)
    if running is not None:
        refuse(
            "DeploymentLimitExceeded",
            f"The Deployment Group '{group.name}' already has an active Deployment '{running.id}'",
        )
    deployment = Deployment(deployment_id(), application, group, config, revision, request=dict(request))
    start(store, deployment)
    return {"deploymentId": deployment.id}


def _there_already(group: Group, request: Json) -> Json:
    """What a RESTART installs again. Raises AWS's errors."""
    if group.platform != "Server" or group.is_blue_green:
        refuse("InvalidInput", "RESTART is supported for EC2/On-premises in-place deployments only")
    if request.get("revision"):
        refuse("InvalidInput", "A revision must not be specified when deploymentMode is RESTART")
    if request.get("updateOutdatedInstancesOnly"):
        refuse("InvalidInput", "updateOutdatedInstancesOnly must not be true when deploymentMode is RESTART")
    if group.last_successful is None:
        refuse("RevisionDoesNotExist", "The deployment group has no successful deployment to restart")
    return group.last_successful.revision


def start(store: Store, deployment: Deployment) -> None:
    """Leave it to the engine."""
    group = deployment.group
    deployment.previous_revision = group.last_successful.revision if group.last_successful else None
    group.last_attempted = deployment
    store.deployments[deployment.id] = deployment
    used(deployment)
    store.wake()


def get_deployment(store: Store, request: Json) -> Json:
    return {"deploymentInfo": rendering.deployment(store.deployment(request["deploymentId"]))}


def batch_get_deployments(store: Store, request: Json) -> Json:
    numbers = request["deploymentIds"]
    if len(numbers) > MOST_AT_ONCE:
        refuse("BatchLimitExceeded", f"At most {MOST_AT_ONCE} deployments can be asked for at once")
    found = [store.deployments[number] for number in numbers if number in store.deployments]
    return {"deploymentsInfo": [rendering.deployment(each) for each in found]}


def list_deployments(store: Store, request: Json) -> Json:
    group: Group | None = None
    if request.get("deploymentGroupName"):
        if not request.get("applicationName"):
            refuse("ApplicationNameRequired", "An application name is needed with a deployment group name")
        group = store.group(request["applicationName"], request["deploymentGroupName"])
    elif request.get("applicationName"):
        store.application(request["applicationName"])
    statuses = request.get("includeOnlyStatuses") or list(STATUSES)
    unknown = [status for status in statuses if status not in STATUSES]
    if unknown:
        refuse("InvalidDeploymentStatus", f"Unknown deployment status: {unknown[0]}")
    first, last = _range(request.get("createTimeRange") or {})
    found = [
        each.id
        for each in sorted(store.deployments.values(), key=lambda each: each.created_at, reverse=True)
        if each.status in statuses
        and first <= each.created_at <= last
        and (group is None or each.group is group)
        and request.get("applicationName") in (None, each.application.name)
    ]
    return page(found, request, "deployments")


def _range(given: Json) -> tuple[datetime, datetime]:
    start = datetime.fromtimestamp(given["start"], UTC) if given.get("start") else datetime.min.replace(tzinfo=UTC)
    end = datetime.fromtimestamp(given["end"], UTC) if given.get("end") else datetime.max.replace(tzinfo=UTC)
    if start > end:
        refuse("InvalidTimeRange", "The start of the time range is after its end")
    return start, end
