"""The event log, for whoever follows it."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from deployments.api.lists import MOST, Cursor, Limit, Listed, listed, piece
from deployments.api.problems import require
from deployments.api.tokens import principal
from deployments.people import rights
from deployments.record.models import Event

router = Router(tags=["events"])


class EventOut(Schema):
    id: int
    at: datetime
    #: such as environment:3
    chain: str
    #: its place there, from 1
    number: int
    #: number of the deployment that it tells of; null for none
    deployment: int | None
    kind: str
    stage: str
    actor_kind: str
    actor: str
    #: the same in words: an agent and on whose behalf, a person and by which terminal
    by: str
    message: str

    @staticmethod
    def resolve_chain(event: Event) -> str:
        return event.chain.name

    @staticmethod
    def resolve_deployment(event: Event) -> int | None:
        return event.deployment_id


@router.get("/events", response=Listed[EventOut], summary="The log, newest first")
def events(
    request: HttpRequest,
    kind: Annotated[str | None, Query(max_length=60, description="Such as gate.opened")] = None,
    after: Annotated[int | None, Query(ge=0, le=MOST, description="Only later ones than this id")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "event"))
    return piece(request, EVENTS, cursor, limit, kind=kind or None, after=after)


def _asked(kind: Any = None, after: Any = None, deployment: Any = None) -> QuerySet[Event]:
    rows = Event.objects.select_related("chain")
    rows = rows if kind is None else rows.filter(kind=kind)
    rows = rows if after is None else rows.filter(pk__gt=after)
    return rows if deployment is None else rows.filter(deployment=deployment)


EVENTS = listed(_asked)
