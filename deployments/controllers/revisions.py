"""RECONCILE_SERVICE's common part: preflight's verdict, and the release's task definition registered once.

What was found is kept with the registration, so that preflight runs only once.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.actions import RegisterTaskDefinition
from deployments.aws.values import TaskDefinition
from deployments.controllers import marks
from deployments.controllers.decisions import Act, Advance, Fail, Snapshot
from deployments.controllers.task_definition import DEPLOYMENT_TAG
from deployments.preflight.report import Report
from deployments.vocabulary import Slot
from deployments.words import counted


def preflight_failure(report: Report) -> Fail | None:
    if report.passed:
        return None
    first = report.errors[0]
    more = f" ({counted(len(report.errors) - 1, 'more error')})" if len(report.errors) > 1 else ""
    reason = f"Preflight stopped it: {first.seen} {first.fix}{more}".strip()
    return Fail(reason=reason, facts={"preflight": report.as_json()})


def register(
    snapshot: Snapshot, live: TaskDefinition, registered: TaskDefinition | None, document: Mapping[str, object]
) -> Act:
    """`registered` is what an earlier try made whose answer was lost: then nothing is written."""
    tags = {DEPLOYMENT_TAG: snapshot.key, "tealgate:release": snapshot.artefact.version}
    return Act(
        reason=f"Task definition for {snapshot.artefact.version} registered",
        action=RegisterTaskDefinition(document=document, tags={**live.tags, **tags}),
        makes="task_definition",
        found=registered.arn if registered else "",
        facts={"done": marks.mark(snapshot, "register")},
    )


def keep(act: Act, source: Slot, reason: str, facts: Mapping[str, Any]) -> Act:
    """The registration with what was found before it: the slot that is live, and all that later steps go by."""
    return replace(act, facts={**act.facts, **facts, "reconciled": {"source": source.value, "reason": reason}})


def is_reconciled(snapshot: Snapshot) -> bool:
    """Whether there is nothing left to look at in RECONCILE_SERVICE."""
    return "reconciled" in snapshot.facts


def go_on(snapshot: Snapshot) -> Advance | None:
    """The way on, once everything is found and registered."""
    if not is_reconciled(snapshot):
        return None
    found = snapshot.facts["reconciled"]
    source = Slot(found["source"])
    return Advance(reason=found["reason"], slots=(source, source.other))
