"""From a release to a deployment: choose where and how, see exactly what would happen, confirm with a reason."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from deployments import clock
from deployments.admin import drawing
from deployments.admin.base import number
from deployments.admin.release_choice import Choices, choices
from deployments.aws.errors import AwsError
from deployments.catalog import offers
from deployments.catalog.models import Application, Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery import requests
from deployments.delivery.models import Deployment
from deployments.delivery.views.plan import PlanView, plan_view
from deployments.frozen import Plan
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind, Strategy

if TYPE_CHECKING:
    from deployments.admin.deployments import DeploymentAdmin


def choose(model_admin: "DeploymentAdmin", request: HttpRequest) -> HttpResponse:
    """Each choice is a link or a radio button, so that the address always says what was chosen."""
    release, environment = _release(request), _environment(request)
    if release and environment and release.application_id != environment.application_id:
        environment = None  # an address put together by hand
    application = _application(request, release, environment)
    environments = _environments(application, request) if application else []
    if environment and environment.is_retired:
        messages.error(request, environment.retired_refusal)
        environment = None
    if environment is None and release is not None:
        free = [choice["row"] for choice in environments if not (choice["busy"] or choice["refusal"])]
        open_ones = [row for row in free if not row.is_locked]
        environment = _next_environment(release, open_ones or [choice["row"] for choice in environments])
    strategies = _strategies(environment) if environment and release else []
    chosen = request.GET.get("strategy") or (environment.strategy if environment else "")
    context = {
        **_frame(model_admin, request),
        "title": told("Deploy"),
        "crumb": told("Deploy"),
        "release": release,
        "env": environment,  # "environment" is the theme's label of the installation
        "application": application,
        "applications": Application.objects.filter(IN_USE) if application is None else (),
        "choices": _choices(application, environment, request) if application and release is None else None,
        "environments": environments,
        "strategies": [item for item in strategies if not item["preset"]],
        "presets": [item for item in strategies if item["preset"]],
        "chosen": chosen,
        "preset_chosen": chosen and not chosen.isupper(),
        "reason": request.GET.get("reason", ""),
    }
    return TemplateResponse(request, "admin/deployments/deploy/choose.html", context)


def preview(model_admin: "DeploymentAdmin", request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    release, environment = _release(request), _environment(request)
    strategy = data.get("strategy", "")
    if release is None or environment is None or strategy not in list(Strategy):
        messages.error(request, "Choose a release, an environment and a strategy first.")
        return redirect("admin:deployments_deployment_add")
    error = None
    if request.method == "POST":
        try:
            return redirect("admin:deployments_deployment_change", _confirm(request, release, environment, strategy).pk)
        except Refused as refused:
            error = refused
    kind = _kind(request)
    seen, problem = _preview(environment, release, strategy, Principal.person(request.user), kind)
    context = {
        **_frame(model_admin, request),
        "title": told(f"Deploy {release.version} to {environment}"),
        "crumb": told(f"Deploy {release.version} to {environment}"),
        "release": release,
        "env": environment,  # "environment" is the theme's label of the installation
        "strategy": Strategy(strategy),
        "kind": kind,
        "preview": seen,
        "problem": problem,
        "reason": data.get("reason", ""),
        "error": error,
        "ladder": drawing.ladder(seen.plan, width=480, height=130) if seen and seen.plan.ladder else None,
    }
    return TemplateResponse(request, "admin/deployments/deploy/preview.html", context)


def _confirm(request: HttpRequest, release: Release, environment: Environment, strategy: str) -> Deployment:
    deployment = requests.request_deployment(
        environment=environment,
        release=release,
        strategy=strategy,
        principal=Principal.person(request.user),
        reason=request.POST.get("reason", ""),
        now=clock.now(),
        kind=_kind(request),
        confirmed=request.POST.get("fingerprint") or "none",
    )
    messages.success(request, f"Deployment of {release.version} to {environment} requested.")
    return deployment


def _preview(
    environment: Environment, release: Release, strategy: str, principal: Principal, kind: DeploymentKind
) -> tuple[PlanView | None, str]:
    try:
        found = plan_view(
            environment=environment, release=release, strategy=strategy, principal=principal, now=clock.now(),
            kind=kind,
        )  # fmt: skip
    except Refused as refused:
        return None, refused.sentence
    except AwsError as error:
        return None, f"{error.sentence} Check the environment's region and role, then look again."
    return found, ""


def _kind(request: HttpRequest) -> DeploymentKind:
    """What is typed into an address by hand is an ordinary deployment."""
    asked = request.POST.get("kind") or request.GET.get("kind") or ""
    return DeploymentKind(asked) if asked in set(DeploymentKind) else DeploymentKind.NORMAL


def _frame(model_admin: "DeploymentAdmin", request: HttpRequest) -> dict[str, Any]:
    return {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}


def _pk(request: HttpRequest, name: str) -> int:
    return number(request.POST.get(name) or request.GET.get(name))


def _release(request: HttpRequest) -> Release | None:
    found = Release.objects.select_related("application").prefetch_related("images")
    return found.filter(pk=_pk(request, "release")).first()


def _environment(request: HttpRequest) -> Environment | None:
    found = Environment.objects.select_related("application", "live_release", "locked_by")
    return found.filter(pk=_pk(request, "environment")).first()


def _application(request: HttpRequest, release: Release | None, environment: Environment | None) -> Application | None:
    if release or environment:
        return (release or environment).application  # type: ignore[union-attr]
    return Application.objects.filter(pk=_pk(request, "application")).first()


def _choices(application: Application, environment: Environment | None, request: HttpRequest) -> Choices:
    said = {name: request.GET.get(name, "") for name in ("q", "reason")}
    principal = Principal.person(request.user)
    return choices(application, environment, searched=said["q"], reason=said["reason"], principal=principal)


def _environments(application: Application, request: HttpRequest) -> list[dict[str, Any]]:
    principal = Principal.person(request.user)
    rows = application.environments.filter(IN_USE).select_related("application", "live_release", "locked_by")
    busy = {
        deployment.environment_id: deployment
        for deployment in Deployment.objects.unfinished()
        .filter(environment__application=application)
        .select_related("release")
    }
    return [
        {
            "row": row,
            "busy": busy.get(row.pk),
            "refusal": rights.deploy_refusal(principal, row),
            "address": _address(request, environment=row.pk),
        }
        for row in rows.prefetch_related("deployers").order_by("rank", "name")
    ]


def _address(request: HttpRequest, **changes: int) -> str:
    query = request.GET.copy()
    query.pop("strategy", None)
    for name, value in changes.items():
        query[name] = str(value)
    return f"{reverse('admin:deployments_deployment_add')}?{query.urlencode()}"


def _next_environment(release: Release, environments: list[Environment]) -> Environment | None:
    """The first on the promotion path where this release is not live yet."""
    return next(
        (env for env in environments if env.live_release_id != release.pk), environments[0] if environments else None
    )


def _strategies(environment: Environment) -> list[dict[str, Any]]:
    def drawn(plan: Plan | None) -> drawing.Ladder | None:
        # Where tasks are replaced in place there is no share of traffic to draw.
        return drawing.ladder(plan) if plan and plan.ladder else None

    return [
        {
            "offer": offer,
            "picture": drawn(offer.plan),
            "label": told(offer.strategy.label.removesuffix(" (CodeDeploy's preset)")),
            "preset": not offer.strategy.value.isupper(),
            "default": environment.strategy,
        }
        for offer in offers.strategies(environment)
    ]
