"""Queries that are asked many times a second: their SQL is put together once in a process, and only values change.

Django makes SQL anew each time, which takes ten times as long as asking SQLite. Nothing of an answer is kept here.

    RELEASES = Prepared(lambda slug, git_sha=None: Release.objects.filter(...))
    RELEASES(slug="shop", most=51)
"""

import copy
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import connections
from django.db.models import Expression, Model, QuerySet

Row = TypeVar("Row")
#: What is asked for: a bool, and None, are part of the query's shape; others are sent with it. A tuple is for `__in`.
Value = str | int | bool | tuple[int, ...] | None
#: Of one query; a list's have one for each number of rows that somebody asks for.
_MOST_SHAPES = 100


def keep(rows: Iterable[Model], name: str, found: Mapping[int, list[Any]]) -> None:
    """Where Django keeps what it has read of a relation: `found` by the rows' keys."""
    for row in rows:
        kept = getattr(row, name).get_queryset()
        kept._result_cache, kept._prefetch_done = found.get(row.pk, []), True
        row._prefetched_objects_cache = {**getattr(row, "_prefetched_objects_cache", {}), name: kept}  # type: ignore[attr-defined]


def by(key: str, rows: Iterable[Row]) -> dict[int, list[Row]]:
    """By the value of that attribute."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found


class Prepared(Generic[Row]):
    """`build` is given a stand-in for each value that is sent, by its name, and bools as they are."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._kept: dict[Hashable, _Shape[Row]] = {}

    def __call__(self, *, most: int | None = None, **values: Value) -> list[Row]:
        """`most`: rows at most."""
        given = {name: value for name, value in values.items() if value is not None}
        if () in given.values():
            return []
        sent = {name: _filled_up(value) if isinstance(value, tuple) else value for name, value in given.items()}
        fixed = tuple((name, _fixed(value)) for name, value in sent.items())
        shape = self._kept.get((most, fixed)) or self._made(most, fixed)
        return list(shape.rows(sent))

    def first(self, **values: Value) -> Row | None:
        return next(iter(self(most=1, **values)), None)

    def _made(self, most: int | None, fixed: tuple[tuple[str, bool | int | None], ...]) -> "_Shape[Row]":
        asked = {name: _stand_in(name, value) for name, value in fixed}
        if len(self._kept) >= _MOST_SHAPES:
            self._kept.clear()
        shape = self._kept[most, fixed] = _Shape.of(self._build(**asked)[:most])
        return shape


def _filled_up(values: tuple[int, ...]) -> tuple[int, ...]:
    """To a power of two, with one of them again, so that there are few shapes."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


def _fixed(value: Value) -> bool | int | None:
    """What the SQL depends on: of several how many they are."""
    if isinstance(value, tuple):
        return len(value)
    return value if isinstance(value, bool) else None


def _stand_in(name: str, fixed: bool | int | None) -> Any:
    if fixed is None or isinstance(fixed, bool):
        return _Given(name) if fixed is None else fixed
    return [_Given(name, place) for place in range(fixed)]


class _Given(Expression):
    """Stands for a value that comes later; with a place, for one of several."""

    def __init__(self, name: str, place: int | None = None) -> None:
        super().__init__()
        self.name, self.place = name, place

    def of(self, values: Mapping[str, Any]) -> Any:
        return values[self.name] if self.place is None else values[self.name][self.place]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True)
class _Shape(Generic[Row]):
    asked: "QuerySet[Any, Row]"
    compiler: Any
    converters: dict[int, Any]
    sql: str
    parameters: tuple[Any, ...]

    @classmethod
    def of(cls, asked: "QuerySet[Any, Row]") -> "_Shape[Row]":
        compiler = asked.query.get_compiler(asked.db)
        sql, parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        return cls(asked, compiler, compiler.get_converters(columns), sql, tuple(parameters))

    def rows(self, values: Mapping[str, Value]) -> Iterable[Row]:
        sent = tuple(each.of(values) if isinstance(each, _Given) else each for each in self.parameters)
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.asked.db]  # a thread has its own
        compiler.as_sql = lambda *_, **__: (self.sql, sent)
        compiler.get_converters = lambda _: self.converters
        again = cast(Any, _Again(self.asked, compiler))
        return cast(Iterable[Row], self.asked._iterable_class(again))


class _Again:
    """A queryset, as far as what makes rows of answers looks at it."""

    def __init__(self, asked: QuerySet[Any, Any], compiler: Any) -> None:
        self.db: str = asked.db
        self.model: type[Model] = asked.model
        self.query = _Query(asked.query, compiler)
        self._known_related_objects: dict[Any, Any] = {}
        self._fields = asked._fields  # type: ignore[attr-defined]


class _Query:
    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)
