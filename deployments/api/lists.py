"""Lists by pieces: newest first, over the key, so that nothing is shown twice or left out while rows are added.

django-ninja's CursorPagination takes whatever its cursor holds for a position, and answers 500 when it is none.
"""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Schema

from deployments.prepared import Prepared

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


def listed(build: Callable[..., QuerySet[Any, Item]]) -> Prepared[Item]:
    """Rows of any order, by what they are asked for with: newest key first, those below the cursor."""

    def rows(cursor: Any = None, **asked: Any) -> QuerySet[Any, Item]:
        found = build(**asked).order_by("-pk")
        return found if cursor is None else found.filter(pk__lt=cursor)

    return Prepared(rows)


def piece(
    request: HttpRequest, rows: Prepared[Any], cursor: int | None, limit: int, **asked: str | int | bool | None
) -> dict[str, Any]:
    """Of what `listed` made."""
    items = rows(most=limit + 1, cursor=cursor, **asked)
    last = items[limit - 1].pk if len(items) > limit else None
    return {"items": items[:limit], "next_cursor": last, "next": _address(request, last) if last else None}


def _address(request: HttpRequest, cursor: int) -> str:
    asked = {**{name: values[-1] for name, values in request.GET.lists()}, "cursor": str(cursor)}
    return request.build_absolute_uri(f"{request.path}?{urlencode(asked)}")
