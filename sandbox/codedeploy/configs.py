"""Deployment configurations: CodeDeploy's own, and custom ones."""

from typing import TYPE_CHECKING

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Config, Json

if TYPE_CHECKING:
    from sandbox.codedeploy.store import Store

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
ONE_AT_A_TIME = "CodeDeployDefault.OneAtATime"
LONGEST_INTERVAL = 2880  # minutes


def canary(percentage: int, interval: int) -> Json:
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": percentage, "canaryInterval": interval},
    }


def linear(percentage: int, interval: int) -> Json:
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": percentage, "linearInterval": interval},
    }


def predefined() -> list[Config]:
    routings = {
        "ECSAllAtOnce": {"type": "AllAtOnce"},
        "ECSCanary10Percent5Minutes": canary(10, 5),
        "ECSCanary10Percent15Minutes": canary(10, 15),
        "ECSLinear10PercentEvery1Minutes": linear(10, 1),
        "ECSLinear10PercentEvery3Minutes": linear(10, 3),
    }
    hosts = {
        "AllAtOnce": {"type": "FLEET_PERCENT", "value": 0},
        "HalfAtATime": {"type": "FLEET_PERCENT", "value": 50},
        "OneAtATime": {"type": "HOST_COUNT", "value": -1},  # all but one: see server.health
    }
    ecs = [Config(f"CodeDeployDefault.{name}", "ECS", traffic_routing=each) for name, each in routings.items()]
    server = [Config(f"CodeDeployDefault.{name}", "Server", minimum_healthy_hosts=each) for name, each in hosts.items()]
    return ecs + server


def create_deployment_config(store: "Store", request: Json) -> Json:
    name, platform = request["deploymentConfigName"], request.get("computePlatform", "Server")
    if not name or len(name) > 100 or name.startswith("CodeDeployDefault."):
        refuse("InvalidDeploymentConfigName", "Deployment config name is invalid or begins with CodeDeployDefault.")
    if name in store.configs:
        refuse("DeploymentConfigAlreadyExists", f"Deployment Configuration already exists: {name}")
    if platform not in ("ECS", "Server"):
        refuse("InvalidComputePlatform", f"The sandbox deploys to ECS and Server, not to {platform}.")
    config = Config(name, platform)
    if platform == "ECS":
        config.traffic_routing = _checked_routing(request.get("trafficRoutingConfig", {"type": "AllAtOnce"}))
    else:
        config.minimum_healthy_hosts = _checked_hosts(request.get("minimumHealthyHosts") or {})
    store.configs[name] = config
    return {"deploymentConfigId": config.id}


def get_deployment_config(store: "Store", request: Json) -> Json:
    config = store.config(request["deploymentConfigName"])
    info: Json = {
        "deploymentConfigId": config.id,
        "deploymentConfigName": config.name,
        "createTime": config.created_at,
        "computePlatform": config.platform,
    }
    if config.traffic_routing:
        info["trafficRoutingConfig"] = config.traffic_routing
    if config.minimum_healthy_hosts:
        info["minimumHealthyHosts"] = config.minimum_healthy_hosts
    if config.name == ONE_AT_A_TIME:
        info["minimumHealthyHosts"] = {"type": "FLEET_PERCENT", "value": 99}
    return {"deploymentConfigInfo": info}


def list_deployment_configs(store: "Store", request: Json) -> Json:
    return {"deploymentConfigsList": list(store.configs)}


def delete_deployment_config(store: "Store", request: Json) -> Json:
    name = request["deploymentConfigName"]
    if name.startswith("CodeDeployDefault."):
        refuse("InvalidOperation", f"Cannot delete the predefined deployment configuration {name}")
    if any(group.config == name for group in store.groups()):
        refuse("DeploymentConfigInUse", f"Deployment configuration is in use: {name}")
    store.configs.pop(name, None)
    return {}


def _checked_routing(routing: Json) -> Json:
    kind = routing.get("type")
    if kind == "AllAtOnce":
        return {"type": kind}
    for name, prefix in (("timeBasedCanary", "canary"), ("timeBasedLinear", "linear")):
        if kind == name[0].upper() + name[1:]:
            values = routing.get(name) or {}
            percentage = int(values.get(f"{prefix}Percentage") or 0)
            interval = int(values.get(f"{prefix}Interval") or 0)
            if not 1 <= percentage <= 99:
                refuse("InvalidTrafficRoutingConfiguration", f"{prefix}Percentage must be between 1 and 99")
            if not 1 <= interval < LONGEST_INTERVAL:
                refuse(
                    "InvalidTrafficRoutingConfiguration",
                    f"{prefix}Interval must be at least 1 and below {LONGEST_INTERVAL} minutes",
                )
            return canary(percentage, interval) if prefix == "canary" else linear(percentage, interval)
    refuse("InvalidTrafficRoutingConfiguration", f"Traffic routing type {kind} is not valid")


def _checked_hosts(hosts: Json) -> Json:
    kind, value = hosts.get("type"), hosts.get("value")
    valid = (
        isinstance(value, int) and value >= 0 and (kind == "HOST_COUNT" or (kind == "FLEET_PERCENT" and value < 100))
    )
    if not valid:
        refuse(
            "InvalidMinimumHealthyHostValue",
            "The minimum healthy hosts are a HOST_COUNT of at least 0 or a FLEET_PERCENT from 0 to 99",
        )
    return {"type": kind, "value": value}
