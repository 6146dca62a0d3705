"""Why a task still runs that should be gone: ECS stops none that is protected from scale-in, for up to 48 hours."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Service
from deployments.swaps.decisions import Decision, Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.swaps.reports import HeldTask
from deployments.words import counted

#: A target group's default deregistration delay: what takes no longer than that needs no explanation.
PATIENCE = timedelta(minutes=5)


def is_told(service: Service, since: datetime) -> bool:
    """Whether ECS said so itself, in an event that came with the service."""
    return service.protected_since is not None and service.protected_since >= since


def is_overdue(since: datetime, now: datetime) -> bool:
    return now - since > PATIENCE


def holding(gateway: Gateway, cluster: str, service: str, *, staying: str = "") -> tuple[ProtectedTask, ...]:
    """The protected tasks of a service, but those of the task definition that it keeps. Raises transient AwsErrors."""
    try:
        found = gateway.protected_tasks(cluster, service)
    except AwsError as exc:
        if exc.transient:
            raise
        return ()  # An older policy does not allow it: then the page says only that tasks still run.
    return tuple(each for each in found if each.task_definition != staying)


def noted(decision: Decision, snapshot: Snapshot[Facts], protected: Sequence[ProtectedTask]) -> Decision:
    """The decision; while it is waited for such tasks, with which they are, for whoever wants to know."""
    held = tuple(HeldTask(id=each.id, task_definition=each.task_definition, until=each.until) for each in protected)
    if not isinstance(decision, Wait) or held == snapshot.facts.held:
        return decision
    return replace(decision, facts=replace(decision.facts or snapshot.facts, held=held))


def explained(protected: Sequence[ProtectedTask], running: int | None = None) -> str:
    """To follow a sentence about so many `running` tasks; "" when none is protected."""
    if not protected:
        return ""
    count = len(protected)
    subject = "it is" if count == running == 1 else counted(count, "is", "are")
    ends = [each.until for each in protected if each.until]
    if not ends:
        return f"; {subject} protected from scale-in (ecs:UpdateTaskProtection)"
    end = f"{max(ends):%Y-%m-%d %H:%M} UTC"
    if count == 1:
        return f"; {subject} protected from scale-in until {end} (ecs:UpdateTaskProtection)"
    return f"; {subject} protected from scale-in, the last until {end} (ecs:UpdateTaskProtection)"
