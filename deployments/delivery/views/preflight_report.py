"""A preflight report in the order in which people want to read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.preflight.report import Level, Report, Result

#: Worst first.
_ORDER = (Level.ERROR, Level.UNKNOWN, Level.WARNING, Level.OK)


@dataclass(frozen=True)
class Finding:
    """One sentence, and every check that came to it."""

    seen: str
    fix: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    level: Level
    findings: tuple[Finding, ...]
    #: of checks
    count: int


def kept(results: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    """Of what a deployment keeps of its preflight; members may be missing."""
    known = {level.value for level in Level}
    return grouped(
        Report(
            tuple(
                Result(
                    check=str(result.get("check", "")),
                    level=Level(result["level"] if result.get("level") in known else Level.UNKNOWN),
                    seen=str(result.get("seen", "")),
                    fix=str(result.get("fix", "")),
                )
                for result in results
            )
        )
    )


def grouped(report: Report) -> tuple[Group, ...]:
    """Levels that no check came to are left out."""
    found = ((level, report.of(level)) for level in _ORDER)
    return tuple(Group(level, _merged(results), len(results)) for level, results in found if results)


def _merged(results: Iterable[Result]) -> tuple[Finding, ...]:
    """An account that cannot be reached makes twenty checks say the same; once is enough to read."""
    checks: dict[tuple[str, str], list[str]] = {}
    for result in results:
        checks.setdefault((result.seen, result.fix), []).append(result.check)
    return tuple(Finding(seen, fix, tuple(names)) for (seen, fix), names in checks.items())
