"""What was seen when a deployment failed: lines, and the end of a log."""

from collections.abc import Iterator, Mapping

from deployments.delivery.models import Deployment
from deployments.delivery.views import checked
from deployments.delivery.views.failure_seen import FailureView, StoppedTaskView, TargetHealthView, failure_of
from deployments.delivery.views.found import found
from deployments.telling.notifications import log_tails

_MOST_EVENTS = 5


def seen(deployment: Deployment) -> tuple[tuple[str, ...], str]:
    """Both are empty as long as nothing is known: it is looked for on the way back."""
    failure = failure_of(deployment, deployment.stage_runs.all())
    lines = tuple(_lines(failure)) if failure else ()
    return lines, log_tails.shortened(failure.log if failure and failure.log else _log_of_a_task(deployment))


def _lines(failure: FailureView) -> Iterator[str]:
    yield from (_target(target) for target in failure.health)
    yield from (_stopped(task) for task in failure.stopped_tasks)
    yield from (f"ECS: {event}" for event in failure.events[:_MOST_EVENTS])


def _target(target: TargetHealthView) -> str:
    why = " ".join(part for part in (target.reason, target.description) if part)
    return f"Target {target.target} of the load balancer is {target.state}" + (f": {why}" if why else "")


def _stopped(task: StoppedTaskView) -> str:
    codes = [f"{name} with exit code {code}" for name, code in _known(task.exit_codes).items()]
    reasons = "; ".join(reason for reason in (task.reason, *task.reasons.values()) if reason)
    said = ", ".join([f"Task {task.id} stopped", *codes])
    return f"{said}: {reasons}" if reasons else said


def _known(codes: Mapping[str, int | None]) -> dict[str, int]:
    return {name: code for name, code in codes.items() if code is not None}


def _log_of_a_task(deployment: Deployment) -> tuple[str, ...]:
    """Of a one-off task that ended badly, where no task of the release did."""
    bad = (task.log for task in checked.one_off_tasks(found(deployment).tasks) if task.exit_code or task.cut_short)
    return next((log for log in bad if log), ())
