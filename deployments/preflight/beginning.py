"""How a deployment may begin where production is sick or nothing runs: never chosen silently, only told and judged.

A finding that speaks of production itself names what is red by it. An ordinary deployment is refused for it. A repair,
or a first release, may begin with what was red when it was asked for; what was green then still stands in its way.
"""

from collections.abc import Iterable
from dataclasses import replace

from deployments.frozen import EnvironmentSettings
from deployments.preflight.report import Level, Report, Result
from deployments.red import Ailment, Red, is_listed
from deployments.vocabulary import DeploymentKind

#: Of a service that runs nothing there is nothing to go back to.
_EMPTY = (Ailment.NOTHING, Ailment.TASKS)


def needed(report: Report) -> DeploymentKind:
    """The kind by which its errors about production would not stand in the way."""
    red = [result.red for result in report.errors if result.red]
    if not red:
        return DeploymentKind.NORMAL
    return DeploymentKind.FIRST if _is_empty(red) else DeploymentKind.REPAIR


def offer(report: Report) -> str:
    """What the plan of a release offers where an ordinary deployment is refused, in sentences; "" where nothing."""
    match needed(report):
        case DeploymentKind.REPAIR:
            return "Production is sick: the plan of a release offers to deploy it as a repair."
        case DeploymentKind.FIRST:
            return (
                "Nothing runs there: the plan of a release offers to deploy it as a first release. Leave the desired "
                "count as it is."
            )
        case DeploymentKind.NORMAL:
            return ""


def refusal(report: Report, kind: DeploymentKind) -> str:
    """Why a deployment may not be of that kind, in sentences; "" when it may."""
    found, wanted = red(report), needed(report)
    if kind is DeploymentKind.REPAIR and wanted is DeploymentKind.FIRST:
        return "Nothing is to run there, so there is nothing to repair: deploy it as a first release."
    if kind is DeploymentKind.REPAIR and wanted is DeploymentKind.NORMAL:
        return "Nothing of production is red, so there is nothing to repair: deploy as usual."
    if kind is DeploymentKind.FIRST and not any(each.ailment in _EMPTY for each in found):
        return "Something runs there, so this is no first release: deploy as usual, or as a repair if it is sick."
    return ""


def red(report: Report) -> tuple[Red, ...]:
    """Each thing once, in the order in which it was found."""
    found = {(result.red.ailment, result.red.name): result.red for result in report.results if result.red}
    return tuple(found.values())


def begun(settings: EnvironmentSettings, kind: DeploymentKind, report: Report) -> EnvironmentSettings:
    """Frozen with what is red now, where it is to begin in spite of it."""
    if kind is DeploymentKind.NORMAL:
        return settings
    return replace(settings, kind=kind, red=red(report))


def admitted(settings: EnvironmentSettings, results: Iterable[Result]) -> tuple[Result, ...]:
    """The same findings, where what was red before is no error."""
    return tuple(_said(settings, each) if _may_begin_with(settings, each) else each for each in results)


def _is_empty(found: Iterable[Red]) -> bool:
    return any(each.ailment is Ailment.NOTHING for each in found)


def _may_begin_with(settings: EnvironmentSettings, result: Result) -> bool:
    if result.level is not Level.ERROR or result.red is None or not is_listed(result.red, settings.red):
        return False
    return settings.kind == DeploymentKind.FIRST or result.red.ailment is not Ailment.NOTHING


def _said(settings: EnvironmentSettings, result: Result) -> Result:
    what = DeploymentKind(settings.kind).label.lower()
    return replace(
        result,
        level=Level.WARNING,
        seen=result.red.seen if result.red else result.seen,
        fix=f"It was so before this {what} was asked for and does not count against it.",
    )
