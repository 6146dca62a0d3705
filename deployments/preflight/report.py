"""What preflight found, as values: each result says what was seen and, if it is bad, the fix in words."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from deployments.red import Ailment, Red


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Result:
    """`check` is a stable id such as image-architecture, `seen` a sentence, `fix` "" when there is none."""

    check: str
    level: Level
    seen: str
    fix: str = ""
    #: of checks that are made together
    group: str = field(default="", compare=False)
    #: what of production is sick by it, which a deployment of that kind may begin with
    red: Red | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        return {name: kept for name, kept in asdict(self).items() if name != "red" or kept}


@dataclass(frozen=True)
class Report:
    results: tuple[Result, ...]
    #: when the oldest answer that it stands on was given; None: AWS was not reached
    asked_at: datetime | None = field(default=None, compare=False)

    def of(self, *levels: Level) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.level in levels)

    @property
    def errors(self) -> tuple[Result, ...]:
        return self.of(Level.ERROR)

    @property
    def passed(self) -> bool:
        return not self.errors

    def as_json(self) -> list[dict[str, Any]]:
        return [result.as_json() for result in self.results]


def ok(check: str, seen: str) -> Result:
    return Result(check=check, level=Level.OK, seen=seen)


def warning(check: str, seen: str, fix: str) -> Result:
    return Result(check=check, level=Level.WARNING, seen=seen, fix=fix)


def error(check: str, seen: str, fix: str, *, ails: tuple[Ailment, str] | None = None, alone: str = "") -> Result:
    """`ails`: what of production is sick by it, and the name of that; `alone`: its sentence without what follows."""
    red = Red(ailment=ails[0], name=ails[1], seen=alone or seen) if ails else None
    return Result(check=check, level=Level.ERROR, seen=seen, fix=fix, red=red)


def unknown(check: str, seen: str, fix: str = "") -> Result:
    return Result(check=check, level=Level.UNKNOWN, seen=seen, fix=fix)
