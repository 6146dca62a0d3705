"""What CreateDeploymentGroup and UpdateDeploymentGroup refuse."""

from sandbox.account import region_of
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Group, Json
from sandbox.codedeploy.server import scaling
from sandbox.codedeploy.store import Store
from sandbox.codedeploy.traffic import known_listener, target_group_arn

ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
MOST_ALARMS = 10
PROCESSES = ("Terminate", "AZRebalance", "InstanceRefresh", "ScheduledActions")
LONGEST_TERMINATION_WAIT = 2880  # minutes
NOT_CODE_DEPLOY = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."


def check(store: Store, group: Group, *, instead_of: Group | None = None) -> None:
    config = store.config(group.config)
    if config.platform != group.platform:
        refuse(
            "InvalidDeploymentConfigName",
            f"{config.name} is for the compute platform {config.platform}, not for {group.platform}",
        )
    role = group.body.get("serviceRoleArn", "")
    if not store.around.role_exists(role):
        refuse("InvalidRole", f"AWS CodeDeploy does not have the permissions required to assume the role {role}.")
    check_alarms(group.body.get("alarmConfiguration", {}))
    check_rollback(group.body.get("autoRollbackConfiguration", {}))
    if group.platform == "ECS":
        _check_style(group)
        _check_blue_green(group.body.get("blueGreenDeploymentConfiguration") or {})
        _check_service(store, group, instead_of)
        _check_pair(store.region, group)
    else:
        _check_server(store.region, group)


def check_alarms(configuration: Json) -> None:
    names = [alarm.get("name") for alarm in configuration.get("alarms", [])]
    if len(names) > MOST_ALARMS:
        refuse("AlarmsLimitExceeded", f"At most {MOST_ALARMS} alarms can be added to a deployment group")
    if configuration.get("enabled") and not names:
        refuse("InvalidAlarmConfig", "The alarm configuration is enabled, but the alarm list is empty")
    if not all(names) or len(set(names)) != len(names):
        refuse("InvalidAlarmConfig", "An alarm has no name, or two alarms have the same name")


def check_rollback(configuration: Json) -> None:
    events = configuration.get("events", [])
    if configuration.get("enabled") and not events:
        refuse("InvalidAutoRollbackConfig", "Automatic rollback is enabled, but no events are listed")
    unknown = [event for event in events if event not in ROLLBACK_EVENTS]
    if unknown:
        refuse("InvalidAutoRollbackConfig", f"Unknown rollback event: {unknown[0]}")


def check_service(store: Store, group: Group) -> None:
    """The ECS service is there and has the right controller, asked again for every deployment."""
    for reference in group.body.get("ecsServices", []):
        name, cluster = (str(reference.get(key, "")).rpartition("/")[2] for key in ("serviceName", "clusterName"))
        with store.around.ecs.lock:
            service = store.around.ecs.services.get((cluster, name))
            if service is None or service.status != "ACTIVE":
                refuse("InvalidECSService", f"The ECS service {name} cannot be found in the cluster {cluster}.")
            if service.controller != "CODE_DEPLOY":
                refuse("InvalidECSService", NOT_CODE_DEPLOY)


def _check_style(group: Group) -> None:
    if not group.is_blue_green or not group.controls_traffic:
        refuse(
            "InvalidDeploymentStyle",
            "For ECS deployment group, deployment type must be BLUE_GREEN and deployment option must be "
            "WITH_TRAFFIC_CONTROL.",
        )


def _check_blue_green(configuration: Json) -> None:
    ready = configuration.get("deploymentReadyOption") or {}
    end = configuration.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    if not ready or not end:
        refuse(
            "InvalidBlueGreenDeploymentConfiguration",
            "For ECS deployment group, the ready option and the terminate option must be configured",
        )
    waits = ready.get("actionOnTimeout") == "STOP_DEPLOYMENT"
    if int(ready.get("waitTimeInMinutes") or 0) and not waits:
        refuse("InvalidBlueGreenDeploymentConfiguration", "waitTimeInMinutes applies to STOP_DEPLOYMENT only")
    if waits and not 1 <= int(ready.get("waitTimeInMinutes") or 0) <= LONGEST_TERMINATION_WAIT:
        refuse(
            "InvalidBlueGreenDeploymentConfiguration",
            f"With STOP_DEPLOYMENT waitTimeInMinutes is between 1 and {LONGEST_TERMINATION_WAIT}",
        )
    if not 0 <= int(end.get("terminationWaitTimeInMinutes") or 0) <= LONGEST_TERMINATION_WAIT:
        refuse(
            "InvalidBlueGreenDeploymentConfiguration",
            f"terminationWaitTimeInMinutes is between 0 and {LONGEST_TERMINATION_WAIT}",
        )


