"""What became of the deployments of a week, and how long people were waited for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from deployments.delivery.models import Deployment, Gate
from deployments.telling.notifications.content import Content
from deployments.vocabulary import ENDED_BADLY, Status
from deployments.words import counted, duration_words

_WEEK = timedelta(days=7)
_MOST_PLACES = 40


def weekly(applications: Collection[int] | None, now: datetime) -> Content | None:
    """Of the seven days before `now`; `applications`: by their keys, None = all. None where nothing happened.

    Three queries, however much happened.
    """
    since = now - _WEEK
    rows = _of(applications, "environment__application")
    ended = Deployment.objects.filter(**rows, finished_at__gt=since, finished_at__lte=now)
    deployments = list(ended.select_related("environment__application", "release").order_by("finished_at"))
    gates = Gate.objects.filter(**_of(applications, "deployment__environment__application"))
    waits = _waits(gates.filter(closed_at__gt=since, closed_at__lte=now).values_list(
        "deployment__environment", "opened_at", "closed_at"))  # fmt: skip
    waiting = gates.open().count()
    if not deployments and not waiting:
        return None
    return Content(
        subject=f"Your week: {_counts(deployments) or 'nothing ended'}",
        sentences=(counted(waiting, "gate waits now.", "gates wait now."),) if waiting else (),
        facts=tuple(_places(deployments, waits)),
        path="/",
        link_text="Open the board",
    )


def _of(applications: Collection[int] | None, path: str) -> dict[str, Collection[int]]:
    return {} if applications is None else {f"{path}__in": applications}


def _waits(closed: Iterable[tuple[int, datetime, datetime | None]]) -> dict[int, list[timedelta]]:
    found: dict[int, list[timedelta]] = defaultdict(list)
    for environment, opened, closed_at in closed:
        if closed_at:
            found[environment].append(closed_at - opened)
    return found


def _places(deployments: Sequence[Deployment], waits: dict[int, list[timedelta]]) -> Iterator[tuple[str, str]]:
    places: dict[int, list[Deployment]] = defaultdict(list)
    for deployment in deployments:
        places[deployment.environment_id].append(deployment)
    for key, ended in sorted(places.items(), key=lambda each: -len(each[1]))[:_MOST_PLACES]:
        yield str(ended[0].environment), "; ".join(_said(ended, waits.get(key, [])))
    if len(places) > _MOST_PLACES:
        yield "Elsewhere", counted(len(places) - _MOST_PLACES, "more environment")


def _said(ended: Sequence[Deployment], waits: Sequence[timedelta]) -> Iterator[str]:
    yield _counts(ended)
    if live := [each.release.version for each in ended if each.status == Status.SUCCESSFUL]:
        yield f"the newest is {live[-1]}"
    if waits:
        middle, longest = (
            duration_words(each.total_seconds()) for each in (sorted(waits)[len(waits) // 2], max(waits))
        )
        yield f"gates waited {middle} as a rule, {longest} at most" if len(waits) > 1 else f"a gate waited {longest}"


def _counts(ended: Sequence[Deployment]) -> str:
    """Such as "3 live, 1 rolled back"."""
    statuses = [Status(each.status) for each in ended]
    live = statuses.count(Status.SUCCESSFUL)
    said = [counted(live, "live", "live")] if live else []
    for status in ENDED_BADLY:
        if number := statuses.count(status):
            said.append(_bad(status, number))
    return ", ".join(said)


def _bad(status: Status, number: int) -> str:
    match status:
        case Status.STOPPED:
            return counted(number, "stopped", "stopped")
        case Status.ROLLBACK_SUCCESSFUL:
            return counted(number, "rolled back", "rolled back")
        case Status.ROLLBACK_FAILED:
            return counted(number, "whose roll back failed", "whose roll back failed")
    return counted(number, "failed", "failed")
