"""The board: applications down, environments across, and on top what runs and what waits for you."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from deployments.admin.navigation import waiting_gates
from deployments.catalog.models import Application, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment
from deployments.delivery.views.board import board_view, version_of_board
from deployments.languages.told import told
from deployments.ops import clock_seen
from deployments.people.principal import Principal


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK."""
    return {**context, "title": told("Board"), **board(request)}


def live(request: HttpRequest) -> HttpResponse:
    """204 when the board would look the same."""
    if request.GET.get("v") == _with(clock_seen.trouble(), version_of_board()):
        return HttpResponse(status=204)
    context = board(request)
    answer = HttpResponse(render_to_string("admin/board/regions.html", context, request=request))
    answer["X-Tealgate-Version"] = context["version"]
    return answer


def _with(banner: str, version: str) -> str:
    """What the board's rows say is another thing."""
    return f"{version}-clock" if banner else version


def board(request: HttpRequest) -> dict[str, Any]:
    if not request.user.has_perm("deployments.view_environment"):
        return {"may_see": False, "version": "none"}
    clock_trouble = clock_seen.trouble()
    view = board_view(principal=Principal.person(request.user), waiting_for_me=waiting_gates(request))
    return {
        "may_see": True,
        "version": _with(clock_trouble, view.version),
        "clock_trouble": clock_trouble,
        "columns": view.columns,
        "rows": view.rows,
        # What waits for the reader stands above already, with more of it.
        "running": [
            each for each in view.running if each.id not in {gate.deployment_id for gate in view.waiting_for_me}
        ],
        "waiting_for_me": view.waiting_for_me,
        "first_steps": _first_steps(request, bool(view.rows)),
    }


def _first_steps(request: HttpRequest, environments: bool) -> list[dict[str, Any]]:
    """What to do on an empty installation, until something was deployed."""
    if Deployment.objects.exists():
        return []
    assert isinstance(request.user, User)  # noqa: S101 - the admin let nobody else in
    may = request.user.has_perm
    applications = Application.objects.filter(IN_USE).exists()
    steps = [
        ("Add an application", "What you release: a name, its repository, its registry.", applications,
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
