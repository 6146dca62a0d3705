"""RECONCILE_SERVICE's common part: preflight's verdict, and the release's task definition registered once.

What was found is kept with the registration, so that preflight runs only once.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.actions import Made, RegisterTaskDefinition
from deployments.aws.values import Service, TaskDefinition
from deployments.definitions.difference import difference, digest
from deployments.definitions.making import CannotBeMade, with_release
from deployments.preflight.report import Report
from deployments.swaps.decisions import Act, Advance, Fail, Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import Reconciled
from deployments.swaps.steps import called
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG, RELEASE_TAG, DefinitionBase, DeploymentKind, Slot
from deployments.words import counted

#: Says how the release, as it is called, gets to the other slot.
How = Callable[[str, Slot], str]


def preflight_failure(snapshot: Snapshot[Facts], report: Report) -> Fail | None:
    if report.passed:
        return None
    first = report.errors[0]
    more = f" ({counted(len(report.errors) - 1, 'more error')})" if len(report.errors) > 1 else ""
    reason = f"Preflight stopped it: {first.seen} {first.fix}{more}".strip()
    return Fail(reason=reason, facts=replace(snapshot.facts, preflight=report.results))


class NotConfirmed(CannotBeMade):
    pass


def made(
    snapshot: Snapshot[Facts], live: TaskDefinition, base: TaskDefinition | None
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The release's document, made from `base` (None: from the live one), and what it changes in the live one.

    Raises CannotBeMade: a container is missing, or it is not what somebody saw and confirmed.
    """
    document = with_release(base or live, snapshot.artefact, snapshot.settings.stop_timeout)
    lines, confirmed = difference(live.document, document), snapshot.settings.difference
    if confirmed and confirmed != digest(lines):
        raise NotConfirmed(
            f"What release {snapshot.artefact.version} changes in the task definition {short(live.arn)} is not what "
            "was confirmed: somebody registered or deployed another one since. Nothing was touched; look at the plan "
            "again and confirm that."
        )
    return document, lines


def register(
    snapshot: Snapshot[Facts],
    base: TaskDefinition,
    registered: TaskDefinition | None,
    document: Mapping[str, object],
    facts: Facts,
) -> Act:
    """`registered` is what an earlier try made whose answer was lost: then nothing is written."""
    tags = {DEPLOYMENT_TAG: snapshot.key, RELEASE_TAG: snapshot.artefact.version}
    if snapshot.settings.definition_base == DefinitionBase.NEWEST:
        tags[BASE_TAG] = str(base.revision)
    kept = {name: value for name, value in base.tags.items() if name != BASE_TAG}
    return Act(
        reason=f"Task definition for {snapshot.artefact.version} registered",
        action=RegisterTaskDefinition(document=document, tags={**kept, **tags}),
        mark="register",
        found=Made(task_definition=registered.arn) if registered else None,
        facts=facts,
    )


def put_on_other_slot(
    snapshot: Snapshot[Facts],
    report: Report,
    source: Slot,
    service: Service,
    live: TaskDefinition,
    registered: TaskDefinition | None,
    *,
    base: TaskDefinition | None,
    how: How,
    facts: Facts,
) -> Act | Fail:
    """The registration with what was found before it, which is all that later steps go by.

    `service` runs the task definition `live` on the slot `source`, and the release's is made from `base`, None: from
    the live one. `how` tells the way of the release to the other slot. `facts` hold what only one
    controller finds.
    """
    try:
        document, lines = made(snapshot, live, base)
    except CannotBeMade as error:
        return Fail(reason=str(error))
    reason = _found(snapshot, source, service, how(called.new(snapshot), source.other))
    facts = replace(
        facts,
        preflight=report.results,
        source_task_definition=live.arn,
        source_images=live.images,
        desired=max(snapshot.settings.desired(service.desired), 1),
        percent=0,
        difference=lines,
        reconciled=Reconciled(source=source, reason=reason),
    )
    return register(snapshot, base or live, registered, document, facts)


def _found(snapshot: Snapshot[Facts], source: Slot, service: Service, way: str) -> str:
    """Which version is live is believed by now, and read when this has been said."""
    tasks = counted(service.running, "task")
    if snapshot.settings.kind == DeploymentKind.FIRST:
        return f"Nothing is live yet, with {tasks} ({source} slot); {way}"
    return f"What is live has {tasks} ({source} slot); {way}"


def is_reconciled(snapshot: Snapshot[Facts]) -> bool:
    """Whether there is nothing left to look at in RECONCILE_SERVICE."""
    return snapshot.facts.reconciled is not None


def go_on(snapshot: Snapshot[Facts]) -> Advance | None:
    """The way on, once everything is found and registered."""
    found = snapshot.facts.reconciled
    return Advance(reason=found.reason, slots=(found.source, found.source.other)) if found else None
