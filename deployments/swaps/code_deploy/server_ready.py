"""Blue/green on servers with a gate in Ready: the replacements have the release, and nothing is sent to them yet."""

from datetime import datetime

from deployments.aws.codedeploy_values import CodeDeployTarget
from deployments.swaps.code_deploy import following, ready, server_failures, server_following
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Advance, Decision, Wait
from deployments.words import counted


def installed(snapshot: Snapshot, observed: Observed) -> Decision:
    """SCALE_UP, once CodeDeploy was told: until it stands in Ready, or is past it."""
    if turned := server_following.wrong(snapshot, observed):
        return turned
    if observed.deployment is None:
        return following.gone(snapshot)
    replacements = [target for target in observed.targets if target.label == "Green"]
    ready_ones = sum(_has_it(target) for target in replacements)
    told = f"{snapshot.artefact.version} is on {ready_ones} of {counted(len(replacements), 'replacement')}"
    if observed.deployment.status == "Ready" or observed.deployment.is_over or ready.went_on(observed):
        return Advance(reason=told)
    return Wait(reason=told if replacements else "CodeDeploy makes the replacements")


def at_gate(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return ready.at_ready(snapshot, observed, now, lambda: _evidence(snapshot, observed, now))


def _evidence(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, object]:
    return {
        "at": now.isoformat(),
        "version": snapshot.artefact.version,
        "bundle": dict(snapshot.artefact.bundle or {}),
        "code_deployment": snapshot.facts.code_deployment,
        "replacements": [target.id for target in observed.targets if target.label == "Green" and _has_it(target)],
        "warnings": list(server_failures.warnings(snapshot, observed.targets)),
    }


def _has_it(target: CodeDeployTarget) -> bool:
    """The last event before traffic is over; what comes after it is Pending while CodeDeploy waits."""
    return target.passed("ValidateService")
