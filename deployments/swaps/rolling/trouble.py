"""Why a rollout does not get on, in a sentence: from ECS's events, stopped tasks and target health."""

from deployments.aws.values import Service
from deployments.evidence import targets
from deployments.swaps.rolling.observe import Observed

_TELLING = ("unhealthy", "unable", "failed", "CannotPull")


def why(observed: Observed) -> str:
    """Stopped tasks say the most; a task that ECS replaces says it in an event; a target says what it answered."""
    words = [*_stopped(observed), *_events(observed.service)[:1]]
    if any(target.state != "healthy" for target in observed.health):
        words.append(f"Targets: {targets.describe(observed.health)}.")
    return " ".join(words) or "ECS gives no reason."


def failed_event(service: Service, deployment: str) -> str:
    """ECS's word on a deployment that it gave up; "" when it did not."""
    return next((event for event in service.events if deployment in event and "failed" in event), "")


def _stopped(observed: Observed) -> list[str]:
    for task in observed.stopped:
        container = next(iter(task.reasons.values()), "")
        codes = [str(code) for code in task.exit_codes.values() if code is not None]
        reason = container or task.stopped_reason
        if reason:
            code = f" (exit code {', '.join(codes)})" if codes else ""
            return [f"A task stopped: {reason.rstrip('.')}{code}."]
    return []


def _events(service: Service | None) -> list[str]:
    """Those since the service was last steady: first what a target answered, then the newest."""
    found = []
    for message in service.events if service else ():
        if "has reached a steady state" in message:
            break
        if any(word in message for word in _TELLING):
            found.append(f"ECS says: {message.rstrip('.')}.")
    return sorted(found, key=lambda told: "is unhealthy in" not in told)
