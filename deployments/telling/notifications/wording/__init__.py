"""What is said: the rows that an event is about, read again, become a Content.

What pages show is said in the same words, since it is asked of the same views. Nothing is escaped in here.
"""

from datetime import datetime

from deployments.delivery.models import Deployment, Gate
from deployments.record.models import Event
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.wording import alerts, endings, gates, reading
from deployments.telling.notifications.wording.endings import SOMEBODY_HAS_TO_LOOK
from deployments.telling.notifications.wording.gates import to_a_channel
from deployments.telling.notifications.wording.together import summary
from deployments.telling.notifications.wording.week import weekly

__all__ = ["SOMEBODY_HAS_TO_LOOK", "content_of", "reminder", "summary", "to_a_channel", "weekly"]


def content_of(event: Event, kind: Kind, now: datetime) -> Content | None:
    """None where there is nothing to say, such as of a gate that was decided by now.

    `event`: what is told, or what ends what was told as this kind before.
    """
    if kind.is_operators:
        return alerts.alert(event, kind)
    deployment = reading.deployment_of(event)
    if deployment is None:
        return None
    if kind in (Kind.GATE_WAITS, Kind.GATE_REMINDER, Kind.GATE_DECIDED):
        gate = reading.gate_of(event, deployment)
        return _of_gate(gate, event, kind, now) if gate else None
    return _of_deployment(deployment, event, kind, now)


def reminder(gate: Gate, which: str, now: datetime) -> Content | None:
    """`which`: "AFTER" it has waited for a while, or "BEFORE" its time is over. None if nobody can decide any more."""
    found = reading.gate_again(gate)
    return gates.still_waits(found, now, is_last=which == "BEFORE") if found else None


def _of_gate(gate: Gate, event: Event, kind: Kind, now: datetime) -> Content | None:
    match kind:
        case Kind.GATE_WAITS:
            return gates.waits(gate, now)
        case Kind.GATE_REMINDER:
            return gates.still_waits(gate, now, is_last=False)
    return gates.decided(gate, event)


def _of_deployment(deployment: Deployment, event: Event, kind: Kind, now: datetime) -> Content | None:
    match kind:
        case Kind.LIVE:
            return endings.live(deployment, event, now)
        case Kind.TURNED_BACK:
            return endings.turned_back(deployment, event)
        case Kind.ROLLBACK_FAILED:
            return endings.rollback_failed(deployment, event)
        case Kind.STUCK:
            return endings.stuck(deployment, event)
    return None
