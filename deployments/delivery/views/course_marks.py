"""What stands on the axis besides numbers: while who was waited for, and what happened that is no step of the plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployments.delivery.models import Gate
from deployments.delivery.views import said_once
from deployments.record.kinds import Kind
from deployments.record.models import Event
from deployments.vocabulary import GateStatus
from deployments.words import counted

#: An alarm is named by what turned it back: "Alarm shop-5xx is in ALARM".
_ALARM = "ALARM"


class MarkKind(StrEnum):
    ALARM = "alarm"
    TROUBLE = "trouble"
    EVENT = "event"


_MARKED: dict[str, MarkKind] = {
    Kind.DEPLOYMENT_GONE_ON: MarkKind.EVENT,
    Kind.DEPLOYMENT_EXTENDED: MarkKind.EVENT,
    Kind.DEPLOYMENT_FINISHED_NOW: MarkKind.EVENT,
    Kind.DEPLOYMENT_STOP_REQUESTED: MarkKind.EVENT,
    Kind.DEPLOYMENT_ROLLBACK_REQUESTED: MarkKind.EVENT,
    Kind.DEPLOYMENT_ROLLBACK_RETRIED: MarkKind.EVENT,
    Kind.DEPLOYMENT_ROLLBACK_STARTED: MarkKind.TROUBLE,
    Kind.DEPLOYMENT_FAILED: MarkKind.TROUBLE,
    Kind.DEPLOYMENT_STUCK: MarkKind.TROUBLE,
    Kind.DEPLOYMENT_UNWATCHED: MarkKind.TROUBLE,
    Kind.CHECKS_FAILED: MarkKind.TROUBLE,
    Kind.AWS_TROUBLE: MarkKind.TROUBLE,
}


@dataclass(frozen=True, kw_only=True)
class GateSpan:
    opened_at: datetime
    #: None while it waits
    closed_at: datetime | None
    #: for whom, or what they said, such as "approved by anna"
    who: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    at: datetime
    kind: MarkKind
    #: in the reader's language
    text: str


def span(gate: Gate) -> GateSpan:
    """`who` of one that is open names its groups."""
    groups = " or ".join(group.name for group in gate.groups.all()) or "anyone with the right to approve"
    waits = f"waits for {counted(gate.approvals_needed, 'approval')} by {groups}"
    who = waits if gate.status == GateStatus.AWAITING_ACTION else gate.reason or GateStatus(gate.status).label.lower()
    return GateSpan(opened_at=gate.opened_at, closed_at=gate.closed_at, who=who)


def marks(events: Iterable[Event], begins: datetime) -> tuple[Mark, ...]:
    """Oldest first; `events`: newest first. An alarm stands where it rang, which is before we looked."""
    marked = [*said_once.once([event for event in events if event.kind in _MARKED])]
    found = (Mark(at=_at(event, begins), kind=_kind(event), text=event.told) for event in reversed(marked))
    return tuple(sorted(found, key=lambda mark: mark.at))


def _at(event: Event, begins: datetime) -> datetime:
    """By CloudWatch's clock where that told of it, unless it is not of the time that is shown."""
    rang = datetime.fromisoformat(event.data["alarm_since"]) if "alarm_since" in event.data else event.at
    return rang if begins <= rang <= event.at else event.at


def _kind(event: Event) -> MarkKind:
    return MarkKind.ALARM if _ALARM in event.message else _MARKED[event.kind]
