"""Adding an environment by choosing: say which account, choose what runs there, look at what was found, keep it."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from deployments import clock
from deployments.admin.base import attempt, number, require, show_refusal
from deployments.admin.discovery_form import WhereForm
from deployments.catalog import choosing, discovery, environments
from deployments.catalog.models import Environment
from deployments.delivery.views.preflight_report import grouped
from deployments.languages.told import told
from deployments.people.principal import Principal
from deployments.refused import Refused

if TYPE_CHECKING:
    from deployments.admin.environments import EnvironmentAdmin

#: more of a search is no search
LONGEST = 200
#: of the address of the form for a new one
BY_HAND = "by_hand"


def instead_of_form(request: HttpRequest) -> HttpResponse | None:
    """Where somebody is sent who asks for the empty form; None for who says that they type it in by hand."""
    if request.method != "GET" or BY_HAND in request.GET:
        return None
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"{reverse('admin:deployments_environment_discover')}{query}")


def view(model_admin: "EnvironmentAdmin", request: HttpRequest) -> HttpResponse:
    require(request, "deployments.add_environment", "add environments")
    form = WhereForm(request.POST or None, initial=request.GET.dict())
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": told("Add an environment"),
        "crumb": told("Add"),
        "form": form,
        "query": request.POST.get("q", "")[:LONGEST],
        "cluster": request.POST.get("cluster", ""),
        "ticked": request.POST.getlist("chosen"),
        "step": "where",
    }
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.keys() & {"see", "keep"}:
                environment, proposal = _found(form, context["ticked"])
                if "keep" in request.POST and _kept(request, environment, proposal):
                    return redirect("admin:deployments_environment_change", environment.pk)
                context |= {"step": "found", **_shown_found(environment, proposal)}
            else:
                context |= {"step": "list", "around": _around(request, form, context)}
        except Refused as refused:
            show_refusal(form, refused)
            context |= _list_again(request, form, context)
    return TemplateResponse(request, "admin/deployments/environment/discover.html", context)


def _around(request: HttpRequest, form: WhereForm, context: dict[str, Any]) -> choosing.Around:
    page = number(request.POST.get("page")) or 1
    return choosing.look_around(binding=form.binding, cluster=context["cluster"], query=context["query"], page=page)


def _list_again(request: HttpRequest, form: WhereForm, context: dict[str, Any]) -> dict[str, Any]:
    """What was refused was one of the list: something else of it can be chosen."""
    if not request.POST.keys() & {"see", "keep"}:
        return {}
    try:
        return {"step": "list", "around": _around(request, form, context)}
    except Refused as refused:
        messages.error(request, refused.sentence)
        return {}


def _found(form: WhereForm, ticked: list[str]) -> tuple[Environment, discovery.Proposal]:
    what, where = choosing.chosen(ticked), form.binding
    proposal = discovery.discover(
        region=where.region,
        role_arn=where.role_arn,
        external_id=where.external_id,
        cluster=what.cluster,
        service=what.service,
        codedeploy_application=what.codedeploy_application,
        codedeploy_group=what.codedeploy_group,
        now=clock.now(),
    )
    what.require_pair(proposal)
    application, name = form.cleaned_data["application"], form.cleaned_data["name"]
    return discovery.environment_from(proposal, application=application, name=name), proposal


def _kept(request: HttpRequest, environment: Environment, proposal: discovery.Proposal) -> bool:
    because = request.POST.get("no_gate_because", "").strip()
    said: dict[str, Any] = {"principal": Principal.person(request.user), "now": clock.now()}
    who = "Nobody has to approve there" if because else "It has a gate: check who decides there"
    return attempt(
        request,
        lambda: discovery.keep(environment, proposal, no_gate_because=because, **said),
        f"{environment} was added. {who}, and check the rest.",
    )


def _shown_found(environment: Environment, proposal: discovery.Proposal) -> dict[str, Any]:
    report = environments.check_unsaved(environment, proposal.gates, proposal.checks, now=clock.now())
    return {
        "proposal": proposal,
        "rows": _rows(environment, proposal),
        "report": grouped(report),
        "passed": report.passed,
        "held": any(result.check == environments.ALONE for result in report.errors),
    }


def _rows(environment: Environment, proposal: discovery.Proposal) -> list[tuple[str, Any]]:
    """What was found, by the names that the environment's form uses."""
    return [
        (_name(environment, column), _shown(environment, column)) for column, value in proposal.columns.items() if value
    ]


def _name(environment: Environment, column: str) -> str:
    return str(environment._meta.get_field(column).verbose_name)  # type: ignore[union-attr]


def _shown(environment: Environment, column: str) -> str:
    shown = getattr(environment, f"get_{column}_display", None)
    return str(shown() if shown else getattr(environment, column))
