"""The ways back: of what is under way, and to what was live before."""

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from deployments.admin.palette.asking import all_fit
from deployments.admin.palette.entries import MOST_IN_GROUP, Entry, Group
from deployments.admin.palette.places import Asked, names_of
from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.delivery.views.reader_actions import Act, way_back
from deployments.languages.told import told
from deployments.people import rights
from deployments.vocabulary import Status


def turning_back(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    """`rest`: names of places and versions; without any, only what is under way."""
    for deployment in asked.unfinished:
        act, environment = way_back(deployment), deployment.environment
        if act is None or rights.turn_back_refusal(asked.principal, environment):
            continue
        if (score := all_fit(rest, (*names_of(environment), deployment.release.version))) or not rest:
            yield _under_way(deployment, act, score)
    if rest:
        yield from _ended(asked, rest)


def _under_way(deployment: Deployment, act: Act, score: int) -> Entry:
    environment, before = deployment.environment, deployment.source_release
    title = f"Stop {deployment}…"
    if act is Act.ROLL_BACK:
        title = f"Roll back {environment} to {before.version}…" if before else f"Roll back {environment}…"
    return Entry(group=Group.ACTIONS, title=told(title),
                 hint=told(f"{deployment.release.version} is under way, asked for by {deployment.requester}"),
                 link=reverse("admin:deployments_deployment_do", args=[deployment.pk, act.value]), icon="undo",
                 score=score + 50)  # fmt: skip


def _ended(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    """Where nothing is under way, going back is a deployment of what was live before."""
    fitting = {
        environment.pk: (environment, score)
        for environment in asked.environments
        if environment.pk not in asked.busy
        and (score := all_fit(rest, names_of(environment)))
        and not rights.deploy_refusal(asked.principal, environment)
    }
    for last in _last_of(list(fitting)[:MOST_IN_GROUP]):
        environment, score = fitting[last.environment_id]
        if last.source_release is None or last.release_id != environment.live_release_id:
            continue
        query: dict[str, str | int] = {"release": last.source_release.pk, "environment": environment.pk,
                 "reason": f"Back from {last.release.version}"}  # fmt: skip
        yield Entry(group=Group.ACTIONS, title=told(f"Go back to {last.source_release.version} on {environment}…"),
                    hint=told(f"{last.release.version} is live; it is a deployment with its gates"),
                    link=f"{reverse('admin:deployments_deployment_add')}?{urlencode(query)}", icon="undo",
                    score=score)  # fmt: skip


def _last_of(environments: list[int]) -> list[Deployment]:
    """The newest of each that went well."""
    good = Deployment.objects.filter(environment=OuterRef("pk"), status=Status.SUCCESSFUL).order_by("-pk")
    rows = Environment.objects.filter(pk__in=environments).annotate(last=Subquery(good.values("pk")[:1]))
    found = Deployment.objects.filter(pk__in=[last for last in rows.values_list("last", flat=True) if last])
    columns = ("environment", "release__version", "source_release__version")
    return list(found.select_related("release", "source_release").only(*columns).order_by("environment_id"))
