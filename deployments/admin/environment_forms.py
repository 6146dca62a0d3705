"""What an environment's form refuses, beyond what each column refuses by itself."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments import durations, swaps
from deployments.admin.spoken import SpokenModelForm
from deployments.aws import role_arns
from deployments.catalog import holding
from deployments.catalog.environments import LONGEST_MESSAGE
from deployments.languages.told import told
from deployments.swaps.steps.ladder import parse
from deployments.vocabulary import ComputePlatform, Controller
from deployments.words import joined, stage_label

#: a bake time of a ladder
_RUNG_TIME = re.compile(r":([^,:]*)")
_PERCENTS = ("minimum_healthy_percent", "maximum_percent")


def may_be_assumed(role_arn: str) -> None:
    """Raises ValidationError; no role means Tealgate's own credentials."""
    if role_arn and not role_arns.is_allowed(role_arn):
        raise forms.ValidationError(role_arns.refusal(role_arn))


class EnvironmentForm(SpokenModelForm):
    no_gate_because = forms.CharField(
        label="No gate, because",
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Only where you delete the gate: why nobody has to approve. It is shown with your name on the board "
        "and with every plan.",
    )

    def clean_role_arn(self) -> str:
        role_arn: str = self.cleaned_data["role_arn"]
        may_be_assumed(role_arn)
        return role_arn

    def clean_ladder(self) -> str:
        ladder: str = self.cleaned_data["ladder"]
        if ladder.strip():
            ladder = _RUNG_TIME.sub(_rung_in_seconds, ladder)
            try:
                parse(ladder)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return ladder

    def _post_clean(self) -> None:
        """In the transaction that saves: what another environment holds, at its field."""
        super()._post_clean()  # type: ignore[misc]
        for conflict in () if self.errors else holding.entered(self.instance):
            self.add_error(conflict.held.field if conflict.held.field in self.fields else None, conflict.sentence)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("controller"):
            for name in map(_column, swaps.get(cleaned["controller"]).required):
                if name in self.fields and name not in self.errors and not cleaned.get(name):
                    self.add_error(name, "This controller needs it.")
            for name in _PERCENTS:
                if cleaned["controller"] != Controller.ROLLING and cleaned.get(name) is not None:
                    self.add_error(name, "Only ECS's rolling deployments go by it; leave it empty.")
        if cleaned.get("scheduled_families") and not _runs_on_ecs(cleaned):
            self.add_error("scheduled_families", "Servers run no ECS tasks, so no family belongs to them.")
        if twice := _named_twice(cleaned):
            self.add_error("more_production_rules", f"{twice} is named already.")
        return cleaned


def _rung_in_seconds(found: re.Match[str]) -> str:
    """As people write it, in seconds; a number alone stays. Raises ValidationError."""
    is_in_words = any(map(str.isalpha, found[1]))
    return f":{_in_seconds(found[1])}" if is_in_words else found[0]


def _in_seconds(text: str) -> int:
    """Raises ValidationError, a sentence."""
    try:
        return durations.parse(text)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error


def _column(required: str) -> str:
    """Of a controller's name for it."""
    return {"service_name": "service"}.get(required, required)


def _runs_on_ecs(cleaned: Mapping[str, Any]) -> bool:
    on_servers = cleaned.get("compute_platform") == ComputePlatform.SERVER
    return not (on_servers and cleaned.get("controller") == Controller.CODE_DEPLOY)


def _named_twice(cleaned: Mapping[str, Any]) -> str:
    """A rule that is production's or the test's, or further production's twice; "" when none is."""
    named = [cleaned.get("production_rule"), cleaned.get("test_rule")]
    for arn in cleaned.get("more_production_rules", "").split():
        if arn in named:
            return str(arn)
        named.append(arn)
    return ""


class OneOffTaskForm(SpokenModelForm):
    def clean_command(self) -> str:
        command: str = self.cleaned_data["command"]
        try:
            shlex.split(command)
        except ValueError as error:
            raise forms.ValidationError(f"This is not a command line ({error}); check the quotes.") from error
        return command


class GatePolicyForm(SpokenModelForm):
    def has_changed(self) -> bool:
        """Every gate that is sent is meant, also one that is as it was proposed."""
        return super().has_changed() or self.instance.pk is None


class GatePolicyFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        self._require_a_gate_or_a_reason()
        if not self.instance.controller:
            return
        stages = swaps.get(self.instance.controller).gate_stages
        for form in self.forms:
            stage = form.cleaned_data.get("stage") if form.is_valid() else None
            if stage and stage not in stages and not form.cleaned_data.get("DELETE"):
                places = joined([stage_label(known) for known in stages], "or")
                form.add_error("stage", f"This controller cannot stop there; choose {places}.")

    def _require_a_gate_or_a_reason(self) -> None:
        """Of a new environment, and when the last gate is deleted; older ones without a gate can still be edited."""
        kept = [form for form in self.forms if not (self.can_delete and self._should_delete_form(form))]
        was_asked = self.instance.pk is None or self.initial_form_count()
        said = self.instance.unattended_at or self.data.get("no_gate_because", "").strip()
        if was_asked and not kept and not said:
            raise forms.ValidationError(
                told(
                    "Nobody would be asked. Keep a gate, or say why nobody has to approve, in “No gate, because” under "
                    "“Who may deploy and approve”."
                )
            )
