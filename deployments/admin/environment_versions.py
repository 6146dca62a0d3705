"""An older version of an environment's settings beside those of now, and the button that brings it back."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import attempt
from deployments.catalog import restoring
from deployments.catalog.models import Environment
from deployments.catalog.settings_values import label, own_values
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal

if TYPE_CHECKING:
    from deployments.admin.environments import EnvironmentAdmin


def view(model_admin: "EnvironmentAdmin", request: HttpRequest, environment: Environment, number: int) -> HttpResponse:
    version = restoring.version_of(environment, number)
    if version is None:
        raise Http404("There is no such version.")
    refusal = rights.change_refusal(Principal.person(request.user))
    if request.method == "POST":
        if refusal:
            raise PermissionDenied(refusal)
        return _restore(request, environment, version)
    rows = list(_rows(version.values, own_values(environment, environment.deployers.all())))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": environment,
        "title": told(f"{environment} as it was"),
        "crumb": told("Version"),
        "env": environment,
        "version": version,
        "changed": [row for row in rows if row["differs"]],
        "same": [row for row in rows if not row["differs"]],
        "refusal": refusal or environment.retired_refusal,
    }
    return TemplateResponse(request, "admin/deployments/environment/version.html", context)


def _restore(request: HttpRequest, environment: Environment, version: restoring.Version) -> HttpResponse:
    principal = Principal.person(request.user)
    done = attempt(
        request,
        lambda: restoring.restore(environment=environment, number=version.number, principal=principal, now=clock.now()),
        "Restored: these settings are the environment's again.",
    )
    if done:
        return redirect("admin:deployments_environment_change", environment.pk)
    return redirect("admin:deployments_environment_simple_history", environment.pk, version.number)


def _rows(then: dict[str, Any], now: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name, value in then.items():
        yield {"label": label(name), "then": _shown(value), "now": _shown(now[name]), "differs": value != now[name]}


def _shown(value: Any) -> str:
    """As people typed it, but for yes and no."""
    if isinstance(value, bool):
        return told(value)
    if isinstance(value, list):
        value = ", ".join(value)
    return "–" if value in (None, "") else str(value)
