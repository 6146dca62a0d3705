"""What a gate means for the step it stands at; the same for every controller."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from deployments.controllers.decisions import Decision, ExpireGate, Fail, OpenGate, Snapshot, Wait
from deployments.vocabulary import GateStatus, TimeoutAction
from deployments.words import duration_words


def at_gate(
    snapshot: Snapshot,
    now: datetime,
    evidence: Callable[[], Mapping[str, Any]],
    *,
    expires_at: datetime | None = None,
) -> Decision | None:
    """What the gate of this step demands, or None when the way is free. `expires_at`: AWS's, if it holds the gate."""
    spec = snapshot.step.gate
    if spec is None:
        return None
    gate = snapshot.gate
    if gate is None:
        return OpenGate(reason=f"Waiting for {spec.sentence}", spec=spec, evidence=evidence(), expires_at=expires_at)
    match gate.status:
        case GateStatus.SUCCEEDED:
            return None
        case GateStatus.AWAITING_ACTION if now >= gate.expires_at:
            return ExpireGate(reason=f"Nobody decided within {duration_words(60 * spec.timeout_minutes)}")
        case GateStatus.AWAITING_ACTION:
            return Wait(reason=f"Waiting for {spec.sentence}", until=gate.expires_at)
        case GateStatus.TIMED_OUT if gate.timeout_action == TimeoutAction.CONTINUE:
            return None
        case GateStatus.TIMED_OUT:
            return Fail(reason=f"The gate expired: nobody decided within {duration_words(60 * spec.timeout_minutes)}.")
        case GateStatus.FAILED:
            return Fail(reason=f"The gate was {gate.reason}.")


def is_waiting(snapshot: Snapshot, now: datetime) -> bool:
    """An open, unexpired gate: nothing needs to be read from AWS on its behalf."""
    gate = snapshot.gate
    return gate is not None and gate.status == GateStatus.AWAITING_ACTION and now < gate.expires_at
