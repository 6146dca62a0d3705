"""Gates: read by whoever may, decided by people only."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from deployments.api import named
from deployments.api.lists import Cursor, Limit, Listed, piece
from deployments.api.problems import Problem, Stopped, require
from deployments.api.tokens import principal
from deployments.delivery.models import Gate
from deployments.delivery.views.decided import gate_record
from deployments.people import rights

router = Router(tags=["gates"])


class DecisionOut(Schema):
    #: as they were called then
    person: str
    verdict: str
    comment: str
    at: datetime


class GateOut(Schema):
    id: int
    deployment: int
    application: str
    environment: str
    version: str
    stage: str
    status: str
    #: why it ended as it did; "" while it is open
    reason: str
    approvals_needed: int
    #: of whom; empty is everyone with the right to approve
    groups: list[str]
    requester_may_approve: bool
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    decisions: list[DecisionOut]
    #: what was measured for whoever decides
    evidence: dict[str, Any]


class Anything(Schema):
    comment: str = ""


_NO_COMMENT = Anything()


@router.get("/gates", response=Listed[GateOut], summary="Gates, newest first")
def gates(request: HttpRequest, open: bool | None = None, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "gate"))
    rows = Gate.objects.select_related("deployment__environment__application", "deployment__release")
    rows = rows.prefetch_related("groups", "approvals__person")
    if open is not None:
        ours = Gate.objects.open().values("pk")
        rows = rows.filter(pk__in=ours) if open else rows.exclude(pk__in=ours)
    found = piece(request, rows, cursor, limit)
    return {**found, "items": [_shown(gate) for gate in found["items"]]}


@router.get("/gates/{pk}", response=GateOut, summary="One gate, with its evidence")
def one_gate(request: HttpRequest, pk: int) -> GateOut:
    require(rights.view_refusal(principal(request), "gate"))
    return _shown(named.gate(pk))


@router.post("/gates/{pk}/approve", response={403: Problem}, summary="Refused: people decide")
def approve(request: HttpRequest, pk: int, body: Anything = _NO_COMMENT) -> HttpResponse:
    raise _not_a_person(request, pk)


@router.post("/gates/{pk}/reject", response={403: Problem}, summary="Refused: people decide")
def reject(request: HttpRequest, pk: int, body: Anything = _NO_COMMENT) -> HttpResponse:
    raise _not_a_person(request, pk)


def _not_a_person(request: HttpRequest, pk: int) -> Stopped:
    """A gate asks people. What a token is given, and who gave it, makes no difference."""
    gate, who = named.gate(pk), principal(request)
    refusal = rights.decide_refusal(who, gate.deciders) or f"{who.name} is a token, and only people decide."
    where = request.build_absolute_uri(f"/deployments/deployment/{gate.deployment_id}/change/")
    return Stopped(403, "People decide", f"{refusal} The gate is at {where}.")


def _shown(gate: Gate) -> GateOut:
    record, deployment = gate_record(gate), gate.deployment
    return GateOut(
        id=gate.pk,
        deployment=deployment.pk,
        application=deployment.environment.application.slug,
        environment=deployment.environment.name,
        version=deployment.release.version,
        stage=gate.stage,
        status=record.status,
        reason=record.reason,
        approvals_needed=gate.approvals_needed,
        groups=[group.name for group in gate.groups.all()],
        requester_may_approve=gate.requester_may_approve,
        opened_at=gate.opened_at,
        expires_at=gate.expires_at,
        closed_at=gate.closed_at,
        decisions=[DecisionOut.from_orm(each) for each in record.approvals],
        evidence=gate.evidence or {},
    )
