"""The board: applications down, environments across, and on top what runs and what waits for you."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from deployments.admin.navigation import waiting_gates
from deployments.catalog.models import Application, Environment, Release
from deployments.delivery.models import Deployment, Gate
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status


@dataclass(frozen=True, kw_only=True)
class Cell:
    environment: Environment
    running: Deployment | None
    waiting: bool
    latest: Deployment | None
    by: str
    deploy_refusal: str

    @property
    def trouble(self) -> Deployment | None:
        """The last deployment, when it did not end well."""
        bad = (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED)
        return self.latest if self.latest and self.latest.status in bad else None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK."""
    return {**context, "title": "Board", **board(request)}


def live(request: HttpRequest) -> HttpResponse:
    """204 when the board would look the same."""
    if request.GET.get("v") == version(request):
        return HttpResponse(status=204)
    context = board(request)
    answer = HttpResponse(render_to_string("admin/board/regions.html", context, request=request))
    answer["X-Tealgate-Version"] = context["version"]
    return answer


def board(request: HttpRequest) -> dict[str, Any]:
    may_see = request.user.has_perm("deployments.view_environment")
    if not may_see:
        return {"may_see": False, "version": "none"}
    principal, environments = Principal.person(request.user), _environments()
    running = {row.environment_id: row for row in _running()}
    waiting = {gate.deployment_id for gate in Gate.objects.open()}
    latest = Deployment.objects.select_related("release").in_bulk([env.latest for env in environments if env.latest])
    cells = {
        env.pk: Cell(
            environment=env,
            running=running.get(env.pk),
            waiting=env.pk in running and running[env.pk].pk in waiting,
            latest=latest.get(env.latest),
            by=env.live_by or "",
            deploy_refusal=rights.deploy_refusal(principal, env),
        )
        for env in environments
    }
    columns = _columns(environments)
    return {
        "may_see": True,
        "version": version(request),
        "columns": columns,
        "rows": _rows(environments, cells, columns),
        "running": [(row, row.pk in waiting) for row in running.values()],
        "waiting_for_me": waiting_gates(request),
        "first_steps": _first_steps(request, bool(environments)),
    }


def version(request: HttpRequest) -> str:
    seen = [
        Event.objects.aggregate(Max("pk")),
        list(Deployment.objects.unfinished().values_list("pk", "status", "stage", "position", "percent")),
        list(Environment.objects.values_list("pk", "live_release", "live_slot", "locked_at", "rank", "name")),
        list(Gate.objects.open().annotate(decided=Count("approvals")).values_list("pk", "decided")),
        Application.objects.count(),
    ]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:20]


def _environments() -> list[Any]:
    done = Deployment.objects.filter(environment=OuterRef("pk")).order_by("-created_at", "-id")
    return list(
        Environment.objects.select_related("application", "live_release", "locked_by")
        .prefetch_related("deployers")
        .annotate(
            live_by=Subquery(done.filter(status=Status.SUCCESSFUL).values("requested_by__username")[:1]),
            latest=Subquery(done.values("pk")[:1]),
        )
        .order_by("application__name", "rank", "name")
    )


def _running() -> list[Deployment]:
    return list(
        Deployment.objects.unfinished()
        .select_related("environment__application", "release", "requested_by")
        .order_by("created_at")
    )


def _columns(environments: list[Any]) -> list[str]:
    """Names in rank order; applications that use the same names share a column."""
    ranks: dict[str, int] = {}
    for env in environments:
        ranks[env.name] = min(env.rank, ranks.get(env.name, env.rank))
    return sorted(ranks, key=lambda name: (ranks[name], name))


def _rows(environments: list[Any], cells: dict[int, Cell], columns: list[str]) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for env in environments:
        row = rows.setdefault(env.application_id, {"application": env.application, "found": {}})
        row["found"][env.name] = cells[env.pk]
    # The longest promotion paths first; the sort is stable, so that names stay in order.
    longest = sorted(rows.values(), key=lambda row: -len(row["found"]))
    return [
        {"application": row["application"], "cells": [(name, row["found"].get(name)) for name in columns]}
        for row in longest
    ]


def _first_steps(request: HttpRequest, environments: bool) -> list[dict[str, Any]]:
    """What to do on an empty installation, until something was deployed."""
    if Deployment.objects.exists():
        return []
    assert isinstance(request.user, User)  # noqa: S101 - the admin let nobody else in
    may = request.user.has_perm
    steps = [
        ("Add an application", "What you release: a name, its repository, its registry.", Application.objects.exists(),
         "application_add", may("deployments.add_application"), "an administrator does this"),
        ("Add an environment", "Where it runs on ECS, and who must approve. “Check environment” tells what is missing.",
         environments, "environment_add", may("deployments.add_environment"), "an administrator does this"),
        ("Register a release", "A version with its images; tags are pinned to digests at once.",
         Release.objects.exists(), "release_add", may("deployments.add_release"), "a release manager does this"),
        ("Deploy it", "See the plan first: stages, gates, what changes. Then confirm with a reason.", False,
         "deployment_add", may("deployments.add_deployment"), "a release manager does this"),
    ]  # fmt: skip
    keys = ("title", "text", "done", "page", "may", "who")
    return [dict(zip(keys, step, strict=True)) for step in steps]
