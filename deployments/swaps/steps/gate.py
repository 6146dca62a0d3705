"""What a gate means for the step it stands at; the same for every controller."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deployments.frozen import GateSpec
from deployments.swaps.decisions import Decision, ExpireGate, Fail, OpenGate, Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.vocabulary import GateStatus, TimeoutAction
from deployments.words import duration_words

#: How often a gate that AWS holds is looked at, since it may be answered, stopped or overtaken in the console.
LOOK_EVERY = timedelta(seconds=30)


def at_gate(
    snapshot: Snapshot[Facts],
    now: datetime,
    evidence: Callable[[], Mapping[str, Any]],
    *,
    held_by_aws: bool = False,
    may_change_meanwhile: bool = False,
    expires_at: datetime | None = None,
    held_until: datetime | None = None,
    asked: GateSpec | None = None,
) -> Decision | None:
    """What the gate of this step demands, or None when the way is free.

    A gate of our own is looked at when somebody clicks or its time is over. One that AWS holds, and whose
    `expires_at` may be AWS's, is looked at in between too; so is one where somebody else may change meanwhile what
    people decide on. `asked` is a gate that a step without one turned out to need.
    """
    spec = snapshot.step.gate or asked
    if spec is None:
        return None
    gate = snapshot.gate
    if gate is None:
        return OpenGate(
            reason=f"Waiting for {spec.sentence}",
            spec=spec,
            evidence=evidence(),
            expires_at=expires_at,
            held_until=held_until,
        )
    match gate.status:
        case GateStatus.SUCCEEDED:
            return None
        case GateStatus.AWAITING_ACTION if now >= gate.expires_at:
            return ExpireGate(reason=f"Nobody decided within {duration_words(60 * spec.timeout_minutes)}")
        case GateStatus.AWAITING_ACTION:
            looks = held_by_aws or may_change_meanwhile
            until = min(gate.expires_at, _next_look(now)) if looks else gate.expires_at
            return Wait(reason=f"Waiting for {spec.sentence}", until=until)
        case GateStatus.TIMED_OUT if gate.timeout_action == TimeoutAction.CONTINUE:
            return None
        case GateStatus.TIMED_OUT:
            return Fail(reason=f"The gate expired: nobody decided within {duration_words(60 * spec.timeout_minutes)}.")
        case GateStatus.FAILED:
            return Fail(reason=f"The gate was {gate.reason}.")


def _next_look(now: datetime) -> datetime:
    """The next whole half minute of the clock: those who wait are looked at together, in one call."""
    start_of_day = datetime(now.year, now.month, now.day, tzinfo=UTC)
    return start_of_day + ((now - start_of_day) // LOOK_EVERY + 1) * LOOK_EVERY


def is_waiting(snapshot: Snapshot[Facts], now: datetime) -> bool:
    """An open, unexpired gate: nothing is done until somebody decides."""
    gate = snapshot.gate
    return gate is not None and gate.status == GateStatus.AWAITING_ACTION and now < gate.expires_at
