"""How long one deployment takes, before anyone wonders why it is so slow."""

import math
from collections.abc import Iterator, Sequence

from deployments.aws.values import TargetGroup
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import stop_timeout
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, ok, warning
from deployments.preflight.words import listed, spelled
from deployments.words import counted

#: AWS's default, which most people never chose
DEFAULT_DEREGISTRATION_DELAY = 300

#: a guess at pulling an image and starting its process, which nothing in AWS tells beforehand
START_SECONDS = 60


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """deregistration-delay, stop-timeout, health-check-timing, deployment-time"""
    groups = readings.groups
    for group in groups:
        yield deregistration_delay(group)
        yield from stop_timeout.after_draining(settings, group)
    if groups:
        slowest = max(groups, key=lambda group: group.health_interval * group.unhealthy_threshold)
        noticed = slowest.health_interval * slowest.unhealthy_threshold
        yield ok(
            "health-check-timing",
            f"A sick target is noticed after {spelled(noticed)} "
            f"({counted(slowest.unhealthy_threshold, 'check')}, "
            f"{slowest.health_interval} s apart); a new one needs a single good check.",
        )
        yield _deployment_time(settings, groups)


def deregistration_delay(group: TargetGroup) -> Result:
    delay = spelled(group.deregistration_delay)
    if group.deregistration_delay < DEFAULT_DEREGISTRATION_DELAY:
        return ok("deregistration-delay", f"Targets of {group.name} drain for {delay}.")
    default = ", which is AWS's default" if group.deregistration_delay == DEFAULT_DEREGISTRATION_DELAY else ""
    return warning(
        "deregistration-delay",
        f"Every target that leaves {group.name} drains for {delay}{default}; each scale-down waits for all of it.",
        "Set deregistration_delay.timeout_seconds to a little more than the longest request takes, often 10 to 30 s.",
    )


def _deployment_time(settings: EnvironmentSettings, groups: Sequence[TargetGroup]) -> Result:
    scale_up = START_SECONDS + max(group.health_interval + group.health_timeout for group in groups)
    drain = max(group.deregistration_delay for group in groups)
    times = _times(settings, scale_up + settings.bake_seconds)
    gates = f", and the time that {counted(len(settings.gates), 'gate')} will wait" if settings.gates else ""
    return ok(
        "deployment-time",
        f"Until all is baked, one deployment takes about {listed(times)}{gates} (about {spelled(scale_up)} "
        "to start and "
        f"become healthy, {spelled(settings.bake_seconds)} at 100 %). The source is then kept for "
        f"{spelled(settings.termination_wait_seconds)} and drains for {spelled(drain)}.",
    )


def _times(settings: EnvironmentSettings, other_seconds: int) -> Iterator[str]:
    """By each strategy, with what passes besides its baking below 100 %."""
    yield f"{spelled(other_seconds)} as blue/green"
    yield f"{spelled(other_seconds + settings.canary_bake_seconds)} as canary"
    steps = math.ceil(100 / settings.linear_percent)
    yield f"{spelled(other_seconds + (steps - 1) * settings.linear_bake_seconds)} as linear"
    if settings.ladder:
        # The last rung is 100 %, where the environment's own bake time counts.
        bakes = [rung.partition(":")[2].strip() for rung in settings.ladder.split(",")][:-1]
        yield f"{spelled(other_seconds + sum(int(bake) for bake in bakes if bake.isdecimal()))} by the ladder"
