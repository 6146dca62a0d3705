"""Deployment groups: what an application is deployed to, and how."""

import re

from sandbox.codedeploy import configs, group_checks
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Deployment, Group, Json
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.revisions import shown
from sandbox.codedeploy.store import Store

FIELDS = (
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "autoScalingGroups",
    "blueGreenDeploymentConfiguration",
    "deploymentStyle",
    "ec2DeploymentOptions",
    "ec2TagFilters",
    "ec2TagSet",
    "ecsServices",
    "loadBalancerInfo",
    "outdatedInstancesStrategy",
    "serviceRoleArn",
    "terminationHookEnabled",
    "triggerConfigurations",
)
IN_PLACE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
MOST_AT_ONCE = 100
WAITS = {
    "deploymentReadyOption": "waitTimeInMinutes",
    "terminateBlueInstancesOnDeploymentSuccess": "terminationWaitTimeInMinutes",
}


def create_deployment_group(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    name = request["deploymentGroupName"]
    if not re.fullmatch(r"[\w.+=,@-]{1,100}", name):
        refuse("InvalidDeploymentGroupName", f"Deployment group name is not valid: {name}")
    if name in application.groups:
        refuse("DeploymentGroupAlreadyExists", f"Deployment Group already exists: {name}")
    if not request.get("serviceRoleArn"):
        refuse("RoleRequired", "Service role is required")
    default = configs.ALL_AT_ONCE if application.platform == "ECS" else configs.ONE_AT_A_TIME
    group = Group(application, name, request.get("deploymentConfigName") or default, _body(request))
    group.body.setdefault("deploymentStyle", dict(IN_PLACE))
    group_checks.check(store, group)
    application.groups[name] = group
    if request.get("tags"):
        store.tags[f"deploymentgroup:{application.name}/{name}"] = request["tags"]
    store.wake()
    return {"deploymentGroupId": group.id}


def update_deployment_group(store: Store, request: Json) -> Json:
    group = store.group(request["applicationName"], request["currentDeploymentGroupName"])
    name = request.get("newDeploymentGroupName") or group.name
    groups = group.application.groups
    if name != group.name and name in groups:
        refuse("DeploymentGroupAlreadyExists", f"Deployment Group already exists: {name}")
    wanted = Group(
        group.application, name, request.get("deploymentConfigName") or group.config, group.body | _body(request)
    )
    group_checks.check(store, wanted, instead_of=group)
    del groups[group.name]
    group.name, group.config, group.body = wanted.name, wanted.config, wanted.body
    groups[name] = group
    store.wake()
    return {"hooksNotCleanedUp": []}


def delete_deployment_group(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    application.groups.pop(request["deploymentGroupName"], None)
    return {"hooksNotCleanedUp": []}


def get_deployment_group(store: Store, request: Json) -> Json:
    group = store.group(request["applicationName"], request["deploymentGroupName"])
    return {"deploymentGroupInfo": _info(group)}


def batch_get_deployment_groups(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    names = request["deploymentGroupNames"]
    if len(names) > MOST_AT_ONCE:
        refuse("BatchLimitExceeded", f"At most {MOST_AT_ONCE} deployment groups can be asked for at once")
    known = [application.groups[name] for name in names if name in application.groups]
    missing = [name for name in names if name not in application.groups]
    response: Json = {"deploymentGroupsInfo": [_info(group) for group in known]}
    if missing:
        response["errorMessage"] = f"No Deployment Groups found for names: {', '.join(missing)}"
    return response


def list_deployment_groups(store: Store, request: Json) -> Json:
    application = store.application(request["applicationName"])
    return {"applicationName": application.name} | page(list(application.groups), request, "deploymentGroups")


def _body(request: Json) -> Json:
    body = {name: request[name] for name in FIELDS if request.get(name) is not None}
    if "autoScalingGroups" in body:
        body["autoScalingGroups"] = [{"name": name} for name in body["autoScalingGroups"]]
    if "blueGreenDeploymentConfiguration" in body:
        body["blueGreenDeploymentConfiguration"] = _with_waits(body["blueGreenDeploymentConfiguration"])
    return body


def _with_waits(configuration: Json) -> Json:
    """AWS answers with 0 minutes where none were given: its CLI and its action for GitHub add them up."""
    given = {name: {WAITS[name]: 0} | configuration[name] for name in WAITS if configuration.get(name)}
    return configuration | given


def _info(group: Group) -> Json:
    info: Json = {
        "applicationName": group.application.name,
        "deploymentGroupId": group.id,
        "deploymentGroupName": group.name,
        "deploymentConfigName": group.config,
        "computePlatform": group.platform,
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "autoScalingGroups": [],
        "triggerConfigurations": [],
        "outdatedInstancesStrategy": "UPDATE",
        "terminationHookEnabled": False,
    } | group.body
    if group.last_successful:
        info["targetRevision"] = shown(group.last_successful.revision)
        info["lastSuccessfulDeployment"] = _last(group.last_successful)
    if group.last_attempted:
        info["lastAttemptedDeployment"] = _last(group.last_attempted)
    return info


def _last(deployment: Deployment) -> Json:
    last = {
        "deploymentId": deployment.id,
        "status": deployment.status,
        "endTime": deployment.completed_at,
        "createTime": deployment.created_at,
    }
    return {name: value for name, value in last.items() if value is not None}
