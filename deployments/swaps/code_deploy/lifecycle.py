"""What CodeDeploy did on each target, as facts for the pages."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from deployments.aws.codedeploy_values import CodeDeployTarget, LifecycleEvent
from deployments.swaps.decisions import Decision


def kept(decision: Decision, targets: Iterable[CodeDeployTarget]) -> Decision:
    """The decision with the targets' lifecycle events among its facts."""
    told = [_target(target) for target in targets]
    return replace(decision, facts={**decision.facts, "lifecycle": told}) if told else decision


def _target(target: CodeDeployTarget) -> dict[str, Any]:
    return {
        "target": target.id,
        "status": target.status,
        "label": target.label,
        "events": [_event(event) for event in target.events],
    }


def _event(event: LifecycleEvent) -> dict[str, Any]:
    return {
        "name": event.name,
        "status": event.status,
        "started": _time(event.started),
        "ended": _time(event.ended),
        "error_code": event.error_code,
        "script": event.script,
        "message": event.message,
        "log": event.log,
    }


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
