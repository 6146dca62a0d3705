"""Whether CodeDeploy may go on from Ready although nobody approves; who says so gives a reason."""

from typing import Any

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
        attempt(request, lambda: unattended.ask_again(**said), "CodeDeploy waits for an approval again.")
    elif request.method == "POST":
        reason = request.POST.get("reason", "")
        attempt(
            request,
            lambda: unattended.let_go_on(**said, reason=reason),
            "From the next deployment on, CodeDeploy goes on from Ready by itself.",
        )
    return redirect("admin:deployments_environment_change", environment.pk)
