"""Frozen dataclasses as JSON documents and back, by their fields' types.

Known are str, int, float, bool, StrEnum, datetime (ISO 8601), dataclasses, tuple[X, ...], Mapping[str, X], X | None
and Any. A member that a class does not have is passed over; one that is missing gets the field's default.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
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
    types = _types(cast(Any, cls))
    return cls(**{name: _read(types[name], kept) for name, kept in document.items() if name in types})


@cache
def _types(cls: Any) -> dict[str, Any]:
    types = get_type_hints(cls)
    return {each.name: types[each.name] for each in fields(cls)}


def _read(kind: Any, kept: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (some,) = (each for each in inner if each is not type(None))
        # Times that are not known were once kept as "".
        return None if kept is None or (some is datetime and kept == "") else _read(some, kept)
    if origin is tuple:
        kinds = (inner[0] for _ in kept) if inner[1:] == (...,) else iter(inner)
        return tuple(_read(each, member) for each, member in zip(kinds, kept, strict=True))
    if origin is not None:
        return {name: _read(inner[1], member) for name, member in kept.items()}
    if kind is datetime:
        return datetime.fromisoformat(kept)
    if is_dataclass(kind):
        return read(cast(type[Any], kind), kept)
    return kind(kept) if kind is float or (isinstance(kind, type) and issubclass(kind, StrEnum)) else kept


def _default(each: Field[Any]) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default
