"""Locking an environment with a message, and unlocking it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from deployments import clock
from deployments.admin.base import attempt
from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.people.principal import Principal


def view(request: HttpRequest, environment: Environment) -> HttpResponse:
    principal = Principal.person(request.user)
    if request.method == "POST" and "unlock" in request.POST:
        attempt(
            request,
            lambda: environments.unlock(environment=environment, principal=principal, now=clock.now()),
            f"{environment} is unlocked.",
        )
    elif request.method == "POST":
        message, agents_may_open = request.POST.get("message", ""), "agents" in request.POST
        attempt(
            request,
            lambda: environments.lock(
                environment=environment,
                principal=principal,
                message=message,
                now=clock.now(),
                agents_may_open=agents_may_open,
            ),  # fmt: skip
            f"{environment} is locked. Nobody can deploy to it until it is unlocked.",
        )
    return redirect("admin:deployments_environment_change", environment.pk)
