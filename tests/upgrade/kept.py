"""The rows that versions left behind, one file a version: `0.1.0.json` and so on, a row a line.

A file says which migration was that version's last: its columns are those of that version.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
#: Model to its rows, each a mapping of column (as Django's attname) to value.
Rows = Mapping[str, list[dict[str, Any]]]


class Kept(NamedTuple):
    migration: str
    #: times in ISO 8601
    rows: Rows


def versions() -> list[str]:
    """Oldest first."""
    return sorted((path.stem for path in HERE.glob("*.json")), key=_number)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@cache
def read(version: str) -> Kept:
    return Kept(**json.loads((HERE / f"{version}.json").read_text()))


def write(version: str, migration: str, rows: Rows) -> Path:
    tables = [f"{json.dumps(label)}: [\n{_lines(map(_line, written))}\n]" for label, written in rows.items()]
    path = HERE / f"{version}.json"
    path.write_text(f'{{"migration": {json.dumps(migration)}, "rows": {{\n{_lines(tables)}\n}}}}\n')
    return path


def _lines(parts: Iterable[str]) -> str:
    return ",\n".join(parts)


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=_text, ensure_ascii=False, separators=(",", ":"))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is of no kind that is kept")