def _check_service(store: Store, group: Group, instead_of: Group | None) -> None:
    services = group.body.get("ecsServices") or []
    if len(services) != 1 or not services[0].get("serviceName") or not services[0].get("clusterName"):
        refuse("InvalidECSService", "An ECS deployment group needs one service, with its name and its cluster")
    check_service(store, group)
    for other in store.groups():
        if other is not instead_of and other.body.get("ecsServices") == services:
            refuse(
                "ECSServiceMappingLimitExceeded",
                f"The ECS service {services[0]['serviceName']} is in the deployment group {other.name} already",
            )


def _check_pair(region: str, group: Group) -> None:
    pairs = group.body.get("loadBalancerInfo", {}).get("targetGroupPairInfoList") or []
    if len(pairs) != 1:
        refuse("InvalidLoadBalancerInfo", "An ECS deployment group needs one target group pair")
    names = [each.get("name") for each in pairs[0].get("targetGroups", [])]
    if len(names) != 2 or names[0] == names[1]:
        refuse("InvalidTargetGroupPair", "A target group pair has two different target groups")
    for name in names:
        if target_group_arn(region, name) is None:
            refuse("InvalidTargetGroupPair", f"The target group {name} cannot be found")
    routes = {
        route: (pairs[0].get(route) or {}).get("listenerArns") or []
        for route in ("prodTrafficRoute", "testTrafficRoute")
    }
    if len(routes["prodTrafficRoute"]) != 1 or len(routes["testTrafficRoute"]) > 1:
        refuse("InvalidTargetGroupPair", "A traffic route has exactly one listener")
    for listener in routes["prodTrafficRoute"] + routes["testTrafficRoute"]:
        if not known_listener(listener) or region_of(listener) != region:
            refuse("InvalidTargetGroupPair", f"The listener {listener} cannot be found")
        if "/net/" in listener and group.config != "CodeDeployDefault.ECSAllAtOnce":
            refuse(
                "InvalidTrafficRoutingConfiguration",
                "Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when you "
                "create/update Deployment group.",
            )


def check_processes(group: Group, options: Json) -> None:
    """Of ec2DeploymentOptions, a group's or one deployment's."""
    names = options.get("autoScalingGroupProcessesToSuspend") or []
    fits = group.platform == "Server" and not group.is_blue_green and group.body.get("autoScalingGroups")
    if names and not fits:
        refuse(
            "InvalidAutoScalingGroupProcessToSuspend",
            "Processes are suspended for in-place deployments to Auto Scaling groups only",
        )
    unknown = [name for name in names if name not in PROCESSES]
    if unknown:
        refuse(
            "InvalidAutoScalingGroupProcessToSuspend",
            f"{unknown[0]} is not one of {', '.join(PROCESSES)}",
        )


def _check_server(region: str, group: Group) -> None:
    body = group.body
    check_processes(group, body.get("ec2DeploymentOptions") or {})
    if body.get("ec2TagFilters") and body.get("ec2TagSet"):
        refuse("InvalidEC2TagCombination", "Only one of ec2TagFilters and ec2TagSet can be given")
    if body.get("ecsServices"):
        refuse("InvalidECSService", "ecsServices are for the compute platform ECS")
    balancing = body.get("loadBalancerInfo", {})
    for each in body.get("autoScalingGroups") or []:
        if not scaling.exists(region, each["name"]):
            refuse("InvalidAutoScalingGroup", f"The Auto Scaling group {each['name']} cannot be found")
    groups = balancing.get("targetGroupInfoList") or []
    if group.controls_traffic and not groups:
        refuse("InvalidLoadBalancerInfo", "WITH_TRAFFIC_CONTROL needs a load balancer")
    for each in groups:
        if target_group_arn(region, each.get("name", "")) is None:
            refuse("InvalidLoadBalancerInfo", f"The target group {each.get('name')} cannot be found")
    if group.is_blue_green and not group.controls_traffic:
        refuse("InvalidDeploymentStyle", "A BLUE_GREEN deployment needs WITH_TRAFFIC_CONTROL")
