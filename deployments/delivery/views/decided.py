"""What people said at a gate, and how it ended."""

from dataclasses import dataclass
from datetime import datetime

from deployments.delivery.models import Gate
from deployments.vocabulary import GateStatus, Verdict


@dataclass(frozen=True, kw_only=True)
class ApprovalView:
    """Of one person; a rejection too."""

    person: str
    verdict: Verdict
    comment: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class GateRecord:
    id: int
    status: GateStatus
    #: why it ended as it did; "" while it is open
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    approvals: tuple[ApprovalView, ...]


def gate_record(gate: Gate) -> GateRecord:
    return GateRecord(
        id=gate.pk,
        status=GateStatus(gate.status),
        reason=gate.reason,
        opened_at=gate.opened_at,
        closed_at=gate.closed_at,
        approvals=approvals(gate),
    )


def approvals(gate: Gate) -> tuple[ApprovalView, ...]:
    return tuple(
        ApprovalView(
            person=approval.person.get_username(),
            verdict=Verdict(approval.verdict),
            comment=approval.comment,
            at=approval.at,
        )
        for approval in gate.approvals.all()
    )


def given(gate: Gate) -> int:
    """How many of the approvals that it needs there are."""
    return sum(1 for approval in gate.approvals.all() if approval.verdict == Verdict.APPROVE)
