"""Deployments: asked for, watched, and turned back."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from deployments import clock
from deployments.api import named, once, waiting
from deployments.api.deployment_shown import SHOWN, DeploymentLine, DeploymentOut, shown
from deployments.api.events import EVENTS, EventOut
from deployments.api.lists import Cursor, Limit, Listed, listed, piece
from deployments.api.once import JSON, Key
from deployments.api.problems import require
from deployments.api.shared import SHARED
from deployments.api.tags import tagged
from deployments.api.texts import Line, Name
from deployments.api.tokens import principal
from deployments.catalog.models import Environment
from deployments.delivery import going_on, requests, turning_back, warm_time
from deployments.delivery.models import Deployment
from deployments.ops.models.answered import KEPT
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import DeploymentKind, Status, Strategy

router = Router(tags=["deployments"])

May = Callable[[Principal, Environment], str]


class Ask(Schema):
    model_config = {"extra": "forbid"}

    version: Name
    #: kept with the deployment
    reason: Line
    #: without one the environment's own
    strategy: Strategy | None = None
    #: REPAIR where production is sick, FIRST where nothing runs; the preview offers them
    kind: DeploymentKind = DeploymentKind.NORMAL
    #: the preview's; refused when what it stands for has changed
    fingerprint: Annotated[str, Query(max_length=200, pattern="^[0-9a-f_]*$")] = ""


class Why(Schema):
    model_config = {"extra": "forbid"}

    reason: Line = ""


class Longer(Schema):
    model_config = {"extra": "forbid"}

    minutes: Annotated[int, Query(ge=1, le=20_160)]


class GoOn(Schema):
    model_config = {"extra": "forbid"}

    #: also when too few requests were seen to judge by
    unproven: bool = False


class Nothing(Schema):
    model_config = {"extra": "forbid"}


#: Without a body, as curl -X POST sends it.
_NO_REASON, _NOTHING, _PROVEN = Why(), Nothing(), GoOn()


@router.post(
    "/environments/{slug}/{name}/deployments",
    response={201: DeploymentOut},
    summary="Ask for a deployment",
    description="As somebody who clicks Deploy: the same rules refuse it, the same people are asked at its gates.",
)
def ask(request: HttpRequest, slug: str, name: str, body: Ask, idempotency_key: Key = None) -> HttpResponse:
    environment = named.environment(slug, name)
    require(rights.deploy_refusal(principal(request), environment))
    require(rights.kind_refusal(principal(request), body.kind))
    return once.answered(
        request, idempotency_key, lambda key: (201, _asked(request, environment, body, key)), found_again=True
    )


def _asked(request: HttpRequest, environment: Environment, body: Ask, key: str) -> DeploymentOut:
    now = clock.now()
    made = requests.asked_before(key, since=now - KEPT) or requests.request_deployment(
        environment=environment,
        release=named.release(environment.application, body.version),
        strategy=body.strategy or environment.strategy,
        principal=principal(request),
        reason=body.reason,
        now=now,
        kind=body.kind,
        confirmed=body.fingerprint,
        request_key=key,
    )
    return shown(made.pk, principal(request), clock.now())


@router.get("/deployments", response=Listed[DeploymentLine], summary="Deployments, newest first")
def deployments(
    request: HttpRequest,
    application: Annotated[str | None, Query(max_length=60, description="Its slug")] = None,
    environment: Annotated[str | None, Query(max_length=60, description="Its name")] = None,
    version: Annotated[str | None, Query(max_length=80)] = None,
    status: Status | None = None,
    unfinished: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "deployment"))
    return piece(
        request, _LISTED, cursor, limit,
        application=application, environment=environment, version=version,
        status=status.value if status else None, unfinished=unfinished, named=bool(application or environment),
    )  # fmt: skip


def _listed(
    application: Any = None,
    environment: Any = None,
    version: Any = None,
    status: Any = None,
    unfinished: bool | None = None,
    named: bool = False,
) -> QuerySet[Deployment]:
    wanted = {
        "environment__application__slug": application,
        "environment__name": environment,
        "release__version": version,
        "status": status,
    }
    rows = Deployment.objects.select_related("environment__application", "release", "requested_by").only(*SHOWN)
    rows = rows.filter(**{column: value for column, value in wanted.items() if value is not None})
    if named:  # by a name those of what has it now are meant
        rows = rows.filter(environment__retired_at__isnull=True)
    if unfinished is None:
        return rows
    under_way = Deployment.objects.unfinished().values("pk")
    return rows.filter(pk__in=under_way) if unfinished else rows.exclude(pk__in=under_way)


_LISTED = listed(_listed)


@router.get(
    "/deployments/{pk}",
    response=DeploymentOut,
    summary="One deployment",
    description="With `wait` it answers when the status, the stage or a gate is not as in `seen` any more (of an "
    "answer before; without it, as now), or when the seconds are over. When too many wait already it answers at once; "
    "Retry-After says when to ask again.",
)
def one_deployment(
    request: HttpRequest,
    pk: int,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds")] = 0,
    seen: Annotated[str | None, Query(max_length=40, description="`seen` of an answer before")] = None,
) -> HttpResponse:
    require(rights.view_refusal(principal(request), "deployment"))
    told = waiting.until_changed(pk, seen, wait) if wait else None
    body = _told_together(request, pk, told) if told else _shown(request, pk)
    response = tagged(request, HttpResponse(body, content_type=JSON))
    if wait and told is None:
        response.headers["Retry-After"] = "1"
    return response


def _told_together(request: HttpRequest, pk: int, told: float) -> bytes:
    return SHARED.answer((pk, principal(request).shown_as), told, lambda: _shown(request, pk))


def _shown(request: HttpRequest, pk: int) -> bytes:
    return shown(pk, principal(request), clock.now()).model_dump_json().encode()


@router.get("/deployments/{pk}/events", response=Listed[EventOut], summary="Its events, newest first")
def its_events(request: HttpRequest, pk: int, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "event"))
    return piece(request, EVENTS, cursor, limit, deployment=named.deployment(pk).pk)


@router.post("/deployments/{pk}/stop", response=DeploymentOut, summary="Stop it: before anything changed it just ends")
def stop(request: HttpRequest, pk: int, body: Why = _NO_REASON, idempotency_key: Key = None) -> HttpResponse:
    return _turned(request, pk, idempotency_key, turning_back.stop, reason=body.reason)


@router.post("/deployments/{pk}/roll-back", response=DeploymentOut, summary="All traffic back, without approval")
def roll_back(request: HttpRequest, pk: int, body: Why = _NO_REASON, idempotency_key: Key = None) -> HttpResponse:
    return _turned(request, pk, idempotency_key, turning_back.roll_back, reason=body.reason)


@router.post("/deployments/{pk}/retry", response=DeploymentOut, summary="Try a roll back again that failed")
def retry(request: HttpRequest, pk: int, body: Nothing = _NOTHING, idempotency_key: Key = None) -> HttpResponse:
    return _turned(request, pk, idempotency_key, turning_back.retry_roll_back)


@router.post("/deployments/{pk}/extend", response=DeploymentOut, summary="Keep the previous release warm for longer")
def extend(request: HttpRequest, pk: int, body: Longer, idempotency_key: Key = None) -> HttpResponse:
    return _turned(request, pk, idempotency_key, warm_time.extend, minutes=body.minutes)


@router.post(
    "/deployments/{pk}/go-on",
    response=DeploymentOut,
    summary="Go on from this share of production before its time",
    description="One step only, and past no gate. Without enough requests to judge by it is refused with what is not "
    "proven; `unproven` goes on anyway.",
)
def go_on(request: HttpRequest, pk: int, body: GoOn = _PROVEN, idempotency_key: Key = None) -> HttpResponse:
    may = partial(rights.go_on_refusal, unproven=body.unproven)
    return _turned(request, pk, idempotency_key, going_on.go_on, may=may, unproven=body.unproven)


@router.post("/deployments/{pk}/finish", response=DeploymentOut, summary="End the warm time now")
def finish(request: HttpRequest, pk: int, body: Nothing = _NOTHING, idempotency_key: Key = None) -> HttpResponse:
    return _turned(request, pk, idempotency_key, warm_time.finish_now)


def _turned(
    request: HttpRequest, pk: int, key: str | None, service: Any, may: May = rights.turn_back_refusal, **said: Any
) -> HttpResponse:
    who, deployment = principal(request), named.deployment(pk)
    require(may(who, deployment.environment))

    def act(_: str) -> tuple[int, DeploymentOut]:
        service(deployment=deployment, principal=who, now=clock.now(), **said)
        return 200, shown(pk, who, clock.now())

    return once.answered(request, key, act)
