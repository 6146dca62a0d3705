"""How an application's releases register themselves: shown, looked at before it is saved, switched off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from deployments import clock, swaps
from deployments.admin.base import attempt, show_refusal
from deployments.admin.spoken import SpokenFields
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment, FoundVersion, SelfRegistration
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.models.self_registration import LONGEST_PATTERN
from deployments.catalog.self_registering import proposing, setting
from deployments.catalog.self_registering.patterns import PLACEHOLDERS
from deployments.catalog.self_registering.setting import Wanted
from deployments.languages.told import lazily, told
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Strategy

#: versions that wait or were refused, on the application's page
SHOWN = 8


_EXAMPLE = "web = 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"


class SelfRegistrationForm(SpokenFields, forms.Form):
    pattern = forms.CharField(
        label="Tags",
        max_length=LONGEST_PATTERN,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "v{version}", "autocomplete": "off"}),
        help_text="The whole tag has to match. In braces: " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
    )
    containers = forms.CharField(
        label="Containers",
        max_length=10_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=f"Each container with its repository of Amazon ECR, one a line: {_EXAMPLE}. A release waits for the "
        "images of all of them.",
    )
    deploy_to = forms.ModelChoiceField(
        Environment.objects.none(),
        label="Deploy the newest at once to",
        required=False,
        empty_label=lazily("Nowhere"),
        widget=UnfoldAdminSelectWidget,
        help_text="By an ordinary request in your name: its gates ask others, its locks hold. It is asked for once.",
    )
    strategy = forms.ChoiceField(label="Strategy", required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, data: Any, application: Application, **more: Any) -> None:
        super().__init__(data, **more)
        environments = application.environments.filter(IN_USE).select_related("application").order_by("rank", "name")
        self.fields["deploy_to"].queryset = environments  # type: ignore[attr-defined]
        offered = {each: each.label for place in environments for each in _strategies(place)}
        self.fields["strategy"].choices = [  # type: ignore[attr-defined]
            ("", told("The environment’s own")),
            *((each.value, told(label)) for each, label in offered.items()),
        ]

    def clean_containers(self) -> dict[str, str]:
        lines = [line.strip() for line in self.cleaned_data["containers"].splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.partition("=")[::2]) for line in lines]
        for line, (name, repository) in zip(lines, pairs, strict=True):
            if not name or not repository:
                raise forms.ValidationError(f"{line}: a line is a container, =, and its repository.")
        found: dict[str, str] = dict(pairs)
        if len(found) < len(pairs):
            raise forms.ValidationError("A container stands there twice.")
        return found

    @property
    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)


def panel(application: Application, principal: Principal) -> dict[str, Any]:
    """For the application's page."""
    row = SelfRegistration.objects.filter(pk=application.pk).select_related("deploy_to__application", "owner").first()
    open_states = (FoundVersion.WAITING, FoundVersion.REFUSED)
    waiting = row.versions.filter(state__in=open_states).order_by("-pushed_at", "-pk") if row else ()
    return {
        "panel_self_registration": row,
        "panel_waiting": waiting[:SHOWN],
        "panel_self_registration_refusal": setting.refusal(principal),
    }


def view(model_admin: ModelAdmin, request: HttpRequest, application: Application) -> HttpResponse:
    principal = Principal.person(request.user)
    if sentence := setting.refusal(principal) or application.retired_refusal:
        raise PermissionDenied(sentence)
    row = SelfRegistration.objects.filter(pk=application.pk).select_related("owner").first()
    said: dict[str, Any] = {"application": application, "principal": principal, "now": clock.now()}
    if request.method == "POST" and "off" in request.POST:
        attempt(request, lambda: setting.switch_off(**said), "Releases are registered by people and pipelines only.")
        return _to(application)
    form = SelfRegistrationForm(request.POST or None, application, initial=_initial(application, row, request))
    shown = None
    if request.method == "POST" and form.is_valid():
        try:
            if "save" in request.POST:
                setting.switch_on(**said, wanted=form.wanted)
                messages.success(request, "From now on what is pushed there registers itself.")
                return _to(application)
            shown = setting.preview(application=application, wanted=form.wanted, principal=principal)
        except Refused as refused:
            show_refusal(form, refused)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": application,
        "title": told(f"Releases of {application} register themselves"),
        "crumb": told("Releases register themselves"),
        "application": application,
        "row": row,
        "form": form,
        "shown": shown,
    }
    return TemplateResponse(request, "admin/deployments/application/self_registering.html", context)


def _initial(application: Application, row: SelfRegistration | None, request: HttpRequest) -> dict[str, Any]:
    """What was saved; else a proposal, which may ask AWS what runs."""
    if request.method == "POST":
        return {}
    containers = row.containers if row else proposing.containers(application)
    return {
        "pattern": row.pattern if row else "v{version}",
        "containers": "\n".join(f"{name} = {repository}" for name, repository in containers.items()),
        "deploy_to": row.deploy_to_id if row else None,
        "strategy": row.strategy if row else "",
    }


def _strategies(environment: Environment) -> tuple[Strategy, ...]:
    return tuple(swaps.get(environment.controller).strategies(freeze(environment)))


def _to(application: Application) -> HttpResponse:
    return redirect("admin:deployments_application_change", application.pk)
