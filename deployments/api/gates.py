"""Gates: read by whoever may, decided by people only: on the page, or signed in at a terminal."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from deployments import clock
from deployments.api import named, once
from deployments.api.lists import Cursor, Limit, Listed, listed, piece
from deployments.api.once import Key
from deployments.api.problems import Problem, Stopped, require
from deployments.api.tokens import principal
from deployments.delivery import approvals, gate_seen
from deployments.delivery.models import Gate
from deployments.delivery.models.gate import LONGEST_COMMENT
from deployments.delivery.views.decided import gate_record
from deployments.delivery.views.outline import with_answers
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused

router = Router(tags=["gates"])


class DecisionOut(Schema):
    #: as they were called then
    person: str
    #: the token by which they decided through the API; "" = on the page
    through: str
    #: the account of a chat by which they decided there; "" = on the page
    chat: str
    verdict: str
    comment: str
    at: datetime


class GateOut(Schema):
    id: int
    deployment: int
    application: str
    environment: str
    version: str
    #: a person, by which token; or an agent, and on whose behalf
    requested_by: str
    #: what they gave as the reason of the deployment
    why: str
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
    #: of all that; an approval names it
    fingerprint: str
    #: why whoever asks may not decide, in a sentence; "" when they may
    refusal: str


Comment = Annotated[str, Query(max_length=LONGEST_COMMENT, pattern=r"^[^\x00]*$")]
Seen = Annotated[str, Query(min_length=1, max_length=200, pattern="^[0-9a-f_]+$")]


class Decide(Schema):
    model_config = {"extra": "forbid"}

    #: what was looked at (a gate's own); needed to approve, and refused when what it stands for has changed
    fingerprint: Seen | None = None
    #: needed to reject
    comment: Comment = ""


class Changed(Problem):
    #: what is not as it was looked at; empty when the gate is closed, or answered before
    changed: list[str] = []


_NOTHING = Decide()


@router.get("/gates", response=Listed[GateOut], summary="Gates, newest first")
def gates(request: HttpRequest, open: bool | None = None, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "gate"))
    found = piece(request, _LISTED, cursor, limit, is_open=open)
    with_answers(found["items"])
    return {**found, "items": [_shown(gate, principal(request)) for gate in found["items"]]}


def _asked(is_open: bool | None = None) -> QuerySet[Gate]:
    rows = Gate.objects.select_related(*named.OF_A_GATE)
    if is_open is None:
        return rows
    ours = Gate.objects.open().values("pk")
    return rows.filter(pk__in=ours) if is_open else rows.exclude(pk__in=ours)


_LISTED = listed(_asked)


@router.get("/gates/{pk}", response=GateOut, summary="One gate, with its evidence")
def one_gate(request: HttpRequest, pk: int) -> GateOut:
    require(rights.view_refusal(principal(request), "gate"))
    gate = named.gate(pk)
    with_answers([gate])
    return _shown(gate, principal(request))


@router.post(
    "/gates/{pk}/approve",
    response={200: GateOut, 403: Problem, 409: Changed},
    summary="Approve, as a person",
    description="By the token of somebody who signed in at a terminal, and by the page's rules. Name the gate's "
    "`fingerprint`: an approval of something else than was looked at is refused, with what changed. A machine's is "
    "refused, whatever it was given.",
)
def approve(request: HttpRequest, pk: int, body: Decide = _NOTHING, idempotency_key: Key = None) -> HttpResponse:
    person = _person(request, pk)
    if body.fingerprint is None:
        raise Refused("Name the fingerprint of the gate as you looked at it (GET /gates/ID).", field="fingerprint")
    return _decided(request, pk, idempotency_key, partial(approvals.approve, principal=person), body)


@router.post(
    "/gates/{pk}/reject",
    response={200: GateOut, 403: Problem, 409: Changed},
    summary="Reject, as a person: it is turned back",
    description="As for approve; a comment is needed, and without `fingerprint` whatever is there now is rejected.",
)
def reject(request: HttpRequest, pk: int, body: Decide = _NOTHING, idempotency_key: Key = None) -> HttpResponse:
    person = _person(request, pk)
    return _decided(request, pk, idempotency_key, partial(approvals.reject, principal=person), body)


def _person(request: HttpRequest, pk: int) -> Principal:
    """A gate asks people. What a token is given, and who gave it, makes no difference."""
    gate, who = named.gate(pk), principal(request)
    if who.is_person:
        return who
    refusal = rights.decide_refusal(who, gate.deciders)
    where = request.build_absolute_uri(f"/deployments/deployment/{gate.deployment_id}/change/")
    raise Stopped(
        403,
        "People decide",
        f"{refusal or f'{who.name} is a token, and only people decide.'} The gate is at {where}. At a terminal, people "
        "sign in with tealgate login.",
    )


def _decided(request: HttpRequest, pk: int, key: str | None, service: Any, body: Decide) -> HttpResponse:
    def act(_: str) -> tuple[int, GateOut]:
        gate = named.gate(pk)
        require(rights.decide_refusal(principal(request), gate.deciders))  # in here: an answer that was lost is given
        try:
            service(gate=gate, comment=body.comment, now=clock.now(), seen=body.fingerprint or "")
        except approvals.Changed as changed:
            more = {"changed": changed.what}
            raise Stopped(409, "It has changed", changed.sentence, field="fingerprint", more=more) from changed
        return 200, _shown(named.gate(pk), principal(request))

    return once.answered(request, key, act)


def _shown(gate: Gate, who: Principal) -> GateOut:
    record, deployment = gate_record(gate), gate.deployment
    return GateOut(
        id=gate.pk,
        deployment=deployment.pk,
        application=deployment.environment.application.slug,
        environment=deployment.environment.name,
        version=deployment.release.version,
        requested_by=deployment.requester,
        why=deployment.reason,
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
        fingerprint=gate_seen.fingerprint(gate),
        refusal=rights.decide_refusal(who, gate.deciders),
    )
