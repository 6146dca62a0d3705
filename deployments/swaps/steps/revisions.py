"""RECONCILE_SERVICE's common part: preflight's verdict, and the release's task definition registered once.

What was found is kept with the registration, so that preflight runs only once.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.actions import RegisterTaskDefinition
from deployments.aws.values import Service, TaskDefinition
from deployments.preflight.report import Report
from deployments.swaps.decisions import Act, Advance, Fail, Snapshot
from deployments.swaps.steps import marks
from deployments.swaps.steps.task_definition import DEPLOYMENT_TAG, MissingContainer, difference, with_release
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


def put_on_other_slot(
    snapshot: Snapshot,
    report: Report,
    source: Slot,
    service: Service,
    live: TaskDefinition,
    registered: TaskDefinition | None,
    *,
    how: str,
    **found: Any,
) -> Act | Fail:
    """The registration with what was found before it, which is all that later steps go by.

    `service` runs the task definition `live` on the slot `source`; `how` the release gets to the other one is said
    like "ECS puts {} on {}".
    """
    try:
        document = with_release(live, snapshot.artefact)
    except MissingContainer as error:
        return Fail(reason=str(error))
    reason = (
        f"{source.value.capitalize()} is live with {counted(service.running, 'task')}; "
        f"{how.format(snapshot.artefact.version, source.other.value)}"
    )
    act = register(snapshot, live, registered, document)
    facts = {
        **act.facts,
        "preflight": report.as_json(),
        "source_task_definition": live.arn,
        "desired": max(service.desired, 1),
        "percent": 0,
        "difference": [list(line) for line in difference(live.document, document)],
        "reconciled": {"source": source.value, "reason": reason},
    }
    return replace(act, facts={**facts, **found})


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
