"""What belongs to an environment and is edited on its page."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from deployments.admin.base import with_https
from deployments.admin.environment_forms import GatePolicyForm, GatePolicyFormSet, OneOffTaskForm
from deployments.admin.plain_fields import PlainFields
from deployments.admin.spoken import Spoken, SpokenModelForm
from deployments.catalog.models import GatePolicy, OneOffTask, SmokeCheck, Webhook
from deployments.catalog.unattended import default_gate
from deployments.vocabulary import Controller


class GatePolicyInline(PlainFields, StackedInline):
    model = GatePolicy
    form = GatePolicyForm
    formset = GatePolicyFormSet
    tab = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("stage", "percent"),
                    ("approvals", "requester_may_approve"),
                    ("timeout_minutes", "timeout_action"),
                    "groups",
                )
            },
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A new environment begins with the proposed one."""
        return 0 if obj else 1


def proposed_gate() -> dict[str, Any]:
    """Initial values of the gate that a new environment begins with."""
    gate = default_gate(Controller.SERVICE_PAIR)
    return {"stage": gate.stage, "groups": list(Group.objects.filter(name__in=gate.groups))}


class SmokeCheckInline(PlainFields, StackedInline):
    model = SmokeCheck
    form = SpokenModelForm
    extra = 0
    tab = True
    fieldsets = (
        (
            None,
            {"fields": (("path", "expected_status"), ("contains", "timeout_seconds"), "headers", "follow_redirects")},
        ),
    )


class OneOffTaskInline(PlainFields, TabularInline):
    model = OneOffTask
    form = OneOffTaskForm
    extra = 0
    tab = True
    fields = ("position", "name", "command", "container", "timeout_seconds")


class WebhookInline(Spoken, TabularInline):
    model = Webhook
    form = SpokenModelForm
    formfield_overrides = with_https(TabularInline.formfield_overrides)
    extra = 0
    tab = True
    readonly_fields = ("place",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The whole address only for who may change it: it often holds a token."""
        return ("url" if self.has_change_permission(request, obj) else "place", "secret")

    @admin.display(description="Sent to")
    def place(self, hook: Webhook) -> str:
        return hook.place


INLINES: tuple[Any, ...] = (GatePolicyInline, SmokeCheckInline, OneOffTaskInline, WebhookInline)
