"""Hooks of a service that ECS shifts: its owner's pauses and functions, and one at which a deployment waits now."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from deployments.aws import values
from deployments.frozen import EnvironmentSettings
from deployments.preflight.native_readings import NativeReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed
from deployments.vocabulary import Stage
from deployments.words import counted

#: How long ECS waits for our checks where nobody decides.
CHECKS_TIMEOUT_MINUTES = 60


def own(settings: EnvironmentSettings, found: values.Service) -> Iterator[Result]:
    """own-pauses, own-functions: those that ECS runs for the service's owner, in every deployment."""
    yield from _pauses(settings, found)
    hooks = found.deployment_configuration.get("lifecycleHooks", ())
    functions = [hook for hook in hooks if hook.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA"]
    if functions:
        told = [f"{_named(hook)} at {listed(hook.get('lifecycleStages', ()))}" for hook in functions]
        yield ok(
            "own-functions",
            f"ECS runs {counted(len(functions), 'Lambda hook')} of {found.name}'s own here too: {listed(told)}.",
        )


def waiting(settings: EnvironmentSettings, found: values.Service, readings: NativeReadings) -> Iterator[Result]:
    """waiting-hook: asked only where another deployment runs."""
    native = readings.current(found)
    if native is None or native.awaiting is None:
        return
    hook, number = native.awaiting, native.arn.rsplit("/", 1)[-1]
    since, minutes = _since(native, hook)
    at = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    until = f", until {hook.expires_at:%Y-%m-%d %H:%M} UTC at most" if hook.expires_at else ""
    ours = _is_ours(settings, native.stage, minutes)
    whose = " It is the pause of this environment's gate, from an earlier deployment of Tealgate." if ours else ""
    yield error(
        "waiting-hook",
        f"ECS's deployment {number} of {found.name}, which is not Tealgate's, waits at the pause {hook.id} of "
        f"{native.stage}{at}{until}.{whose}",
        "Let it go on, or have it roll back: aws ecs continue-service-deployment --service-deployment-arn "
        f"{native.arn} --hook-id {hook.id} --action CONTINUE (or ROLLBACK).",
    )


def _pauses(settings: EnvironmentSettings, found: values.Service) -> Iterator[Result]:
    hooks = found.deployment_configuration.get("lifecycleHooks", ())
    pauses = {stage for hook in hooks if hook.get("targetType") == "PAUSE" for stage in hook.get("lifecycleStages", ())}
    gates = {gate.stage for gate in settings.gates if gate.stage != Stage.PRE_SCALE_UP}
    checked = {Stage.POST_TEST_TRAFFIC_SHIFT} if settings.smoke_checks or settings.webhooks else set()
    for stage in sorted(pauses & checked - gates):
        yield warning(
            "own-pauses",
            f"{found.name} has a pause of its own at {stage}. Tealgate has its checks there, and lets ECS go on as "
            "soon as they are good.",
            f"Add a gate at {stage} to the environment if people are to decide there.",
        )
    if others := sorted(pauses - checked - gates):
        yield warning(
            "own-pauses",
            f"{found.name} has a pause of its own at {listed(others)}: Tealgate keeps it, and does not answer it.",
            "Answer it in ECS in every deployment (ContinueServiceDeployment), or have a gate of the environment "
            "instead.",
        )


def _since(native: values.NativeDeployment, hook: values.PauseHook) -> tuple[datetime | None, int]:
    """When the pause began, and for how many minutes it is: ECS tells when it ends."""
    pauses = (
        each for each in native.configuration.get("lifecycleHooks", ())
        if each.get("targetType") == "PAUSE" and native.stage in each.get("lifecycleStages", ())
    )  # fmt: skip
    pause: Mapping[str, Any] = next(pauses, {})
    minutes = int(pause.get("timeoutConfiguration", {}).get("timeoutInMinutes", 0))
    return (hook.expires_at - timedelta(minutes=minutes) if hook.expires_at and minutes else None), minutes


def _is_ours(settings: EnvironmentSettings, stage: str, minutes: int) -> bool:
    """As Tealgate makes it for this environment: of a gate there, or of its checks."""
    gates = (gate for gate in settings.gates if gate.stage == stage and gate.timeout_minutes == minutes)
    if stage != Stage.PRE_SCALE_UP and any(gates):
        return True
    checks = bool(settings.smoke_checks or settings.webhooks)
    return checks and stage == Stage.POST_TEST_TRAFFIC_SHIFT and minutes == CHECKS_TIMEOUT_MINUTES


def _named(hook: Mapping[str, Any]) -> str:
    return str(hook.get("hookTargetArn", "")).rsplit(":", 1)[-1]
