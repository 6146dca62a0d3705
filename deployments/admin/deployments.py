"""Deployments: the list, the page, and the addresses of everything that is done from there."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deployments import clock
from deployments.admin import board, deploy_flow, deployment_actions, deployment_page
from deployments.admin.base import ApplicationFilter, EnvironmentFilter, RecordAdmin, number
from deployments.admin.spoken import SpokenFilter
from deployments.delivery.models import Deployment, with_waiting
from deployments.delivery.views.deployment import load
from deployments.delivery.views.page_version import version_of
from deployments.delivery.views.pipeline import is_followed
from deployments.languages.told import named, told
from deployments.people.principal import Principal
from deployments.people.rights import deploy_refusal
from deployments.templatetags.tealgate import elapsed, pill, status, when
from deployments.vocabulary import UNFINISHED_STATUSES, DeploymentKind, Strategy


class RunningFilter(SpokenFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("running", told("Running")), ("ended", told("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Deployment]) -> QuerySet[Deployment]:
        if self.value() == "running":
            return queryset.filter(status__in=UNFINISHED_STATUSES)
        if self.value() == "ended":
            return queryset.exclude(status__in=UNFINISHED_STATUSES)
        return queryset


@admin.register(Deployment)
class DeploymentAdmin(RecordAdmin):
    about_empty = (
        "A deployment brings a release to an environment. It begins with a plan, and nothing happens before "
        "you confirm."
    )
    list_display = ("title_link", "status_words", "requester", "why", "began", "took", "strategy_words")
    list_display_links = None
    list_filter = (RunningFilter, "status", "kind", ("environment__application", ApplicationFilter), EnvironmentFilter)
    search_fields = (
        "release__version", "environment__name", "environment__application__name", "environment__application__slug",
        "reason", "requested_by__username", "requested_through", "requested_run",
    )  # fmt: skip
    search_help_text = "Search version, application, environment, reason, person or run"
    list_select_related = ("release", "environment__application", "requested_by")
    list_per_page = 40

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_waiting(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("deployments.add_deployment")

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=f"deployments_{name}")

        return [
            page("board/live/", self.board_live, "board_live"),
            page("preview/", self.preview_view, "deployment_preview"),
            page("<int:pk>/live/", self.live_view, "deployment_live"),
            page("<int:pk>/do/<slug:verb>/", self.do_view, "deployment_do"),
            page("<int:pk>/gates/<int:gate>/", self.decide_view, "gate_decide"),
            *super().get_urls(),
        ]

    # Pages

    def board_live(self, request: HttpRequest) -> HttpResponse:
        return board.live(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._require_deployer(request)
        return deploy_flow.choose(self, request)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        self._require_deployer(request)
        return deploy_flow.preview(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        deployment = self._find(request, number(object_id))
        return self.page(request, deployment)

    def page(self, request: HttpRequest, deployment: Deployment, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": deployment,
            "title": told(str(deployment)),
            **self._page_context(request, deployment),
            **more,
        }
        return TemplateResponse(request, "admin/deployments/deployment/page.html", context)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """204 when the page would look the same, else its regions; an ended page needs no further look."""
        deployment = self._find(request, pk)
        ended = {"X-Tealgate-Ended": "" if is_followed(deployment, clock.now()) else "1"}
        if request.GET.get("v") == version_of(deployment):
            return HttpResponse(status=204, headers=ended)
        context = self._page_context(request, deployment)
        regions = render_to_string("admin/deployments/deployment/regions.html", context, request=request)
        return HttpResponse(regions, headers={"X-Tealgate-Version": context["version"], **ended})

    def do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        return deployment_actions.do(self, request, self._find(request, pk), verb)

    def decide_view(self, request: HttpRequest, pk: int, gate: int) -> HttpResponse:
        return deployment_actions.decide(self, request, self._find(request, pk), gate)

    def _page_context(self, request: HttpRequest, deployment: Deployment) -> dict[str, Any]:
        return deployment_page.context(deployment, Principal.person(request.user), clock.now())

    def _find(self, request: HttpRequest, pk: int) -> Deployment:
        if not self.has_view_permission(request):
            raise PermissionDenied("You do not have the right to see deployments; ask an administrator for it.")
        deployment = load(pk)
        if deployment is None:
            raise Http404("There is no such deployment.")
        return deployment

    def _require_deployer(self, request: HttpRequest) -> None:
        if refusal := deploy_refusal(Principal.person(request.user)):
            raise PermissionDenied(refusal)

    # Columns

    @admin.display(description="Deployment", ordering="-id")
    def title_link(self, deployment: Deployment) -> SafeString:
        address = reverse("admin:deployments_deployment_change", args=[deployment.pk])
        return format_html(
            '<a class="tg-strong" href="{}">{} <span aria-hidden="true">→</span> {}</a>',
            address, deployment.release.version, deployment.environment.told_apart,
        )  # fmt: skip

    @admin.display(description="Status", ordering="status")
    def status_words(self, deployment: Any) -> SafeString:
        words = status(deployment.status, waiting=deployment.is_waiting)
        if deployment.kind == DeploymentKind.NORMAL:
            return words
        return format_html("{} {}", words, pill(DeploymentKind(deployment.kind).label, "warn"))

    @admin.display(description="Requested by", ordering="requested_by__username")
    def requester(self, deployment: Deployment) -> str:
        return named(deployment.requester)

    @admin.display(description="Reason")
    def why(self, deployment: Deployment) -> str:
        return deployment.reason if len(deployment.reason) <= 60 else f"{deployment.reason[:57]}…"

    @admin.display(description="Requested", ordering="created_at")
    def began(self, deployment: Deployment) -> SafeString | str:
        return when(deployment.created_at)

    @admin.display(description="Took")
    def took(self, deployment: Deployment) -> SafeString | str:
        return elapsed(deployment.started_at, deployment.finished_at)

    @admin.display(description="Strategy", ordering="strategy")
    def strategy_words(self, deployment: Deployment) -> str:
        return told(Strategy(deployment.strategy).label).split(":")[0]
