"""What a worker leaves behind: rows and AWS, and the time."""

import copy
import functools
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from tests.delivery.engine.world import World

#: A dead worker's lease is freed by the next one.
FREED = {"lease_token": "", "lease_expires_at": None}
#: How often AWS was asked makes no difference to anybody; the other is how a worker dies.
NO_PART = ("calls", "perform")
#: Written and never read by what drives a deployment: columns by model, * for all.
EVIDENCE: dict[str, tuple[str, ...]] = {
    "Measurement": ("*",),
    "EventChain": ("*",),
    "Event": ("data", "previous", "hash"),
}


def left_behind(world: World) -> Any:
    """All that is there when a worker has died now and its lease is freed."""
    aws = {name: value for name, value in vars(world.aws).items() if name not in NO_PART}
    return _read(_all_rows()), world.clock.now, aws


def goes_on_from(world: World) -> Any:
    """Of all that is there, what can make a difference to what comes or to how the story ends."""
    aws = {name: value for name, value in vars(world.aws).items() if name not in (*NO_PART, "performed")}
    return _read(_all_rows(evidence=False)), world.clock.now, aws


def kept(state: Any) -> Any:
    """AWS changes in place."""
    rows, now, aws = state
    return rows, now, copy.deepcopy(aws)


def number_as_before() -> None:
    """PostgreSQL goes on counting after what was undone, and no row would be as it was the first time."""
    if numbering := _numbering():
        with connection.cursor() as cursor:
            cursor.execute(numbering)


@functools.cache
def _numbering() -> str:
    models = list(apps.get_app_config("deployments").get_models(include_auto_created=True))
    return "".join(connection.ops.sequence_reset_sql(no_style(), models))


def _read(queries: list[str]) -> list[Any]:
    """As the database has them: making Python's values of all of them took a fifth of the time."""
    rows = []
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            rows.append(cursor.fetchall())
    return rows


@functools.cache
def _all_rows(*, evidence: bool = True) -> list[str]:
    quote = connection.ops.quote_name
    queries = []
    for model in apps.get_app_config("deployments").get_models():
        but = {*FREED, *([] if evidence else EVIDENCE.get(model.__name__, ()))}
        columns = [field.column for field in model._meta.concrete_fields if not {field.name, "*"} & but]
        if not columns:
            continue
        names = ", ".join(quote(column) for column in columns if column)
        order = quote(str(model._meta.pk.column))
        queries.append(f"SELECT {names} FROM {quote(model._meta.db_table)} ORDER BY {order}")  # noqa: S608
    return queries
