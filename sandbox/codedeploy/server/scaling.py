"""Auto Scaling groups as CodeDeploy uses them: a copy for the replacement fleet, and the end of the original.

moto's records, changed by moto's own methods: see ``traffic`` for why it is not the API.
"""

from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends

from sandbox.account import ACCOUNT
from sandbox.codedeploy.halts import Failed


def exists(region: str, name: str) -> bool:
    return name in _backend(region).autoscaling_groups


def copy(region: str, name: str, new_name: str) -> None:
    """As many new instances, from the same launch template; not yet in any target group."""
    backend = _backend(region)
    original = backend.autoscaling_groups.get(name)
    if original is None:
        raise Failed("AUTO_SCALING_CONFIGURATION", f"The Auto Scaling group {name} cannot be found.")
    # Described by id and by name, asked for by one of the two.
    template = {key: value for key, value in (original.launch_template or {}).items() if key != "LaunchTemplateName"}
    tags = [tag | {"ResourceId": new_name} for tag in original.tags]
    backend.create_auto_scaling_group(
        name=new_name,
        availability_zones=original.availability_zones,
        desired_capacity=original.desired_capacity,
        max_size=original.max_size,
        min_size=original.min_size,
        launch_config_name=None if template else original.launch_configuration_name,
        launch_template=template,
        vpc_zone_identifier=original.vpc_zone_identifier,
        default_cooldown=original.default_cooldown,
        health_check_period=original.health_check_grace_period,
        health_check_type=original.health_check_type,
        load_balancers=[],
        target_group_arns=[],
        placement_group=original.placement_group,
        termination_policies=original.termination_policies,
        tags=tags,
    )


def hand_over(region: str, name: str, new_name: str) -> None:
    """The target groups of the one become those of the other, for instances that come later."""
    groups = _backend(region).autoscaling_groups
    if name in groups and new_name in groups:
        groups[new_name].target_group_arns = groups[name].target_group_arns


def remove(region: str, name: str) -> None:
    """The group and its instances."""
    if exists(region, name):
        _backend(region).delete_auto_scaling_group(name)


def suspend(region: str, names: list[str], processes: list[str]) -> dict[str, list[str]]:
    """What was suspended by this, by group: not what its owner has suspended already."""
    groups, done = _backend(region).autoscaling_groups, dict[str, list[str]]()
    for name in names:
        if name in groups:
            already = _suspended(groups[name])
            done[name] = [each for each in processes if each not in already]
            groups[name].suspended_processes = [*already, *done[name]]
    return done


def resume(region: str, suspended: dict[str, list[str]]) -> None:
    groups = _backend(region).autoscaling_groups
    for name, processes in suspended.items():
        if name in groups:
            groups[name].suspended_processes = [each for each in _suspended(groups[name]) if each not in processes]


def _suspended(group: Any) -> list[str]:
    return [each["ProcessName"] for each in group.suspended_processes]


def terminate(region: str, numbers: list[str]) -> None:
    ec2 = ec2_backends[ACCOUNT][region]
    alive = [number for number in numbers if ec2.get_instance_by_id(number) is not None]
    if alive:
        ec2.terminate_instances(alive)


def _backend(region: str) -> Any:
    return autoscaling_backends[ACCOUNT][region]
