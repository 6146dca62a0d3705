"""The two target groups: different, there, side by side, and of the type that the network mode needs."""

from collections.abc import Iterator

from deployments.aws.values import TargetGroup
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok
from deployments.preflight.task_definition import network_mode
from deployments.preflight.words import listed, named
from deployments.vocabulary import Slot


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """target-groups, target-groups-vpc, target-groups-load-balancer"""
    if settings.blue_target_group == settings.green_target_group:
        yield error(
            "target-groups",
            f"Both slots have the same target group, {named(settings.blue_target_group)}.",
            "Make a second target group with the same settings and give it to the other slot.",
        )
        return
    found = {slot: readings.target_group(slot) for slot in Slot}
    for slot, group in found.items():
        if group is None:
            yield error(
                "target-groups",
                f"The {slot} target group {settings.target_group(slot)} does not exist.",
                "Correct its ARN in the environment; a target group that is made anew gets another ARN.",
            )
    blue, green = found[Slot.BLUE], found[Slot.GREEN]
    if blue and green:
        yield ok("target-groups", f"{blue.name} and {green.name} exist.")
        yield _vpc(blue, green)
        yield _load_balancer(blue, green)


def target_type(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """target-type"""
    mode = network_mode(readings.base(artefact))
    wanted = "ip" if mode == "awsvpc" else "instance"
    groups = readings.groups
    wrong = [f"{group.name} has {group.target_type}" for group in groups if group.target_type != wanted]
    if wrong:
        yield error(
            "target-type",
            f"The network mode {mode} needs target type {wanted}, but {listed(wrong)}.",
            f"A target group's type cannot be changed: make a new one of type {wanted}.",
        )
    elif groups:
        yield ok("target-type", f"Target type {wanted} fits the network mode {mode}.")


def _vpc(blue: TargetGroup, green: TargetGroup) -> Result:
    if blue.vpc == green.vpc:
        return ok("target-groups-vpc", f"Both target groups are in {blue.vpc}.")
    return error(
        "target-groups-vpc",
        f"{blue.name} is in {blue.vpc}, but {green.name} is in {green.vpc}.",
        "Both must be in the VPC of the load balancer: make the other one anew.",
    )


def _load_balancer(blue: TargetGroup, green: TargetGroup) -> Result:
    if detached := [group.name for group in (blue, green) if not group.load_balancer_arns]:
        return error(
            "target-groups-load-balancer",
            f"No load balancer uses {listed(detached)}, so its targets are never health-checked.",
            "Add it to the production rule with weight 0.",
        )
    if set(blue.load_balancer_arns) == set(green.load_balancer_arns):
        return ok("target-groups-load-balancer", f"Both belong to {named(blue.load_balancer_arns[0])}.")
    return error(
        "target-groups-load-balancer",
        f"{blue.name} belongs to {named(blue.load_balancer_arns[0])}, but {green.name} to "
        f"{named(green.load_balancer_arns[0])}.",
        "One rule can only forward to target groups of its own load balancer: attach both to the same one.",
    )
