"""What CodeDeploy did on each target, as facts for the pages."""

from collections.abc import Iterable
from dataclasses import replace

from deployments.aws.codedeploy_values import CodeDeployTarget
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.decisions import Decision
from deployments.swaps.reports import TargetLifecycle


def kept(snapshot: Snapshot, decision: Decision, targets: Iterable[CodeDeployTarget]) -> Decision:
    """The decision with the targets' lifecycle events among its facts."""
    told = tuple(_lifecycle(target) for target in targets)
    return replace(decision, facts=replace(decision.facts or snapshot.facts, targets=told)) if told else decision


def _lifecycle(target: CodeDeployTarget) -> TargetLifecycle:
    return TargetLifecycle(target=target.id, status=target.status, label=target.label, events=target.events)
