"""What the templates of a deployment's page get: its view, and what of it is drawn."""

from datetime import datetime
from typing import Any

from deployments.admin import drawing
from deployments.admin.deployment_actions import verbs
from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import DeploymentView, deployment_view
from deployments.delivery.views.open_gate import GateView
from deployments.people.principal import Principal
from deployments.telling.forge.shown import forge_view


def context(deployment: Deployment, principal: Principal, now: datetime) -> dict[str, Any]:
    view = deployment_view(deployment, principal=principal, now=now)
    return {
        "deployment": view,
        "env": view.environment,  # "environment" is the theme's label of the installation
        "version": view.version,
        "forge": forge_view(deployment),
        "gate": gate_context(view.gate) if view.gate else None,
        "target": any(slot.role == "target" for slot in view.slots),
        "targets_done": sum(target.status == "Succeeded" for target in view.targets),
        "charts": drawing.charts(view.series),
        "ladder": drawing.ladder(view.plan, width=300, height=92) if view.plan.ladder else None,
        "actions": actions(view),
        "verbs": {_key(name): verb for name, verb in verbs(view.status).items()},
    }


def gate_context(gate: GateView) -> dict[str, Any]:
    return {
        "row": gate,
        "open_places": range(gate.missing),
        "who": " or ".join(gate.groups) if gate.groups else "Anyone with the right to approve",
    }


def actions(view: DeploymentView) -> dict[str, Any]:
    """By the name that templates can write."""
    return {_key(action.act): action for action in view.actions}


def _key(name: str) -> str:
    return name.replace("-", "_")
