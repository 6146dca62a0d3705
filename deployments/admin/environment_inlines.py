"""What belongs to an environment and is edited on its page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from deployments.admin.base import with_https
from deployments.admin.environment_forms import GatePolicyFormSet, OneOffTaskForm
from deployments.catalog.models import GatePolicy, OneOffTask, SmokeCheck, Webhook


class GatePolicyInline(StackedInline):
    model = GatePolicy
    formset = GatePolicyFormSet
    extra = 0
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
    filter_horizontal = ("groups",)


class SmokeCheckInline(TabularInline):
    model = SmokeCheck
    extra = 0
    tab = True


class OneOffTaskInline(TabularInline):
    model = OneOffTask
    form = OneOffTaskForm
    extra = 0
    tab = True
    fields = ("position", "name", "command", "container", "timeout_seconds")


class WebhookInline(TabularInline):
    model = Webhook
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
