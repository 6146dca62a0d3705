"""Lists by pieces: newest first, over the key, so that nothing is shown twice or left out while rows are added.

django-ninja's CursorPagination takes whatever its cursor holds for a position, and answers 500 when it is none.
"""

from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Schema

Item = TypeVar("Item")
#: What a column of keys can hold.
MOST = 2**63 - 1


class Listed(Schema, Generic[Item]):
    items: list[Item]
    #: for the next piece; null after the last
    next_cursor: int | None
    #: its address; null after the last
    next: str | None


Cursor = Annotated[int | None, Query(ge=1, le=MOST, description="`next_cursor` of the answer before")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most")]


def piece(request: HttpRequest, rows: QuerySet[Any], cursor: int | None, limit: int) -> dict[str, Any]:
    """Of rows of any order: newest key first, those below the cursor."""
    found = rows.order_by("-pk")
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    items = list(found[: limit + 1])
    last = items[limit - 1].pk if len(items) > limit else None
    return {"items": items[:limit], "next_cursor": last, "next": _address(request, last) if last else None}


def _address(request: HttpRequest, cursor: int) -> str:
    asked = {**{name: values[-1] for name, values in request.GET.lists()}, "cursor": str(cursor)}
    return request.build_absolute_uri(f"{request.path}?{urlencode(asked)}")
