"""Adding an environment by reading it from AWS: say where, look at what was found and at its preflight, keep it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from deployments import clock
from deployments.admin.base import attempt, require, show_refusal
from deployments.admin.environment_forms import may_be_assumed
from deployments.catalog import discovery, environments
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.views.preflight_report import grouped
from deployments.people.principal import Principal
from deployments.refused import Refused

if TYPE_CHECKING:
    from deployments.admin.environments import EnvironmentAdmin


class WhereForm(forms.Form):
    application = forms.ModelChoiceField(Application.objects.filter(IN_USE))
    name = forms.SlugField(max_length=60, label="Environment", help_text="Such as staging or production.")
    region = forms.CharField(max_length=30, initial="us-east-1")
    cluster = forms.CharField(max_length=255, required=False)
    service = forms.CharField(
        max_length=255,
        required=False,
        help_text="Its name on ECS. Of a service pair, either of the two; the other is found.",
    )
    codedeploy_application = forms.CharField(
        max_length=100,
        required=False,
        label="CodeDeploy application",
        help_text="Instead of a cluster and a service, when CodeDeploy deploys there: to an ECS service or to servers.",
    )
    codedeploy_group = forms.CharField(
        max_length=100,
        required=False,
        label="CodeDeploy deployment group",
        help_text="Empty: the only one that the application has.",
    )
    role_arn = forms.CharField(
        max_length=200,
        required=False,
        label="Role ARN",
        help_text="Empty: Tealgate's own credentials.",
        validators=[may_be_assumed],
    )
    external_id = forms.CharField(max_length=200, required=False, label="External ID")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.widget = UnfoldAdminSelectWidget(choices=field.widget.choices)
            else:
                field.widget = UnfoldAdminTextInputWidget()


def view(model_admin: "EnvironmentAdmin", request: HttpRequest) -> HttpResponse:
    require(request, "deployments.add_environment", "add environments")
    form = WhereForm(request.POST or None, initial=request.GET.dict())
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Read an environment from AWS",
        "crumb": "Read one from AWS",
        "form": form,
    }
    if request.method == "POST" and form.is_valid():
        try:
            environment, proposal = _found(form.cleaned_data)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            if "keep" in request.POST and _kept(request, environment, proposal):
                return redirect("admin:deployments_environment_change", environment.pk)
            report = environments.check_unsaved(environment, proposal.gates, proposal.checks, now=clock.now())
            context |= {
                "proposal": proposal,
                "rows": _rows(environment, proposal),
                "report": grouped(report),
                "passed": report.passed,
            }
    return TemplateResponse(request, "admin/deployments/environment/discover.html", context)


def _kept(request: HttpRequest, environment: Environment, proposal: discovery.Proposal) -> bool:
    because = request.POST.get("no_gate_because", "").strip()
    said: dict[str, Any] = {"principal": Principal.person(request.user), "now": clock.now()}
    who = "Nobody has to approve there" if because else "It has a gate: check who decides there"
    return attempt(
        request,
        lambda: discovery.keep(environment, proposal, no_gate_because=because, **said),
        f"{environment} was added. {who}, and check the rest.",
    )


def _found(where: dict[str, Any]) -> tuple[Environment, discovery.Proposal]:
    proposal = discovery.discover(
        region=where["region"],
        role_arn=where["role_arn"],
        external_id=where["external_id"],
        cluster=where["cluster"],
        service=where["service"],
        codedeploy_application=where["codedeploy_application"],
        codedeploy_group=where["codedeploy_group"],
        now=clock.now(),
    )
    return discovery.environment_from(proposal, application=where["application"], name=where["name"]), proposal


def _rows(environment: Environment, proposal: discovery.Proposal) -> list[tuple[str, Any]]:
    """What was found, by the names that the environment's form uses."""
    return [
        (column.replace("_", " "), _shown(environment, column)) for column, value in proposal.columns.items() if value
    ]


def _shown(environment: Environment, column: str) -> str:
    shown = getattr(environment, f"get_{column}_display", None)
    return str(shown() if shown else getattr(environment, column))
