"""A preflight report in the order in which people want to read it."""

from dataclasses import dataclass

from deployments.preflight.report import Level, Report, Result

_GROUPS = (
    (Level.ERROR, "error", "Errors", "They stop the deployment."),
    (Level.UNKNOWN, "help", "Could not be checked", "Tealgate may not look, or got no answer."),
    (Level.WARNING, "warning", "Warnings", "They do not stop it; read them."),
    (Level.OK, "check_circle", "Fine", ""),
)


@dataclass(frozen=True)
class Group:
    level: str
    icon: str
    title: str
    hint: str
    results: tuple[Result, ...]


def grouped(report: Report) -> list[Group]:
    groups = [Group(level.value, icon, title, hint, report.of(level)) for level, icon, title, hint in _GROUPS]
    return [group for group in groups if group.results]
