"""What RegisterTaskDefinition takes, by botocore's model: a document as people have it, brought into that shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

import botocore.session

Path = tuple[str | int, ...]

_NOTHING: Final = object()
#: What AWS takes for each kind, in words.
_KINDS: Final = {"string": "a text", "integer": "a whole number", "long": "a whole number", "boolean": "true or false",
                 "structure": "an object", "map": "an object", "list": "a list"}  # fmt: skip
#: Members in which "" says something.
_MAY_BE_EMPTY: Final = ("value",)
#: Of the whole document: a service keeps its own family.
_MAY_BE_MISSING: Final = ("family",)


@dataclass(frozen=True, kw_only=True)
class Fault:
    path: Path
    #: what follows the path in a sentence
    said: str


@dataclass(frozen=True, kw_only=True)
class Shaped:
    #: the input of RegisterTaskDefinition, as far as there are no faults
    document: Mapping[str, Any]
    faults: tuple[Fault, ...]


@dataclass
class _Walk:
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, said: str) -> object:
        self.faults.append(Fault(path=path, said=said))
        return _NOTHING


def shaped(given: Mapping[str, Any]) -> Shaped:
    """Names in any case (CloudFormation's begin with a capital). What AWS only shows is left out, and so is what says
    nothing: null, empty lists and objects, and "" where it is no value of a variable, option or label."""
    walk = _Walk()
    found = _structure(walk, _model("RegisterTaskDefinition"), given, (), ignored=_read_only())
    return Shaped(document=found if isinstance(found, dict) else {}, faults=tuple(walk.faults))


@cache
def _service() -> Any:
    return botocore.session.Session().get_service_model("ecs")


def _model(operation: str) -> Any:
    return _service().operation_model(operation).input_shape


@cache
def _read_only() -> frozenset[str]:
    """In lower case: what DescribeTaskDefinition shows beyond the input."""
    shown, taken = _service().shape_for("TaskDefinition").members, _model("RegisterTaskDefinition").members
    return frozenset(name.lower() for name in shown if name not in taken)


def _taken(walk: _Walk, shape: Any, value: Any, path: Path) -> Any:
    match shape.type_name, value:
        case _, None:
            return _NOTHING
        case "structure", dict():
            return _structure(walk, shape, value, path)
        case "map", dict():
            return {name: each for name, each in value.items() if _is_text(walk, each, (*path, name))} or _NOTHING
        case "list", list():
            taken = [_taken(walk, shape.member, each, (*path, number)) for number, each in enumerate(value)]
            return [each for each in taken if each is not _NOTHING] or _NOTHING
        case "string", str():
            return _text(walk, shape, value, path)
        case (("integer" | "long"), int()) if not isinstance(value, bool):
            return value
        case "boolean", bool():
            return value
    return walk.fault(path, f"is {_kind_of(value)}; AWS takes {_KINDS.get(shape.type_name, shape.type_name)} here")


def _structure(
    walk: _Walk, shape: Any, given: Mapping[str, Any], path: Path, ignored: frozenset[str] = frozenset()
) -> Any:
    by_case = {name.lower(): name for name in shape.members}
    taken: dict[str, Any] = {}
    faulty: set[str] = set()
    for name, value in given.items():
        member = name if name in shape.members else by_case.get(name.lower())
        if member is None:
            if name.lower() not in ignored:
                walk.fault((*path, name), f"is no field that AWS knows{_meant(name, shape, path)}")
        elif member in taken:
            walk.fault((*path, name), f"is {member}, which stands there already")
        else:
            before = len(walk.faults)
            taken[member] = _taken(walk, shape.members[member], value, (*path, name))
            faulty |= {member} if len(walk.faults) > before else set()
    found = {name: value for name, value in taken.items() if value is not _NOTHING}
    if not found and path and not faulty:
        return _NOTHING
    for name in shape.required_members:
        if name not in found and name not in faulty and (path or name not in _MAY_BE_MISSING):
            walk.fault(path, f"has no {name}")
    return found


def _text(walk: _Walk, shape: Any, value: str, path: Path) -> Any:
    member = path[-1]
    if not value and isinstance(member, str) and member.lower() not in _MAY_BE_EMPTY:
        return _NOTHING
    if shape.enum and value not in shape.enum:
        return walk.fault(path, f"is {value}; AWS takes {', '.join(shape.enum)}")
    return value


def _is_text(walk: _Walk, value: Any, path: Path) -> bool:
    if value is not None and not isinstance(value, str):
        walk.fault(path, f"is {_kind_of(value)}; AWS takes a text here")
    return isinstance(value, str)


def _kind_of(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"


def _meant(name: str, shape: Any, path: Path) -> str:
    if name.lower() == "valuefrom" and "environment" in path:
        return "; what has a valueFrom belongs into secrets"
    close = get_close_matches(name, shape.members, n=1)
    return f"; {close[0]} is" if close else ""
