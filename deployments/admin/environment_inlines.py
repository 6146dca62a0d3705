"""What belongs to an environment and is edited on its page."""

import shlex
from typing import Any

from django import forms
from unfold.admin import StackedInline, TabularInline

from deployments.admin.base import with_https
from deployments.models import GatePolicy, OneOffTask, SmokeCheck, Webhook


class OneOffTaskForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_command(self) -> str:
        command: str = self.cleaned_data["command"]
        try:
            shlex.split(command)
        except ValueError as error:
            raise forms.ValidationError(f"This is not a command line ({error}); check the quotes.") from error
        return command


class GatePolicyInline(StackedInline):
    model = GatePolicy
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


INLINES: tuple[Any, ...] = (GatePolicyInline, SmokeCheckInline, OneOffTaskInline, WebhookInline)
