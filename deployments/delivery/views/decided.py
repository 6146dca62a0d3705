"""What people said at a gate, and how it ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from deployments.delivery.models import Gate
from deployments.delivery.standing import standings as standing_now
from deployments.people.principal import by_way_of
from deployments.vocabulary import GateStatus, Verdict


@dataclass(frozen=True, kw_only=True)
class ApprovalView:
    """Of one person; a rejection too."""

    #: as they were called then
    person: str
    verdict: Verdict
    comment: str
    at: datetime
    #: the token by which they decided through the API; "" = on the page
    through: str = ""
    #: the account of a chat by which they decided there; "" = on the page
    chat: str = ""

    @property
    def way(self) -> str:
        """What follows the name, such as ", in Slack as U2CERLKJA (Acme)"; "" = on the page."""
        return by_way_of(through=self.through, chat=self.chat)


@dataclass(frozen=True, kw_only=True)
class StandingView(ApprovalView):
    #: towards what the gate needs, as people and rights are now
    counts: bool
    #: why it does not count, in a sentence; "" when it does
    objection: str
    #: what happened to the account since the deployment was requested, in sentences
    changes: tuple[str, ...]


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
            person=approval.name,
            verdict=Verdict(approval.verdict),
            comment=approval.comment,
            at=approval.at,
            through=approval.through,
            chat=approval.chat,
        )
        for approval in gate.approvals.all()
    )


def standings(gate: Gate) -> tuple[StandingView, ...]:
    """Of a gate that is open: what was given, and whether it counts now."""
    return tuple(
        StandingView(
            person=standing.approval.name,
            verdict=Verdict(standing.approval.verdict),
            comment=standing.approval.comment,
            at=standing.approval.at,
            through=standing.approval.through,
            chat=standing.approval.chat,
            counts=standing.counts,
            objection=standing.objection,
            changes=standing.changes,
        )
        for standing in standing_now(gate)
    )


def given(approvals: Iterable[StandingView]) -> int:
    """How many of the approvals that it needs there are."""
    return sum(1 for approval in approvals if approval.counts)
