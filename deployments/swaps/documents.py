"""Frozen dataclasses as JSON documents and back, by their fields' types.

Known are str, int, float, bool, StrEnum, datetime (ISO 8601), dataclasses, tuple[X, ...], Mapping[str, X], X | None
and Any. A member that a class does not have is passed over; one that is missing gets the field's default.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def known(value: Any) -> dict[str, Any]:
    """A dataclass by its fields that differ from their defaults."""
    return {each.name: write(kept) for each in fields(value) if (kept := getattr(value, each.name)) != _default(each)}


def write(value: Any) -> Any:
    """Whole, as JSON. Raises TypeError for what JSON does not have."""
    match value:
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
        case None | str() | int() | float():
            return value
        case Mapping():
            return {str(name): write(each) for name, each in value.items()}
        case tuple() | list():
            return [write(each) for each in value]
        case _ if is_dataclass(value):
            return {each.name: write(getattr(value, each.name)) for each in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be kept in a document")


def read(cls: type[T], document: Mapping[str, Any]) -> T:
    """Raises TypeError when a member without default is missing, ValueError for a text that is no time or member."""
    readers = _readers(cast(Any, cls))
    return cls(**{name: readers[name](kept) for name, kept in document.items() if name in readers})


Reader = Callable[[Any], Any]


@cache
def _readers(cls: Any) -> dict[str, Reader]:
    types = get_type_hints(cls)
    return {each.name: _reader(types[each.name]) for each in fields(cls)}


# Types are looked into once: each look of the engine reads hundreds of values.
@cache
def _reader(kind: Any) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return _or_none(_reader(some), time=some is datetime)
    if origin is tuple:
        return _each(_reader(inner[0])) if inner[1:] == (...,) else _in_order([_reader(each) for each in inner])
    if origin is not None:
        return _by_name(_reader(inner[1]))
    if kind is datetime:
        return datetime.fromisoformat
    if is_dataclass(kind):
        return partial(read, cast(type[Any], kind))
    return kind if kind is float or (isinstance(kind, type) and issubclass(kind, StrEnum)) else _as_it_is


def _or_none(some: Reader, *, time: bool) -> Reader:
    # Times that are not known were once kept as "".
    return lambda kept: None if kept is None or (time and kept == "") else some(kept)


def _each(member: Reader) -> Reader:
    return lambda kept: tuple(map(member, kept))


def _in_order(members: Sequence[Reader]) -> Reader:
    return lambda kept: tuple(member(each) for member, each in zip(members, kept, strict=True))


def _by_name(member: Reader) -> Reader:
    return lambda kept: {name: member(each) for name, each in kept.items()}


def _as_it_is(kept: Any) -> Any:
    return kept


def _default(each: Field[Any]) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default
