"""What comes before the end: the owner's settings are given back, and what ECS has left behind is said."""

from collections.abc import Mapping
from typing import Any

from deployments.aws.actions import Made, UpdateService
from deployments.aws.values import Service
from deployments.preflight.other_rules import unmoved_by_ecs
from deployments.swaps.decisions import Act, Advance, Decision, Fail
from deployments.swaps.ecs import at_lattice, owner
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import first_release, left_behind, one_service_as_planned
from deployments.vocabulary import Stage
from deployments.words import counted


def before_the_end(snapshot: Snapshot, observed: Observed, decision: Decision) -> Decision:
    """The decision, or what has to come before it when it is the last."""
    if not _is_last(snapshot, decision):
        return decision
    unmoved = unmoved_by_ecs(snapshot.settings, observed.left.routes, (snapshot.facts.test_rule,))
    shifted = at_lattice.at_the_end(snapshot, observed.lattice, decision)
    as_planned = one_service_as_planned.at_the_end(snapshot, observed.end, shifted)
    emptied = first_release.emptied(snapshot) if snapshot.rolling_back and isinstance(decision, Advance) else None
    return (
        emptied
        or give_back(snapshot, observed.service)
        or left_behind.told(snapshot, as_planned, observed.left, unmoved)
    )


def give_back(snapshot: Snapshot, service: Service | None) -> Act | None:
    """Also while a deployment of the way back still runs: it goes by what it was started with."""
    before = snapshot.facts.configuration_before
    if before is None or service is None or owner.is_given_back(snapshot):
        return None
    back: Mapping[str, Any] = owner.owed(snapshot, service)
    heard = None
    if not back:  # it may be because we gave it back, and died before that was recorded
        back, heard = _was_told(snapshot), Made()
    if not back:
        return None
    hooks = counted(len(before.get("lifecycleHooks", ())), "hook")
    alarms = counted(len((before.get("alarms") or {}).get("alarmNames", ())), "alarm")
    return Act(
        reason=f"{service.name} has its own deployment configuration again, with {hooks} and {alarms}",
        action=UpdateService(
            cluster=snapshot.settings.cluster, service=snapshot.settings.service_name, deployment_configuration=back
        ),
        mark=owner.given_back_mark(snapshot),
        found=heard,
    )


def _was_told(snapshot: Snapshot) -> Mapping[str, Any]:
    """The deploymentConfiguration alone that ECS was about to be told when the last pass ended; {} = none."""
    intent = snapshot.intent or {}
    gives = intent.get("operation") == "UpdateService" and intent.get("task_definition") is None
    return intent.get("deployment_configuration") or {} if gives else {}


def _is_last(snapshot: Snapshot, decision: Decision) -> bool:
    """A failure on the way forward turns to the way back, which has an end of its own."""
    if isinstance(decision, Fail):
        return snapshot.rolling_back
    return isinstance(decision, Advance) and snapshot.step.stage == Stage.CLEAN_UP
