"""A preflight report in the order in which people want to read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.preflight.report import Level, Report, Result
from deployments.words import counted

_GROUPS = (
    (Level.ERROR, "error", "Errors", "They stop the deployment."),
    (Level.UNKNOWN, "help", "Could not be checked", "Tealgate may not look, or got no answer."),
    (Level.WARNING, "warning", "Warnings", "They do not stop it; read them."),
    (Level.OK, "check_circle", "Fine", ""),
)


@dataclass(frozen=True)
class Finding:
    """One sentence, and every check that came to it."""

    seen: str
    fix: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    level: str
    icon: str
    title: str
    hint: str
    findings: tuple[Finding, ...]
    count: int

    @property
    def is_ok(self) -> bool:
        return self.level == Level.OK

    @property
    def words(self) -> str:
        """Such as "2 errors", for a summary."""
        many = {Level.ERROR: "errors", Level.UNKNOWN: "not looked at", Level.WARNING: "warnings", Level.OK: "fine"}
        one = {Level.ERROR: "error", Level.WARNING: "warning"}
        level = Level(self.level)
        return counted(self.count, one.get(level, many[level]), many[level])


def kept(results: Iterable[Mapping[str, Any]]) -> list[Group]:
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


def grouped(report: Report) -> list[Group]:
    groups = []
    for level, icon, title, hint in _GROUPS:
        results = report.of(level)
        if results:
            groups.append(Group(level.value, icon, title, hint, _merged(results), len(results)))
    return groups


def _merged(results: Iterable[Result]) -> tuple[Finding, ...]:
    """An account that cannot be reached makes twenty checks say the same; once is enough to read."""
    checks: dict[tuple[str, str], list[str]] = {}
    for result in results:
        checks.setdefault((result.seen, result.fix), []).append(result.check)
    return tuple(Finding(seen, fix, tuple(names)) for (seen, fix), names in checks.items())
