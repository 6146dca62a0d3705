"""Deciding at gates. A decision is a row of its own, with the evidence the person saw."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F

from deployments.delivery import queue
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people import rights
from deployments.record.append import Actor, append_event
from deployments.refused import Refused
from deployments.vocabulary import GateStatus, Status, Verdict


def approve(*, gate: Gate, person: User, comment: str, now: datetime) -> Gate:
    """Count one approval; the last one needed lets the deployment go on.

    Raises Refused: no right, own deployment, not in the group, decided before, closed or expired gate,
    or a deployment that is on its way back.
    """
    return _decide(gate, person, Verdict.APPROVE, comment, now)


def reject(*, gate: Gate, person: User, comment: str, now: datetime) -> Gate:
    """One rejection is enough: the deployment is rolled back. A comment is required."""
    if not comment.strip():
        raise Refused("Say why you reject it; the requester will want to know.", field="comment")
    return _decide(gate, person, Verdict.REJECT, comment, now)


def look_again(*, deployment: Deployment, person: User, now: datetime) -> None:
    """Have AWS looked at now, for whoever thinks at a gate that the release has traffic at.

    Raises Refused: no right to decide, or no gate that is open.
    """
    if refusal := rights.look_again_refusal(person):
        raise Refused(refusal)
    open_ones = Gate.objects.open().filter(deployment=deployment)
    waiting = Deployment.objects.filter(pk=deployment.pk, status=Status.IN_PROGRESS, gates__in=open_ones)
    # As if AWS had told of something: those who wait for that look, the others do anyway.
    raised = {"tellings": F("tellings") + 1, "clicks": F("clicks") + 1, "next_check_at": now}
    if not Deployment.objects.filter(pk__in=waiting.values("pk")).update(**raised):
        raise Refused("No gate is open here any more.")
    queue.nudge(deployment.pk)


def _decide(gate: Gate, person: User, verdict: Verdict, comment: str, now: datetime) -> Gate:
    try:
        with transaction.atomic():
            # First this UPDATE: people who click at once, and the engine, queue up behind each other, so that
            # each sees what the others did. Refused undoes it.
            Deployment.objects.filter(pk=gate.deployment_id).update(next_check_at=now, clicks=F("clicks") + 1)
            gate.refresh_from_db()
            _require_open(gate, now)
            if refusal := gate.refusal_for(person):
                raise Refused(refusal)
            evidence: dict[str, Any] = {**gate.evidence, "plan_hash": gate.plan_hash}
            Approval.objects.create(
                gate=gate, person=person, verdict=verdict, comment=comment.strip(), evidence=evidence, at=now
            )
            _close_when_decided(gate, person, verdict, comment.strip(), now)
            verb = "Approved" if verdict is Verdict.APPROVE else "Rejected"
            append_event(
                gate.deployment,
                f"gate.{verb.lower()}",
                f"{verb} by {person.get_username()}" + (f": {comment.strip()}" if comment.strip() else ""),
                now=now,
                actor=Actor.person(person),
                stage=gate.stage,
                data={"approvals": gate.approvals_given, "needed": gate.approvals_needed},
            )
    except IntegrityError as error:
        raise Refused("You have already decided at this gate.") from error
    queue.nudge(gate.deployment_id)
    return gate


def _require_open(gate: Gate, now: datetime) -> None:
    if not gate.is_open:
        raise Refused(f"This gate is closed: {gate.reason or GateStatus(gate.status).label.lower()}.")
    if gate.has_expired(now):
        raise Refused(f"This gate expired at {gate.expires_at:%Y-%m-%d %H:%M} UTC; it can no longer be decided.")
    if gate.deployment.status != Status.IN_PROGRESS:
        raise Refused(f"This deployment is no longer going forward: {gate.deployment.status_reason}")


def _close_when_decided(gate: Gate, person: User, verdict: Verdict, comment: str, now: datetime) -> None:
    if verdict is Verdict.REJECT:
        gate.status = GateStatus.FAILED
        gate.reason = f"rejected by {person.get_username()}: {comment}"
    elif gate.approvals_given >= gate.approvals_needed:
        gate.status = GateStatus.SUCCEEDED
        names = ", ".join(approval.person.get_username() for approval in gate.approvals.select_related("person"))
        gate.reason = f"approved by {names}"
    else:
        return
    gate.closed_at = now
    gate.save(update_fields=["status", "reason", "closed_at"])
    # Until a worker goes on, the row would still say that it waits for approval.
    Deployment.objects.filter(pk=gate.deployment_id).update(waiting_for="")
