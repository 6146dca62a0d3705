"""The seeded account's environments, one for each way to swap, as Tealgate has them."""

from collections.abc import Callable, Mapping
from typing import Any

from deployments.frozen import EnvironmentSettings, GateSpec

World = Mapping[str, Any]


def pair(world: World) -> EnvironmentSettings:
    production = world["environments"]["production"]
    return _environment(
        world,
        "SERVICE_PAIR",
        blue_service=production["services"]["blue"].rsplit("/", 1)[-1],
        green_service=production["services"]["green"].rsplit("/", 1)[-1],
        **_swapped(production),
    )


def rolling(world: World) -> EnvironmentSettings:
    return _environment(world, "ROLLING", service_name="legacy-api")


def native(world: World) -> EnvironmentSettings:
    return _environment(world, "ECS", service_name="payments", **_swapped(world["payments"]))


def express_mode(world: World) -> EnvironmentSettings:
    return _environment(world, "EXPRESS_MODE", service_name="landing", container_name="Main")


def code_deploy(world: World) -> EnvironmentSettings:
    catalog = world["codedeploy"]["catalog"]
    return _environment(
        world,
        "CODE_DEPLOY",
        service_name=catalog["service"],
        codedeploy_application=catalog["application"],
        codedeploy_group=catalog["deployment_group"],
        gates=(GateSpec(stage="PRE_PRODUCTION_TRAFFIC_SHIFT", timeout_minutes=60),),
        **_swapped(catalog),
    )


def servers(world: World) -> EnvironmentSettings:
    reports = world["codedeploy"]["reports"]
    return _environment(
        world,
        "CODE_DEPLOY",
        compute_platform="Server",
        cluster="",
        container_name="",
        container_port=0,
        codedeploy_application=reports["application"],
        codedeploy_group=reports["deployment_group"],
    )


SETTINGS: Mapping[str, Callable[[World], EnvironmentSettings]] = {
    "SERVICE_PAIR": pair,
    "ROLLING": rolling,
    "ECS": native,
    "EXPRESS_MODE": express_mode,
    "CODE_DEPLOY": code_deploy,
    "servers": servers,
}


def _swapped(place: World) -> dict[str, Any]:
    return {
        "blue_target_group": place["target_groups"]["blue"],
        "green_target_group": place["target_groups"]["green"],
        "production_rule": place["production_rule"],
        "test_rule": place["test_rule"],
        "alarms": tuple(place["alarms"]),
    }


def _environment(world: World, controller: str, **members: Any) -> EnvironmentSettings:
    usual: dict[str, Any] = {
        "label": "storefront/production",
        "controller": controller,
        "region": world["region"],
        "role_arn": world["roles"]["deployer"],
        "external_id": world["external_id"],
        "account_id": world["account"],
        "cluster": world["cluster"],
        "container_name": world["container"],
        "container_port": world["port"],
    }
    return EnvironmentSettings(**usual | members)
