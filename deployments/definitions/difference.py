"""What a release changes in the live task definition, in lines that hold no secret.

Values of variables, and of options that drivers take passwords in, are left out: that one changed is told by name.
Where a secret is kept (ARN, version) is shown, since that is no secret and says which one is meant.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

#: What AWS only shows, and where it does not say anything about tasks.
_OF_THE_REVISION: Final = (
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
    "deregisteredAt", "deleteRequestedAt", "tags",
)  # fmt: skip
#: Lists of {name, value} whose values are nobody's business, and objects whose values are not, by member.
_NAMED_VALUES: Final = ("environment",)
_OPTIONS: Final = ("options", "driverOpts")
#: A log driver that takes no password.
_OPEN_DRIVERS: Final = ("awslogs",)
#: What AWS says where a document says nothing.
_DEFAULTS: Final[Mapping[str, Any]] = {"cpu": 0, "essential": True, "protocol": "tcp"}
_ANOTHER: Final = "another value"


#: Lines of (sign, text): "+" added, "-" removed, " " same.
Lines = tuple[tuple[str, str], ...]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Lines:
    """With two lines of context; none where nothing changes."""
    lines = [*_compared(_lines(_shown(before, None)), _lines(_shown(after, before)))]
    changed = [index for index, (sign, _) in enumerate(lines) if sign != " "]
    near = {index + offset for index in changed for offset in range(-2, 3)}
    return tuple(line for index, line in enumerate(lines) if index in near)


def _compared(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Whole lines only: looking for likenesses within them, as ndiff does, takes minutes for some hundred variables."""
    for _, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if old[start:end] == new[new_start:new_end]:
            yield from ((" ", line) for line in old[start:end])
        else:
            yield from (("-", line) for line in old[start:end])
            yield from (("+", line) for line in new[new_start:new_end])


def digest(lines: Iterable[tuple[str, str]]) -> str:
    """SHA-256 in hex of a difference, by which it is known again; "" of none."""
    given = [list(line) for line in lines]
    return hashlib.sha256(json.dumps(given).encode()).hexdigest() if given else ""


def shown(document: Mapping[str, Any]) -> str:
    """The document as people may see it, in JSON."""
    return "\n".join(_lines(_shown(document, None)))


def _lines(document: Mapping[str, Any]) -> list[str]:
    return json.dumps(document, indent=2, sort_keys=True).splitlines()


def _shown(document: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """`before`: what values are compared with; None marks none of them."""
    containers = {each["name"]: each for each in (before or {}).get("containerDefinitions", ())}
    volumes = {each.get("name"): each for each in (before or {}).get("volumes", ())}
    plain = {name: value for name, value in document.items() if name not in _OF_THE_REVISION}
    plain["containerDefinitions"] = [
        _plain(each, containers.get(each["name"], {}), before is not None)
        for each in sorted(document["containerDefinitions"], key=lambda each: str(each["name"]))
    ]
    if "volumes" in plain:
        plain["volumes"] = [
            _plain(each, volumes.get(each.get("name"), {}), before is not None) for each in plain["volumes"]
        ]
    return {name: value for name, value in plain.items() if value not in ([], {}, None)}


def _plain(value: Mapping[str, Any], before: Mapping[str, Any], compared: bool) -> dict[str, Any]:
    """Without values that may be secret, and without what says no more than nothing does."""
    shown: dict[str, Any] = {}
    for name, each in value.items():
        was = before.get(name)
        if name in _NAMED_VALUES:
            pairs = _by_name(each)
            shown[name] = _names(pairs, _by_name(was or ()) if compared else pairs)
        elif name == "secrets" or name == "secretOptions":
            shown[name] = sorted(f"{secret['name']} from {secret.get('valueFrom', '')}" for secret in each)
        elif name in _OPTIONS and value.get("logDriver") not in _OPEN_DRIVERS:
            shown[name] = _names(each, (was or {}) if compared else each)
        elif isinstance(each, Mapping):
            shown[name] = _plain(each, was if isinstance(was, Mapping) else {}, compared)
        elif name == "portMappings":
            shown[name] = [_port(mapping) for mapping in each]
        else:
            shown[name] = each
    return {name: each for name, each in shown.items() if each not in ([], {}, None) and _DEFAULTS.get(name) != each}


def _port(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A host port that is the container's says no more than awsvpc does, and 0 no more than bridge."""
    shown = {name: each for name, each in mapping.items() if _DEFAULTS.get(name) != each}
    if shown.get("hostPort") in (0, shown.get("containerPort")):
        shown.pop("hostPort", None)
    return shown


def _by_name(pairs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(pair.get("name", "")): pair.get("value", "") for pair in pairs}


def _names(values: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    return sorted(f"{name} ({_ANOTHER})" if before.get(name, value) != value else name
                  for name, value in values.items())  # fmt: skip
