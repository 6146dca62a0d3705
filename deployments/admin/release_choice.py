"""The releases to choose from, each with what tells it from the others: what it brings, and what became of it where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from deployments import swaps
from deployments.admin.list_search import words_of
from deployments.catalog import offers
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment
from deployments.delivery.views.ended import why_it_ended
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import ENDED_BADLY, UNFINISHED_STATUSES, Status

MOST = 30


@dataclass(frozen=True, kw_only=True)
class Choice:
    release: Release
    #: the first line of its notes
    note: str
    #: where it is live
    live_on: tuple[Environment, ...]
    #: names of where it went well and something else is live by now
    was_on: tuple[str, ...]
    #: its last deployment, there where it is to go or anywhere, when that did not end well
    trouble: Deployment | None
    #: why; how it went back stands on its own page
    trouble_reason: str
    under_way: Deployment | None
    #: what is live there, where that has the same images or bundle
    equals: str
    #: why it cannot go there; "" when it can
    refusal: str
    #: the plan of it there, or the next choice
    link: str
    #: the same with another strategy; "" where that is what `link` asks
    other: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    items: tuple[Choice, ...]
    searched: str
    #: whether there are others, older ones
    more: bool
    #: why none of them can go there
    refusal: str


def choices(
    application: Application, environment: Environment | None, *, searched: str, reason: str, principal: Principal
) -> Choices:
    """The newest first. `environment`: where it is to go, if that was chosen already."""
    rows = list(_found(application, searched)[: MOST + 1])
    live: dict[int, list[Environment]] = {}
    for place in application.environments.filter(IN_USE, live_release__isnull=False).order_by("rank", "name"):
        live.setdefault(place.live_release_id or 0, []).append(place)
    past, goal = _past(rows), _goal(environment, reason, principal)
    return Choices(
        items=tuple(_choice(row, goal, live.get(row.pk, ()), past.get(row.pk, ())) for row in rows[:MOST]),
        searched=searched,
        more=len(rows) > MOST,
        refusal=goal.refusal,
    )


@dataclass(frozen=True, kw_only=True)
class _Goal:
    """Where it is to go, looked at once for all releases."""

    environment: Environment | None
    takes_bundles: bool | None = None
    #: by which its plan can be shown at once; "" where one has to be chosen
    strategy: str = ""
    refusal: str = ""
    #: what is live there, and its images
    live: Release | None = None
    pinned: Mapping[str, str] = field(default_factory=dict)
    #: what every link says besides the release
    query: Mapping[str, str]


def _goal(environment: Environment | None, reason: str, principal: Principal) -> _Goal:
    query = {"reason": reason} if reason else {}
    if environment is None:
        return _Goal(environment=None, query=query)
    possible = (each.strategy for each in offers.strategies(environment) if not each.refusal)
    live = environment.live_release
    return _Goal(
        environment=environment,
        takes_bundles=swaps.get(environment.controller).takes_bundles(freeze(environment)),
        strategy=next((each.value for each in possible if each == environment.strategy), ""),
        refusal=rights.deploy_refusal(principal, environment),
        live=live,
        pinned=live.pinned if live else {},
        query={"environment": str(environment.pk), **query},
    )


def _found(application: Application, searched: str) -> QuerySet[Release]:
    rows = application.releases.defer("task_definition").select_related("application").prefetch_related("images")
    for word in words_of(searched):
        said = Q(version__icontains=word) | Q(notes__icontains=word) | Q(registered_by__icontains=word)
        rows = rows.filter(said | Q(git_sha__startswith=word.lower()) | Q(images__digest__icontains=word)).distinct()
    return rows


def _past(releases: Iterable[Release]) -> Mapping[int, list[Deployment]]:
    """Of each release, the newest first; the columns that hold documents are not read."""
    rows = Deployment.objects.filter(release__in=[each.pk for each in releases]).order_by("-pk")
    columns = ("release", "status", "status_reason", "finished_at", "environment__name", "environment__retired_at")
    past: dict[int, list[Deployment]] = {}
    for deployment in rows.select_related("environment").only(*columns):
        past.setdefault(deployment.release_id, []).append(deployment)
    return past


def _choice(release: Release, goal: _Goal, live_on: Sequence[Environment], past: Sequence[Deployment]) -> Choice:
    environment = goal.environment
    of_place = [each for each in past if environment is None or each.environment_id == environment.pk]
    trouble = of_place[0] if of_place and of_place[0].status in ENDED_BADLY else None
    live_names = {place.name for place in live_on}
    went_well = {each.environment.name: None for each in past if each.status == Status.SUCCESSFUL}
    choosing = f"{reverse('admin:deployments_deployment_add')}?{urlencode({'release': release.pk, **goal.query})}"
    plan = urlencode({"release": release.pk, **goal.query, "strategy": goal.strategy})
    return Choice(
        release=release,
        note=next((line.strip() for line in release.notes.splitlines() if line.strip()), ""),
        live_on=tuple(live_on),
        was_on=tuple(name for name in went_well if name not in live_names),
        trouble=trouble,
        trouble_reason=why_it_ended(trouble) if trouble else "",
        under_way=next((each for each in past if each.status in UNFINISHED_STATUSES), None),
        equals=_equals(release, goal),
        refusal=goal.refusal or _unfit(release, goal),
        link=f"{reverse('admin:deployments_deployment_preview')}?{plan}" if goal.strategy else choosing,
        other=choosing if goal.strategy else "",
    )


def _equals(release: Release, goal: _Goal) -> str:
    """The version that is live there under another name, with the very same images or bundle."""
    live = goal.live
    if live is None or live.pk == release.pk or not (release.bundle or release.pinned):
        return ""
    return live.version if (live.bundle, goal.pinned) == (release.bundle, release.pinned) else ""


def _unfit(release: Release, goal: _Goal) -> str:
    if goal.environment is None or bool(release.bundle) == goal.takes_bundles:
        return ""
    if goal.takes_bundles:
        return f"It has images, and {goal.environment.name} takes a bundle for servers; register one with a bundle."
    return f"It is a bundle for servers, and {goal.environment.name} takes images; register one with images."
