"""What an environment's columns are, read from what the demo's account says of itself."""

from collections.abc import Callable, Mapping
from typing import Any

from deployments.vocabulary import ComputePlatform, Controller, Slot, Strategy

World = Mapping[str, Any]
#: What a release is given: container to image, or the address of a bundle.
Artefact = Callable[[World, str], Mapping[str, str] | str]


def image_of(repository: Callable[[World], str]) -> Artefact:
    return lambda world, version: {world["container"]: f"{repository(world)}:{version}"}


def on_ecs(world: World) -> dict[str, Any]:
    return {"cluster": world["cluster"], "container_name": world["container"], "container_port": world["port"]}


def pair(world: World, name: str) -> dict[str, Any]:
    seen = world["environments"][name]
    return {
        **on_ecs(world),
        "controller": Controller.SERVICE_PAIR,
        **{f"{slot}_service": seen["services"][slot].rsplit("/", 1)[-1] for slot in Slot},
        **two_target_groups(seen),
        "strategy": Strategy.CANARY,
        "canary_percent": 10,
        "canary_bake_seconds": 12,
        "bake_seconds": 10,
        "termination_wait_seconds": 120,
        "scale_up_timeout_seconds": 40,
    }


def rolling(world: World, name: str) -> dict[str, Any]:
    return {
        **on_ecs(world),
        "controller": Controller.ROLLING,
        "service": "legacy-api",
        "strategy": Strategy.ROLLING,
        "bake_seconds": 10,
        "scale_up_timeout_seconds": 60,
    }


def native(world: World, name: str) -> dict[str, Any]:
    return {
        **on_ecs(world),
        "controller": Controller.ECS,
        "service": "payments",
        **two_target_groups(world["payments"]),
        "strategy": Strategy.CANARY,
        "canary_percent": 10,
        # ECS counts in whole minutes, of which the account's clock makes 12 seconds.
        "canary_bake_seconds": 60,
        "bake_seconds": 60,
        "scale_up_timeout_seconds": 60,
    }


def code_deploy(world: World, name: str) -> dict[str, Any]:
    seen = world["codedeploy"]["catalog"]
    return {
        **on_ecs(world),
        "controller": Controller.CODE_DEPLOY,
        "compute_platform": ComputePlatform.ECS,
        "service": seen["service"],
        "codedeploy_application": seen["application"],
        "codedeploy_group": seen["deployment_group"],
        **two_target_groups(seen),
        "strategy": Strategy.GROUP_CONFIG,
        "scale_up_timeout_seconds": 60,
    }


def servers(world: World, name: str) -> dict[str, Any]:
    seen = world["codedeploy"]["reports"]
    return {
        "controller": Controller.CODE_DEPLOY,
        "compute_platform": ComputePlatform.SERVER,
        "codedeploy_application": seen["application"],
        "codedeploy_group": seen["deployment_group"],
        "strategy": Strategy.GROUP_CONFIG,
        "bake_seconds": 10,
    }


def two_target_groups(seen: World) -> dict[str, Any]:
    return {
        **{f"{slot}_target_group": seen["target_groups"][slot] for slot in Slot},
        "production_rule": seen["production_rule"],
        "test_rule": seen["test_rule"],
        "alarms": "\n".join(seen["alarms"]),
    }


def ports(*path: str) -> Callable[[World], tuple[int, ...]]:
    def found(world: World) -> tuple[int, ...]:
        seen = world
        for step in path:
            seen = seen[step]
        if "port" in seen:
            return (seen["port"],)
        return (seen["production_port"], seen["test_port"])

    return found


def bundle(world: World, version: str) -> str:
    seen = world["codedeploy"]["reports"]
    return f"s3://{seen['bucket']}/{seen['keys'][version]}"
