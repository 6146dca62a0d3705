"""Gates and approvals as records; deciding happens on the gate's and the deployment's page, beside the evidence."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from deployments.admin import gate_page
from deployments.admin.base import EnvironmentFilter, RecordAdmin, number
from deployments.admin.spoken import HERE, SpokenFilter, around
from deployments.delivery.models import Approval, Gate
from deployments.languages.told import named, told
from deployments.people.principal import Principal
from deployments.templatetags.tealgate import clocks, countdown, pill, when
from deployments.templatetags.tones import status_tone
from deployments.vocabulary import GateStatus, Verdict
from deployments.words import stage_label


class WaitingFilter(SpokenFilter):
    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", told("For me")), ("anyone", told("For anyone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Gate]) -> QuerySet[Gate]:
        if self.value() == "me":
            mine = Gate.objects.for_person(Principal.person(request.user))
            return queryset.filter(pk__in=[gate.pk for gate in mine])
        if self.value() == "anyone":
            return queryset.filter(status=GateStatus.AWAITING_ACTION)
        return queryset


class GatesEnvironment(EnvironmentFilter):
    path = "deployment__environment"


class ApprovalsEnvironment(EnvironmentFilter):
    path = "gate__deployment__environment"


@admin.register(Gate)
class GateAdmin(RecordAdmin):
    about_empty = "A deployment that comes to a gate waits there until people approve or reject it."
    list_display = ("deployment_link", "asked", "status_words", "stage_words", "progress", "opened", "closes", "ended")
    list_display_links = None
    list_filter = (WaitingFilter, "status", GatesEnvironment)
    search_fields = (
        "deployment__release__version", "deployment__environment__name", "deployment__environment__application__name",
        "deployment__environment__application__slug", "deployment__reason", "deployment__requested_by__username",
        "stage", "reason",
    )  # fmt: skip
    search_help_text = "Search version, application, environment, reason or person"
    list_select_related = (
        "deployment__release",
        "deployment__environment__application",
        "deployment__requested_by",
    )
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gate]:
        found: QuerySet[Gate] = super().get_queryset(request)
        return found.annotate(given=Count("approvals", filter=Q(approvals__verdict=Verdict.APPROVE)))

    def get_urls(self) -> list[Any]:
        live = path("<int:pk>/live/", self.admin_site.admin_view(gate_page.live), name="deployments_gate_live")
        return [live, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return gate_page.page(self, request, number(object_id))

    @admin.display(description="Deployment", ordering="deployment")
    def deployment_link(self, gate: Gate) -> SafeString:
        address = reverse("admin:deployments_gate_change", args=[gate.pk])
        return format_html('<a class="tg-strong" href="{}">{}</a>', address, told(gate.deployment))

    @admin.display(description="Asked by")
    def asked(self, gate: Gate) -> SafeString:
        reason = Truncator(gate.deployment.reason).chars(80)
        return format_html("{}<br><small>{}</small>", named(gate.deployment.requester), reason)

    @admin.display(description="Stage", ordering="stage")
    def stage_words(self, gate: Gate) -> str:
        return told(stage_label(gate.stage))

    @admin.display(description="Status", ordering="status")
    def status_words(self, gate: Gate) -> SafeString:
        return pill(GateStatus(gate.status).label, status_tone(gate.status))

    @admin.display(description="Approvals")
    def progress(self, gate: Any) -> str:
        return told(f"{gate.given} of {gate.approvals_needed} given")

    @admin.display(description="Opened", ordering="opened_at")
    def opened(self, gate: Gate) -> SafeString | str:
        return when(gate.opened_at)

    @admin.display(description="Closed")
    def closes(self, gate: Gate) -> SafeString | str:
        return around(f"in {HERE} at the latest", countdown(gate.expires_at)) if gate.is_open else when(gate.closed_at)

    @admin.display(description="How it ended")
    def ended(self, gate: Gate) -> SafeString | str:
        return clocks(gate.reason, gate.closed_at) if gate.reason else "–"


@admin.register(Approval)
class ApprovalAdmin(RecordAdmin):
    about_empty = "Every decision at a gate is kept here, with its comment and by which way it came."
    list_display = ("moment", "who", "verdict_words", "deployment_link", "stage_words", "comment")
    list_display_links = None
    list_filter = ("verdict", ApprovalsEnvironment)
    search_fields = (
        "person_name", "person__username", "comment", "gate__deployment__release__version",
        "gate__deployment__environment__name", "gate__deployment__environment__application__name",
        "gate__deployment__environment__application__slug", "gate__deployment__reason",
        "gate__deployment__requested_by__username",
    )  # fmt: skip
    search_help_text = "Search person, comment, version, application, environment or who asked"
    list_select_related = ("person", "gate__deployment__release", "gate__deployment__environment__application")
    ordering = ("-id",)

    @admin.display(description="Person", ordering="person_name")
    def who(self, approval: Approval) -> str:
        now = approval.person.get_username()
        name = approval.name if approval.name == now else told(f"{approval.name} (now {now})")
        return f"{name}{told(approval.way)}"

    @admin.display(description="When", ordering="at")
    def moment(self, approval: Approval) -> SafeString | str:
        return when(approval.at)

    @admin.display(description="Decision", ordering="verdict")
    def verdict_words(self, approval: Approval) -> SafeString:
        approved = approval.verdict == Verdict.APPROVE
        return pill("Approved" if approved else "Rejected", "good" if approved else "bad")

    @admin.display(description="Deployment")
    def deployment_link(self, approval: Approval) -> SafeString:
        address = reverse("admin:deployments_gate_change", args=[approval.gate_id])
        return format_html('<a href="{}">{}</a>', address, told(approval.gate.deployment))

    @admin.display(description="Stage")
    def stage_words(self, approval: Approval) -> str:
        return told(stage_label(approval.gate.stage))
