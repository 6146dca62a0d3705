"""Whether deployments go on although nobody approves; who says so gives a reason."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from deployments import clock
from deployments.admin.base import attempt
from deployments.catalog import unattended
from deployments.catalog.models import Environment
from deployments.people.principal import Principal


def view(request: HttpRequest, environment: Environment) -> HttpResponse:
    principal = Principal.person(request.user)
    said: dict[str, Any] = {"environment": environment, "principal": principal, "now": clock.now()}
    if request.method == "POST" and "ask" in request.POST:
        attempt(request, lambda: unattended.ask_again(**said), "Somebody has to approve again.")
    elif request.method == "POST":
        reason = request.POST.get("reason", "")
        attempt(
            request,
            lambda: unattended.let_go_on(**said, reason=reason),
            "From the next deployment on, nobody has to approve.",
        )
    return redirect("admin:deployments_environment_change", environment.pk)


def said_in_form(request: HttpRequest, environment: Environment, because: str) -> None:
    """After an environment was saved: without a gate the reason is kept, with one it is asked for approvals again."""
    said: dict[str, Any] = {
        "environment": environment,
        "principal": Principal.person(request.user),
        "now": clock.now(),
    }
    has_gates = environment.gate_policies.exists()
    if because and not has_gates and not environment.unattended_at:
        attempt(request, lambda: unattended.let_go_on(**said, reason=because), "Nobody has to approve there.")
    elif because and has_gates:
        messages.warning(request, "It has a gate, so that the reason why it needs none was not kept.")
    if environment.unattended_at and has_gates and not unattended.may_wait(environment):
        attempt(request, lambda: unattended.ask_again(**said), "It has a gate again, so somebody has to approve.")
