"""Which release may go where: "deploy 1.1.0 to production" leads to that plan, which asks before anything happens."""

from collections.abc import Iterator, Mapping

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from deployments.admin.palette.asking import all_fit, left_over
from deployments.admin.palette.entries import MOST_IN_GROUP, Entry, Group, best
from deployments.admin.palette.finding import standing
from deployments.admin.palette.places import Asked, names_of
from deployments.admin.palette.versions import Named, in_all
from deployments.catalog.models import Application, Environment, Release
from deployments.languages.told import told
from deployments.people import rights


def deploying(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    """`rest`: names of places and versions, in any order; without any, all places."""
    by_version: dict[tuple[str, ...], list[Environment]] = {}
    for environment in asked.environments:
        by_version.setdefault(left_over(rest, names_of(environment)), []).append(environment)
    for version, environments in sorted(by_version.items(), key=lambda each: len(each[0])):
        allowed = [each for each in environments if not rights.deploy_refusal(asked.principal, each)]
        if not allowed:
            continue
        if version:
            yield from _of_version(asked, allowed, rest, version)
        else:
            yield from _newest(asked, _nearest(allowed, rest), rest)


def _of_version(
    asked: Asked, environments: list[Environment], rest: tuple[str, ...], version: tuple[str, ...]
) -> Iterator[Entry]:
    """Of each application the release that is called most like it."""
    like: dict[int, Named] = {}
    for release in in_all([asked.called(word) for word in version]):
        like.setdefault(release.application, release)
    places = [each for each in environments if each.application_id in like]
    scored = ((all_fit(rest, (*names_of(each), like[each.application_id].version)), each) for each in places)
    for score, environment in best(scored):
        yield _plan(asked, environment, like[environment.application_id], score)


def _newest(asked: Asked, environments: list[Environment], rest: tuple[str, ...]) -> Iterator[Entry]:
    newest = _newest_of({each.application_id for each in environments})
    for environment in environments:
        score = all_fit(rest, names_of(environment))
        release = newest.get(environment.application_id)
        if rest and release and release.pk != environment.live_release_id:
            yield _plan(asked, environment, release, score)
        yield Entry(group=Group.ACTIONS, title=told(f"Deploy to {environment}…"), hint=standing(asked, environment),
                    link=f"{reverse('admin:deployments_deployment_add')}?environment={environment.pk}",
                    icon="rocket_launch", score=score)  # fmt: skip


def _nearest(environments: list[Environment], rest: tuple[str, ...]) -> list[Environment]:
    if not rest:
        return environments[:MOST_IN_GROUP]
    return [each for _, each in best((all_fit(rest, names_of(each)), each) for each in environments)]


def _newest_of(applications: set[int]) -> Mapping[int, Named]:
    own = Release.objects.filter(application=OuterRef("pk")).order_by("-created_at", "-pk")
    rows = Application.objects.filter(pk__in=applications).annotate(newest=Subquery(own.values("pk")[:1]))
    found = Release.objects.filter(pk__in=[row.newest for row in rows.only("pk") if row.newest])
    return {each[1]: Named(*each) for each in found.order_by().values_list("pk", "application", "version")}


def _plan(asked: Asked, environment: Environment, release: Named, score: int) -> Entry:
    query: dict[str, str | int] = {
        "release": release.pk, "environment": environment.pk, "strategy": environment.strategy,
    }  # fmt: skip
    live = environment.live_release_id == release.pk
    return Entry(group=Group.ACTIONS, title=told(f"Deploy {release.version} to {environment}"),
                 hint=told("is live there already") if live else standing(asked, environment),
                 link=f"{reverse('admin:deployments_deployment_preview')}?{urlencode(query)}", icon="rocket_launch",
                 score=score)  # fmt: skip
