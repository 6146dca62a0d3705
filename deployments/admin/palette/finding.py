"""What is found by its name: one query for each kind, and only kinds that the reader may see."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.urls import reverse

from deployments.admin.palette.asking import all_fit, fits
from deployments.admin.palette.entries import MOST_IN_GROUP, Entry, Group, best
from deployments.admin.palette.places import Asked, names_of
from deployments.admin.spoken import HERE, naming
from deployments.catalog.models import Environment, Release
from deployments.delivery.models import Deployment, Gate
from deployments.languages.told import named, told
from deployments.vocabulary import Status
from deployments.words import joined

#: Looked at before the best are taken.
MOST_LOOKED_AT = 60


def found(asked: Asked) -> Iterator[Entry]:
    for kind, right, _ in _KINDS:
        if asked.principal.may(right):
            yield from kind(asked)


def kinds(asked: Asked) -> str:
    """Those that the reader may see, in words."""
    english = [said.lower() for _, right, said in _KINDS if asked.principal.may(right)]
    names = [told(said).lower() for _, right, said in _KINDS if asked.principal.may(right)]
    return joined(english) if names == english else ", ".join(names)


def _environments(asked: Asked) -> Iterator[Entry]:
    scored = ((all_fit(asked.words, names_of(environment)), environment) for environment in asked.environments)
    for score, environment in best(scored):
        link = reverse("admin:deployments_environment_change", args=[environment.pk])
        yield Entry(group=Group.ENVIRONMENTS, title=str(environment), hint=standing(asked, environment), link=link,
                    icon="dns", score=score)  # fmt: skip


def standing(asked: Asked, environment: Environment) -> str:
    """What runs there, in words."""
    live = environment.live_release.version if environment.live_release else ""
    said = [told(f"{live} is live" if live else "nothing deployed yet")]
    if busy := asked.busy.get(environment.pk):
        said.append(told(f"busy with {busy.release.version}"))
    if environment.is_locked:
        said.append(naming(f"locked: {HERE}", environment.lock_message))
    return " · ".join(said)


def _applications(asked: Asked) -> Iterator[Entry]:
    scored = ((all_fit(asked.words, (each.name, each.slug)), each) for each in asked.applications)
    for score, application in best(scored):
        names = [row.name for row in asked.environments if row.application_id == application.pk]
        link = reverse("admin:deployments_application_change", args=[application.pk])
        yield Entry(group=Group.APPLICATIONS, title=application.name,
                    hint=", ".join(names[:4]) or told("no environment yet"), link=link, icon="deployed_code",
                    score=score)  # fmt: skip


def _releases(asked: Asked) -> Iterator[Entry]:
    ranks = {each.pk: rank for word in asked.words for rank, each in enumerate(asked.called(word))}
    wanted = _each_word(asked, _of_release)
    if wanted is None:
        return
    keys = list(Release.objects.filter(wanted).order_by("-pk").values_list("pk", flat=True)[: len(ranks) + 60])
    keys = sorted(keys, key=lambda pk: ranks.get(pk, len(ranks)))[:MOST_IN_GROUP]
    columns = ("version", "git_sha", "created_at", "application__name", "application__slug")
    rows = Release.objects.select_related("application").only(*columns).in_bulk(keys)
    for release in (rows[key] for key in keys if key in rows):
        names = (release.version, release.application.name, release.application.slug, release.git_sha)
        where = asked.live_on.get(release.pk)
        link = reverse("admin:deployments_release_change", args=[release.pk])
        yield Entry(group=Group.RELEASES, title=f"{release.application.name} {release.version}", link=link,
                    hint=naming(f"live on {HERE}", ", ".join(where)) if where else told("not live, registered"),
                    at=None if where else release.created_at, icon="package_2",
                    score=all_fit(asked.words, names) or 100)  # fmt: skip


def _of_release(asked: Asked, word: str) -> Q | None:
    applications = [row.pk for row in asked.applications if fits(word, (row.name, row.slug))]
    return _any(application__in=applications, pk__in=[each.pk for each in asked.called(word)])


def _deployments(asked: Asked) -> Iterator[Entry]:
    wanted = _each_word(asked, _of_deployment)
    if wanted is None:
        return
    keys = list(Deployment.objects.filter(wanted).order_by("-pk").values_list("pk", flat=True)[:MOST_IN_GROUP])
    columns = ("status", "created_at", "release__version", "environment__name", "environment__retired_at",
               "environment__application__slug", "requested_by__username", "requested_through", "requested_by_agent",
               "requested_run")  # fmt: skip
    rows = Deployment.objects.select_related("release", "environment__application", "requested_by").only(*columns)
    for place, deployment in enumerate(rows.filter(pk__in=keys).order_by("-pk")):
        state = told(Status(deployment.status).label)
        link = reverse("admin:deployments_deployment_change", args=[deployment.pk])
        # The newest first, below a release or an environment that is called so itself.
        yield Entry(group=Group.DEPLOYMENTS, title=told(str(deployment)), link=link, icon="rocket_launch",
                    hint=f"{state} · {named(deployment.requester)},", at=deployment.created_at,
                    score=300 - place)  # fmt: skip


def _of_deployment(asked: Asked, word: str) -> Q | None:
    people = User.objects.filter(anywhere("username", word)) if len(word) > 1 else User.objects.none()
    return _any(
        environment__in=[row.pk for row in asked.environments if fits(word, names_of(row))],
        release__in=[each.pk for each in asked.called(word)],
        requested_by__in=list(people.order_by("pk").values_list("pk", flat=True)[:MOST_LOOKED_AT]),
        status__in=[status.value for status in Status if _is_called(status, word)],
        pk__in=[int(word)] if word.isascii() and word.isdecimal() and len(word) < 10 else [],
    )


def _is_called(status: Status, word: str) -> bool:
    """In English, or in the reader's language, of which two letters may be a word."""
    return len(word) > (2 if word.isascii() else 1) and bool(fits(word, [status.label, told(status.label)]))


