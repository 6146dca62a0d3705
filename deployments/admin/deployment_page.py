"""What the templates of a deployment's page get: its view, and what of it is drawn."""

import re
from datetime import datetime
from typing import Any

from deployments.admin import course_chart, drawing
from deployments.admin.deployment_actions import verbs
from deployments.admin.deployment_bar import bar
from deployments.admin.deployment_events import grouped
from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import DeploymentView, deployment_view
from deployments.delivery.views.open_gate import GateView
from deployments.delivery.views.slots import SlotView
from deployments.people.principal import Principal
from deployments.telling.forge.shown import forge_view

#: Characters of a headline that are read at a glance.
_LONG = 260


def context(deployment: Deployment, principal: Principal, now: datetime) -> dict[str, Any]:
    view = deployment_view(deployment, principal=principal, now=now)
    groups = grouped(view.events)
    headline, rest = _in_two(view.headline)
    return {
        "deployment": view,
        "env": view.environment,  # "environment" is the theme's label of the installation
        "version": view.version,
        "headline": headline,
        "headline_rest": rest,
        "forge": forge_view(deployment),
        "gate": gate_context(view.gate) if view.gate else None,
        "sides": _sides(view),
        "chart": course_chart.chart(view.course),
        "course_rows": course_chart.rows(view.course),
        "targets_done": sum(target.status == "Succeeded" for target in view.targets),
        "event_groups": groups,
        "events_before": sum(len(group.events) for group in groups[1:]),
        "events_open": not view.is_terminal,
        "ladder": drawing.ladder(view.plan, width=300, height=92) if view.plan.ladder else None,
        "actions": actions(view),
        "bar": bar(view, verbs(view.status), deployment.environment.retired_refusal),
        "checks_failed": sum(not check.ok for check in view.smoke) + sum(task.exit_code != 0 for task in view.tasks),
    }


def _sides(view: DeploymentView) -> list[SlotView]:
    """Old first, whichever slot it is in; without the old one where nothing was there before."""
    there = [side.role for side in view.course.sides]
    return sorted((slot for slot in view.slots if slot.role in there), key=lambda slot: slot.role)


def _in_two(said: str) -> tuple[str, str]:
    """The first sentences, and what would push all else off a phone."""
    if len(said) <= _LONG:
        return said, ""
    ends = [found.end() for found in re.finditer(r"[.!?](?= )", said) if found.end() <= _LONG]
    if ends:
        return said[: ends[-1]], said[ends[-1] :].strip()
    end = said.rfind(" ", 0, _LONG)
    return f"{said[:end]} …", said[end:].strip()


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
