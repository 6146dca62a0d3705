"""How long a container gets between SIGTERM and SIGKILL where the environment says so, and what comes before that."""

from collections.abc import Iterator

from deployments.aws.values import TargetGroup
from deployments.frozen import EnvironmentSettings
from deployments.preflight.report import Result, error, ok
from deployments.preflight.words import spelled

#: Seconds; AWS refuses others on Fargate.
LONGEST_ON_FARGATE = 120


def check(settings: EnvironmentSettings, fargate: bool) -> Iterator[Result]:
    """stop-timeout: whether AWS takes it"""
    if fargate and (settings.stop_timeout or 0) > LONGEST_ON_FARGATE:
        yield error(
            "stop-timeout",
            f"AWS would refuse a stopTimeout of {settings.stop_timeout} s: on Fargate it takes {LONGEST_ON_FARGATE} s "
            "at most.",
            f"Set the environment's stop time-out to {LONGEST_ON_FARGATE} s or less.",
        )


def after_draining(settings: EnvironmentSettings, group: TargetGroup) -> Iterator[Result]:
    """stop-timeout: ECS first has a target drain, then stops its task"""
    seconds, delay = settings.stop_timeout, group.deregistration_delay
    if seconds is None:
        return
    meets = (
        "no request is left by then, so that is for what else it does"
        if delay >= seconds
        else f"a request that takes longer than {spelled(delay)} is cut off by the load balancer before"
    )
    yield ok(
        "stop-timeout",
        f"A task that leaves {group.name} drains for {spelled(delay)}, then gets SIGTERM and, {spelled(seconds)} later "
        f"(stopTimeout), SIGKILL; {meets}.",
    )
