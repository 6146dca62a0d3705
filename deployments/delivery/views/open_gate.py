"""The gate that waits for people: what it asks of whom, what they see, and whether the reader may decide."""

from dataclasses import dataclass
from datetime import datetime

from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views import decided, links
from deployments.delivery.views.decided import StandingView
from deployments.delivery.views.found import found
from deployments.delivery.views.gate_evidence import EvidenceView, evidence
from deployments.delivery.views.links import LinkView
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import TimeoutAction
from deployments.words import full_stop


@dataclass(frozen=True, kw_only=True)
class GateView:
    id: int
    stage: str
    opened_at: datetime
    expires_at: datetime
    #: when nobody could decide, and what became of that time, in a sentence; "" = everybody could all the time
    lost: str
    timeout_action: TimeoutAction
    approvals_needed: int
    #: those that count
    approvals_given: int
    #: how many are still to be given
    missing: int
    approvals: tuple[StandingView, ...]
    #: of whom; () is everyone with the right to approve
    groups: tuple[str, ...]
    requester_may_approve: bool
    #: why the reader may not decide, in a sentence; "" when they may
    refusal: str
    evidence: EvidenceView
    #: who watches meanwhile, in a sentence; "" where production has no share of the release to watch
    watch: str
    #: when AWS was last measured
    looked_at: datetime | None
    #: to what somebody may want to look at
    links: tuple[LinkView, ...]


def gate_view(gate: Gate, deployment: Deployment, principal: Principal, looked_at: datetime | None) -> GateView:
    known, approvals = found(deployment), decided.standings(gate)
    given = decided.given(approvals)
    return GateView(
        id=gate.pk,
        stage=gate.stage,
        opened_at=gate.opened_at,
        expires_at=gate.expires_at,
        lost=gate.lost,
        timeout_action=TimeoutAction(gate.timeout_action),
        approvals_needed=gate.approvals_needed,
        approvals_given=given,
        missing=max(gate.approvals_needed - given, 0),
        approvals=approvals,
        groups=tuple(group.name for group in gate.groups.all()),
        requester_may_approve=gate.requester_may_approve,
        refusal=rights.decide_refusal(principal, gate.deciders),
        evidence=evidence(gate.evidence or {}, deployment),
        watch=full_stop(known.watch) if known.percent else "",
        looked_at=looked_at,
        links=links.of_gate(deployment),
    )