def _each_word(asked: Asked, of: Callable[[Asked, str], Q | None]) -> Q | None:
    """None when one of them is nothing's, so that no row is looked at in vain."""
    wanted = Q()
    for word in asked.words:
        if (found := of(asked, word)) is None:
            return None
        wanted &= found
    return wanted


def _any(**keys: Sequence[object]) -> Q | None:
    """Of rows that have one of these in one of these columns."""
    kept = [Q(**{column: values}) for column, values in keys.items() if values]
    return reduce(or_, kept) if kept else None


def _gates(asked: Asked) -> Iterator[Entry]:
    named = ("deployment__release", "deployment__environment__application", "deployment__requested_by")
    rows = best((all_fit(asked.words, _names_of_gate(each)), each) for each in
                Gate.objects.open().select_related(*named)[:200])  # fmt: skip
    groups = _groups(Gate.groups.through.objects.filter(gate__in=[gate.pk for _, gate in rows]), "gate")
    for score, gate in rows:
        link = reverse("admin:deployments_gate_change", args=[gate.pk])
        yield Entry(group=Group.GATES, title=told(f"Gate of {gate.deployment}"), link=link, icon="approval_delegation",
                    hint=naming(f"waits for {HERE}", ", ".join(groups.get(gate.pk, [])) or told("an approver")),
                    score=score)  # fmt: skip


def _names_of_gate(gate: Gate) -> tuple[str, ...]:
    deployment = gate.deployment
    return (*names_of(deployment.environment), deployment.release.version, deployment.requested_by.get_username(),
            "gate", told("Gate"))  # fmt: skip


def _people(asked: Asked) -> Iterator[Entry]:
    columns = ("username", "first_name", "last_name", "email")
    wanted = reduce(and_, (reduce(or_, (anywhere(column, word) for column in columns)) for word in asked.words))
    rows = best((all_fit(asked.words, [getattr(each, column) for column in columns]) or 100, each) for each in
                User.objects.filter(wanted).order_by("username")[:MOST_LOOKED_AT])  # fmt: skip
    groups = _groups(User.groups.through.objects.filter(user__in=[person.pk for _, person in rows]), "user")
    for score, person in rows:
        hint = ", ".join(groups.get(person.pk, [])) or told("no group")
        full = person.get_full_name()
        yield Entry(group=Group.PEOPLE, title=f"{person.username} ({full})" if full else person.username,
                    hint=hint if person.is_active else f"{hint} · {told('Inactive')}",
                    link=reverse("admin:auth_user_change", args=[person.pk]), icon="person",
                    score=score)  # fmt: skip


def _groups(links: QuerySet[Any], of: str) -> dict[int, list[str]]:
    """Names by the key of what they are `of`. Rows that are prefetched for hold what holds them, which is garbage."""
    found: dict[int, list[str]] = {}
    for key, name in links.order_by("group__name").values_list(of, "group__name"):
        found.setdefault(key, []).append(name)
    return found


def anywhere(column: str, word: str) -> Q:
    """Whatever the letters' case; SQLite itself knows that of a to z only."""
    spellings = {word} if word.isascii() else {word, word.upper(), word.capitalize()}
    return reduce(or_, (Q(**{f"{column}__icontains": spelling}) for spelling in sorted(spellings)))


_KINDS = (
    (_gates, "deployments.view_gate", "Gates"),
    (_environments, "deployments.view_environment", "Environments"),
    (_releases, "deployments.view_release", "Releases"),
    (_deployments, "deployments.view_deployment", "Deployments"),
    (_applications, "deployments.view_application", "Applications"),
    (_people, "auth.view_user", "People"),
)
