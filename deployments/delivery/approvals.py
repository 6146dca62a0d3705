"""Deciding at gates. A decision is a row of its own, with the evidence the person saw."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from deployments.delivery import absences, gate_seen, queue, standing
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.delivery.models.gate import LONGEST_COMMENT
from deployments.people import chat_rights, rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.vocabulary import GateStatus, Status, Verdict
from deployments.words import joined


class Changed(Refused):
    """What is decided upon is not what was looked at."""

    def __init__(self, what: list[str]) -> None:
        verb = "is" if len(what) == 1 else "are"
        super().__init__(f"Since you looked, {joined(what)} {verb} not as before. Look again, then decide.")
        self.what = what


def approve(*, gate: Gate, principal: Principal, comment: str, now: datetime, seen: str = "") -> Gate:
    """Count one approval; the last one needed lets the deployment go on.

    `seen`: the fingerprint of what they looked at (gate_seen.py); "" for the page, which shows what there is.

    Raises Changed when it is another by now, and Refused: no right, own deployment, not in the group, decided before,
    from a chat where the environment does not take that, closed or expired gate, or a deployment on its way back.
    """
    return _decide(gate, principal, Verdict.APPROVE, comment, now, seen)


def reject(*, gate: Gate, principal: Principal, comment: str, now: datetime, seen: str = "") -> Gate:
    """One rejection is enough: the deployment is rolled back. A comment is required. Raises as `approve` does."""
    if not _comment(comment):
        raise Refused("Say why you reject it; the requester will want to know.", field="comment")
    return _decide(gate, principal, Verdict.REJECT, comment, now, seen)


def require_may_decide(gate: Gate, principal: Principal, now: datetime) -> None:
    """Before somebody is asked for words. Raises Refused where neither verdict of theirs would be taken.

    What changes until they decide, and that they did before, they hear then.
    """
    _require_open(gate, now)
    if refusal := rights.decide_refusal(principal, gate.deciders):
        raise Refused(refusal)
    if refusal := chat_rights.decide_refusal(principal, gate.deployment.environment):
        raise Refused(refusal)


def look_again(*, deployment: Deployment, principal: Principal, now: datetime) -> None:
    """Have AWS looked at now, for whoever thinks at a gate that the release has traffic at.

    Raises Refused: no right to decide, or no gate that is open.
    """
    if refusal := rights.look_again_refusal(principal):
        raise Refused(refusal)
    open_ones = Gate.objects.open().filter(deployment=deployment)
    waiting = Deployment.objects.filter(pk=deployment.pk, status=Status.IN_PROGRESS, gates__in=open_ones)
    # As if AWS had told of something: those who wait for that look, the others do anyway.
    raised = {"events_heard": F("events_heard") + 1, "clicks": F("clicks") + 1, "next_check_at": now}
    if not Deployment.objects.filter(pk__in=waiting.values("pk")).update(**raised):
        raise Refused("No gate is open here any more.")
    queue.nudge(deployment.pk)


def _decide(gate: Gate, principal: Principal, verdict: Verdict, comment: str, now: datetime, seen: str) -> Gate:
    comment = _comment(comment)
    try:
        with transaction.atomic():
            # First this UPDATE: people who click at once, and the engine, queue up behind each other, so that
            # each sees what the others did. Refused undoes it.
            Deployment.objects.filter(pk=gate.deployment_id).update(next_check_at=now, clicks=F("clicks") + 1)
            gate.refresh_from_db()
            require_may_decide(gate, principal, now)
            if principal.user is None:
                raise Refused(rights.decide_refusal(principal, gate.deciders))
            if verdict is Verdict.APPROVE and (refusal := standing.changed_account(gate, principal.user)):
                raise Refused(f"{refusal} Somebody else has to approve.")
            if seen and (what := gate_seen.changed(gate, seen)):
                raise Changed(what)
            evidence: dict[str, Any] = {**gate.evidence, "plan_hash": gate.plan_hash}
            Approval.objects.create(
                gate=gate,
                person=principal.user,
                person_name=principal.name,
                through=principal.through,
                chat=principal.chat,
                verdict=verdict,
                comment=comment,
                evidence=evidence,
                at=now,
            )
            _close_when_decided(gate, principal, verdict, comment, now)
            said = _said(principal, verdict, comment)
            append_event(
                gate.deployment,
                "gate.approved" if verdict is Verdict.APPROVE else "gate.rejected",
                said,
                now=now,
                principal=principal,
                stage=gate.stage,
                data={"approvals": len(standing.counted(gate)), "needed": gate.approvals_needed},
            )
    except IntegrityError as error:
        if not constraints.violated(error, Approval, "approval_once_per_person"):
            raise
        raise Refused("You have already decided at this gate.") from error
    queue.nudge(gate.deployment_id)
    return gate


def _said(principal: Principal, verdict: Verdict, comment: str) -> str:
    if verdict is Verdict.APPROVE:
        return f"Approved by {principal}: {comment}" if comment else f"Approved by {principal}"
    return f"Rejected by {principal}: {comment}" if comment else f"Rejected by {principal}"


def _comment(text: str) -> str:
    """Raises Refused."""
    return typed(text, most=LONGEST_COMMENT, what="The comment", field="comment")


def _require_open(gate: Gate, now: datetime) -> None:
    if not gate.is_open:
        raise Refused(f"This gate is closed: {gate.reason or GateStatus(gate.status).label.lower()}.")
    away = absences.since(now) if gate.has_expired(now) else None
    if gate.has_expired(now) and (away is None or gate.expires_at <= away):
        raise Refused(f"This gate expired at {gate.expires_at:%Y-%m-%d %H:%M} UTC; it can no longer be decided.")
    if gate.deployment.status != Status.IN_PROGRESS:
        raise Refused(f"This deployment is no longer going forward: {gate.deployment.status_reason}")


def _close_when_decided(gate: Gate, principal: Principal, verdict: Verdict, comment: str, now: datetime) -> None:
    if verdict is Verdict.REJECT:
        gate.status = GateStatus.FAILED
        gate.reason = f"rejected by {principal}: {comment}"
    else:
        # Counted again: who approved before may have lost the right since.
        approvals = standing.counted(gate)
        if len(approvals) < gate.approvals_needed:
            return
        gate.status = GateStatus.SUCCEEDED
        gate.reason = f"approved by {', '.join(approval.name for approval in approvals)}"
    gate.closed_at = now
    gate.save(update_fields=["status", "reason", "closed_at"])
    # Until a worker goes on, the row would still say that it waits for approval.
    Deployment.objects.filter(pk=gate.deployment_id).update(waiting_for="")
