"""The page that asks before an environment or an application is retired, what it does then, and the way back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from deployments import clock
from deployments.admin.base import attempt
from deployments.admin.spoken import HERE, naming
from deployments.catalog import holding
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery import retiring
from deployments.delivery.models import Deployment, Gate
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import EventChain


def view(model_admin: ModelAdmin, request: HttpRequest, row: Environment | Application) -> HttpResponse:
    """A GET asks, a POST does it."""
    if request.method == "POST":
        return _do(request, row)
    if row.is_retired:
        messages.info(request, row.retired_sentence)
        return _to(row)
    environments = _environments(row)
    chains = [row.place.chain, *(each.place.chain for each in environments if each != row)]
    deployments = Deployment.objects.filter(environment__in=environments)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": row,
        "title": naming(f"Retire {HERE}", row),
        "crumb": told("Retire"),
        "row": row,
        "is_application": isinstance(row, Application),
        "environments": [(each, holding.names(each)) for each in environments],
        "deployments": deployments.count(),
        "gates": Gate.objects.filter(deployment__in=deployments).count(),
        "events": sum(EventChain.objects.filter(name__in=chains).values_list("length", flat=True)),
        "releases": row.releases.count() if isinstance(row, Application) else 0,
        "obstacles": retiring.obstacles(*environments),
        "refusal": refusal(row, Principal.person(request.user)),
    }
    return TemplateResponse(request, "admin/deployments/retire.html", context)


def refusal(row: Environment | Application, principal: Principal) -> str:
    """Why this person may not; "" when they may."""
    if isinstance(row, Environment):
        return rights.retire_refusal(principal)
    return rights.retire_application_refusal(principal)


def _environments(row: Environment | Application) -> list[Environment]:
    """What is retired with it."""
    if isinstance(row, Environment):
        return [row]
    return list(row.environments.filter(IN_USE).select_related("application", "live_release").order_by("rank", "name"))


def _do(request: HttpRequest, row: Environment | Application) -> HttpResponse:
    said: dict[str, Any] = {"principal": Principal.person(request.user), "now": clock.now()}
    if "back" in request.POST:
        return _bring_back(request, row, said)
    said["reason"] = request.POST.get("reason", "")
    done = f"{row} is retired. Its history stays here, and its name is free."
    if isinstance(row, Environment):
        is_done = attempt(request, lambda: retiring.retire(environment=row, **said), done)
    else:
        is_done = attempt(request, lambda: retiring.retire_application(application=row, **said), done)
    return _to(row) if is_done else redirect(f"admin:deployments_{row._meta.model_name}_retire", row.pk)


def _bring_back(request: HttpRequest, row: Environment | Application, said: dict[str, Any]) -> HttpResponse:
    if isinstance(row, Environment):
        done = "Brought back. Check environment says whether everything is still in place."
        attempt(request, lambda: retiring.bring_back(environment=row, **said), done)
    else:
        done = "Brought back. Bring back each environment that is there again, on its own page."
        attempt(request, lambda: retiring.bring_back_application(application=row, **said), done)
    return _to(row)


def _to(row: Environment | Application) -> HttpResponse:
    return redirect(f"admin:deployments_{row._meta.model_name}_change", row.pk)
