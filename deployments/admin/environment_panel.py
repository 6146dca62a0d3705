"""What stands above the form of an environment: how it is now."""

from typing import Any

from django.http import HttpRequest

from deployments.admin.notifications import hearing
from deployments.catalog import unattended
from deployments.catalog.models import Environment, running
from deployments.delivery.models import Deployment, Move, Tidying, with_waiting
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Controller


def values(environment: Environment, request: HttpRequest) -> dict[str, Any]:
    """The live state above the form."""
    principal = Principal.person(request.user)
    return {
        "panel_running": with_waiting(Deployment.objects.unfinished())
        .filter(environment=environment)
        .select_related("release", "environment__application")
        .first(),
        "panel_recent": with_waiting(environment.deployments.select_related("release", "requested_by"))[:6],
        "panel_events": Event.objects.filter(chain__name=f"environment:{environment.pk}").order_by("-id")[:8],
        "panel_deploy_refusal": rights.deploy_refusal(principal, environment),
        "panel_lock_refusal": rights.lock_refusal(principal),
        "panel_retire_refusal": rights.retire_refusal(principal),
        "panel_outside": running.outside(environment),
        "panel_outside_sentence": running.sentence(environment),
        "panel_moves": environment.controller in (Controller.CODE_DEPLOY, Controller.ROLLING)
        and bool(environment.service),
        "panel_move": Move.objects.under_way(environment),
        "panel_tidied": _tidied(environment),
        "panel_waits": bool(environment.unattended_at) or unattended.may_be_said(environment),
        "panel_waits_in_ready": unattended.may_wait(environment),
        "panel_channels": hearing.of_environment(environment, request),
        "panel_has_gates": environment.gate_policies.exists(),
    }


def _tidied(environment: Environment) -> str:
    """What became of old task definitions, in a sentence; "" where all are kept."""
    row = Tidying.objects.filter(environment=environment).first() if environment.keep_revisions else None
    return row.says if row else ""
