"""Application Auto Scaling must not scale in the middle of a shift: live slot active, idle slot suspended."""

from collections.abc import Iterator

from deployments.aws.values import ScalableTarget
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, ok, warning
from deployments.vocabulary import Slot


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """scalable-targets, scaling-suspended, scaling-limits"""
    found = readings.scalable_targets
    missing = [slot for slot in Slot if slot not in found]
    if len(missing) == 2:
        yield ok("scalable-targets", "Neither service is scaled automatically.")
        return
    if missing:
        name, other = settings.service(missing[0]), settings.service(missing[0].other)
        yield warning(
            "scalable-targets",
            f"{other} is scaled automatically, but {name} is not: when {missing[0]} is live, nobody scales it.",
            f"Register {name} as a scalable target with the same limits and policies.",
        )
    else:
        yield ok("scalable-targets", "Both services are scaled automatically.")
    live = readings.live_slot
    for slot, scalable in found.items():
        yield _suspended(settings.service(slot), scalable, live=slot is live)
        yield from _limits(settings.service(slot), scalable, readings.source.desired)


def _suspended(name: str, scalable: ScalableTarget, *, live: bool) -> Result:
    if live and scalable.suspended:
        return warning(
            "scaling-suspended",
            f"{name} is live, but its scaling is suspended: it does not grow with its load.",
            "Resume it (RegisterScalableTarget, SuspendedState), unless somebody suspended it on purpose.",
        )
    if not live and not scalable.suspended:
        return warning(
            "scaling-suspended",
            f"{name} is idle, but its scaling is not suspended: it may start tasks that nobody uses. "
            "Tealgate suspends "
            "it during a deployment.",
            "Suspend scale-in, scale-out and scheduled scaling of the idle slot.",
        )
    if live:
        return ok("scaling-suspended", f"Scaling of {name} is active, as it should be.")
    return ok("scaling-suspended", f"Scaling of {name} is suspended, as it should be.")


def _limits(name: str, scalable: ScalableTarget, count: int) -> Iterator[Result]:
    if scalable.minimum > count:
        yield warning(
            "scaling-limits",
            f"The minimum capacity of {name} is {scalable.minimum}, but the live slot has a desired count of "
            f"{count}: "
            "scaling starts more tasks as soon as it is resumed.",
            f"Set its minimum to {count} or less, or raise the desired count first.",
        )
    elif scalable.maximum < count:
        yield warning(
            "scaling-limits",
            f"The maximum capacity of {name} is {scalable.maximum}, but the live slot has a desired count of "
            f"{count}: "
            "scaling stops tasks as soon as it is resumed.",
            f"Set its maximum to {count} or more.",
        )


def while_ecs_shifts(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings
) -> Iterator[Result]:
    """scalable-targets: of the one service that ECS itself shifts."""
    for scalable in readings.scalable_targets.values():
        yield ok(
            "scalable-targets",
            f"{_scaled(settings, scalable)}: ECS does not scale in during a deployment, but it still scales out.",
        )
    if not readings.scalable_targets:
        yield ok("scalable-targets", f"{settings.service_name} is not scaled automatically.")


def while_codedeploy_shifts(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings
) -> Iterator[Result]:
    """scalable-targets: of the one service that CodeDeploy shifts."""
    for scalable in readings.scalable_targets.values():
        if scalable.suspended:
            yield ok("scalable-targets", f"{_scaled(settings, scalable)}, which is suspended now.")
            continue
        yield warning(
            "scalable-targets",
            f"{_scaled(settings, scalable)}: when that happens in the middle of a deployment, CodeDeploy tries again "
            "for some minutes and then fails the deployment.",
            "Deploy when the load is steady, or suspend scaling meanwhile (RegisterScalableTarget, SuspendedState).",
        )
    if not readings.scalable_targets:
        yield ok("scalable-targets", f"{settings.service_name} is not scaled automatically.")


def _scaled(settings: EnvironmentSettings, scalable: ScalableTarget) -> str:
    return f"{settings.service_name} is scaled automatically between {scalable.minimum} and {scalable.maximum} tasks"
