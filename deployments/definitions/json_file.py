"""A JSON file as people and pipelines write it, and the line at which something stands in it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.refused import Refused

#: CodePipeline's limit for such a file, in bytes.
LARGEST = 100 * 1024
#: Ten times what any document of AWS's has; whatever walks through one may recurse.
DEEPEST = 100

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
#: What a parser takes from escapes, and neither PostgreSQL nor UTF-8 can keep.
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_SCALARS = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True)
class JsonFile:
    #: as people know it, such as "taskdef.json"
    name: str
    value: Any
    #: where each value begins, as a line's number from 1
    lines: Mapping[Path, int]

    def place(self, path: Path = ()) -> str:
        """ "taskdef.json, line 7"; of what is missing, the line of what it is missing in."""
        while path not in self.lines:
            path = path[:-1]
        return f"{self.name}, line {self.lines[path]}"


def read(name: str, content: bytes | str, *, field: str) -> JsonFile:
    """UTF-8, or UTF-16 as PowerShell writes it, with or without a byte order mark. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(f"{name} has {len(content)} bytes; {LARGEST} is the most.", field=field)
    text = _decoded(name, content, field) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Refused(f"{name}, line {error.lineno}: {_in_words(text, error)}", field=field) from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"{name} is no JSON: {error}.", field=field) from error
    lines: dict[Path, int] = {}
    for path, at in _places(text, _skip(text, 0), ()):
        line = text.count("\n", 0, at) + 1
        if len(path) > DEEPEST:
            raise Refused(f"{name}, line {line}: it is nested deeper than {DEEPEST} levels.", field=field)
        if "\\u" in text and _is_unkept(text, path, at):
            said = f"{name}, line {line}: a null character, or half of one beyond U+FFFF, stands here. Take it out."
            raise Refused(said, field=field)
        if path in lines:
            said = f"{name}, line {line}: {spelled(path)} stands here twice, first in line {lines[path]}. Keep one."
            raise Refused(said, field=field)
        lines[path] = line
    return JsonFile(name=name, value=value, lines=lines)


def spelled(path: Path) -> str:
    """ "containerDefinitions[0].image"."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _decoded(name: str, content: bytes, field: str) -> str:
    try:
        return content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is no text in UTF-8: {error.reason} at byte {error.start}.", field=field) from error


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number in JSON")


def _in_words(text: str, error: json.JSONDecodeError) -> str:
    there = text[error.pos :].lstrip()
    if there.startswith(("//", "/*", "#")):
        return "JSON has no comments. Take it out."
    if there.startswith(("}", "]")) and text[: error.pos].rstrip().endswith(","):
        return "a comma stands before the closing bracket. Take it out."
    if not there:
        return "the file ends too early. Was it written whole?" if text.strip() else "the file is empty."
    return f"it is no JSON: {error.msg} at column {error.colno}."


def _places(text: str, at: int, path: Path) -> Iterator[tuple[Path, int]]:
    """Of valid JSON, every value's path and offset."""
    yield path, at
    if text[at] not in "{[":
        return
    at, number = _skip(text, at + 1), 0
    while text[at] not in "}]":
        step: str | int = number
        if text[at] == '"' and _is_key(text, at):
            step, at = _SCALARS.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield from _places(text, at, (*path, step))
        at = _skip(text, _SCALARS.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1


def _is_unkept(text: str, path: Path, at: int) -> bool:
    said = _SCALARS.raw_decode(text, at)[0] if text[at] == '"' else ""
    return bool(_UNKEPT.search(said) or (path and _UNKEPT.search(str(path[-1]))))


def _is_key(text: str, at: int) -> bool:
    return text[_skip(text, _SCALARS.raw_decode(text, at)[1])] == ":"


def _skip(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches ""
