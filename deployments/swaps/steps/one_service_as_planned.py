"""The rule for one service whose traffic AWS shifts: what it and its production rule show is what the plan went by.

People may have thought about a gate for days. What somebody else did meanwhile is named, and nothing of it undone.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deployments.aws.errors import NotFound
from deployments.aws.protocol import Gateway
from deployments.aws.values import Rule, Service, Task
from deployments.swaps.decisions import Advance, Decision, Fail, Snapshot
from deployments.swaps.facts import TwoSlotFacts
from deployments.swaps.steps import as_planned, called, left_to_them, one_off_tasks, pinned, rules
from deployments.swaps.steps.as_planned import Difference, Expected, Kind
from deployments.swaps.steps.gate import is_waiting
from deployments.vocabulary import Stage

#: So long what preflight has read is still what there is.
JUST_NOW = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Right before a write. None: not read at this look, and so not compared."""

    service: Service | None = None
    production: Rule | None = None
    tasks: tuple[Task, ...] | None = None
    was_read: bool = False


def observe(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway, now: datetime) -> Seen:
    """At PRE_SCALE_UP: of the service alone while people decide, of all before a one-off task is started."""
    if is_waiting(snapshot, now):
        return Seen(service=read_service(snapshot, gateway), was_read=True)
    return read(snapshot, gateway) if _starts_a_task(snapshot, now) else Seen()


def read(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Seen:
    service = read_service(snapshot, gateway)
    rule = gateway.rule(snapshot.settings.production_rule)
    return Seen(service=service, production=rule, tasks=tasks_after_people(snapshot, gateway, service), was_read=True)


def read_service(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Service | None:
    name = snapshot.settings.service_name
    return gateway.services(snapshot.settings.cluster, [name]).get(name)


def tasks_after_people(
    snapshot: Snapshot[TwoSlotFacts], gateway: Gateway, service: Service | None
) -> tuple[Task, ...] | None:
    """The service's tasks where a gate before stood open for long enough that they may be others by now."""
    stood_open = any(step.gate and step.stage == Stage.PRE_SCALE_UP for step in snapshot.plan.steps)
    if service is None or not stood_open or not snapshot.facts.source_digests:
        return None
    return gateway.running_tasks(snapshot.settings.cluster, snapshot.settings.service_name)


def difference(snapshot: Snapshot[TwoSlotFacts], seen: Seen) -> Difference | None:
    """Of the service from what it ran when preflight passed; None when it was not read."""
    return as_planned.difference(source(snapshot), seen.service, seen.tasks) if seen.was_read else None


def changed_meanwhile(snapshot: Snapshot[TwoSlotFacts], seen: Seen, *, shown_by: str, whose: str = "") -> str:
    """Who is on the service or its rule now, in sentences; "" when all is as it was, or was not read.

    `shown_by` is said like "rule"; `whose` deployment it is, where its name is not the service's own to tell.
    """
    if found := difference(snapshot, seen):
        return told(found, whose or deployment_of(seen.service))
    return rule_changed(snapshot, seen.production, shown_by=shown_by, whose=whose)


def rule_changed(snapshot: Snapshot[TwoSlotFacts], rule: Rule | None, *, shown_by: str, whose: str = "") -> str:
    """Before the release has a share; "" while all traffic is on the source, or when the rule was not read."""
    if rule is None or [snapshot.settings.slot_of(group) for group in rule.live] == [snapshot.source]:
        return ""
    shown, by = rules.describe(snapshot, rule), f" ({whose})" if whose else ""
    return f"Someone else changed the {shown_by}{by}: it shows {shown}, but all traffic was on {called.old(snapshot)}."


def waiting_beside(snapshot: Snapshot[TwoSlotFacts], seen: Seen) -> str:
    """What the approvers are to know, in a clause, though it may pass: nobody is turned away for it."""
    found = difference(snapshot, seen)
    return found.seen if found and found.kind is Kind.NO_TASKS else ""


def observe_end(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Seen:
    """What its tasks run once AWS is done; the service only where that is not what it should be."""
    expected = _at_the_end(snapshot)
    try:
        tasks = gateway.running_tasks(snapshot.settings.cluster, expected.service)
    except NotFound:  # the service is gone
        return Seen(tasks=(), was_read=True)
    if all(_is_of(task, expected) for task in tasks):
        return Seen(tasks=tasks)
    return Seen(service=read_service(snapshot, gateway), tasks=tasks, was_read=True)


def at_the_end(snapshot: Snapshot[TwoSlotFacts], seen: Seen, decision: Decision, whose: str = "") -> Decision:
    """The decision; where it is the last and something else runs than what was deployed, a failure that names it."""
    expected = _at_the_end(snapshot)
    if not isinstance(decision, Advance) or seen.tasks is None:
        return decision
    if seen.was_read and (found := as_planned.difference(expected, seen.service, seen.tasks)):
        said = told(found, whose or deployment_of(seen.service))
        return Fail(reason=f"{said} {left_to_them.TO_DO}" if snapshot.rolling_back else said)
    if snapshot.rolling_back:
        return decision
    digests = as_planned.digests_of(seen.tasks, expected.task_definition)
    return replace(decision, facts=replace(decision.facts or snapshot.facts, target_digests=digests))


def told(found: Difference, deployment: str = "") -> str:
    """With whose deployment it is."""
    by = f" ({deployment})" if deployment else ""
    return f"{found.seen}. It was changed outside Tealgate{by} and left alone."


def source(snapshot: Snapshot[TwoSlotFacts]) -> Expected:
    facts, before = snapshot.facts, snapshot.source_artefact
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=pinned.goal(facts),
        version=before.version if before else "",
        digests=facts.source_digests,
        serves=facts.desired_before is None,
    )


def target(snapshot: Snapshot[TwoSlotFacts]) -> Expected:
    """By the digests that the release names."""
    release = snapshot.artefact
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=snapshot.facts.task_definition,
        version=release.version,
        digests={container: image.rpartition("@")[2] for container, image in release.images.items() if "@" in image},
    )


def deployment_of(service: Service | None) -> str:
    """Such as "ECS's deployment ecs-svc/1 of 2026-03-02 12:00:03 UTC"; "" where the service does not tell."""
    primary = service.primary if service else None
    if primary is None:
        return ""
    at = f" of {primary.created_at:%Y-%m-%d %H:%M:%S} UTC" if primary.created_at else ""
    return f"ECS's deployment {primary.id}{at}"


def _at_the_end(snapshot: Snapshot[TwoSlotFacts]) -> Expected:
    """Whether enough of it runs is judged by the watch."""
    return replace(source(snapshot) if snapshot.rolling_back else target(snapshot), serves=False)


def _is_of(task: Task, expected: Expected) -> bool:
    if task.task_definition != expected.task_definition:
        return False
    return all(digest == expected.digests.get(name, digest) for name, digest in task.digests.items())


def _starts_a_task(snapshot: Snapshot[TwoSlotFacts], now: datetime) -> bool:
    index, before = len(snapshot.facts.tasks), snapshot.step_started_at
    if index >= len(snapshot.settings.one_off_tasks) or one_off_tasks.may_be_started(snapshot, index):
        return False
    if snapshot.step.gate is not None:
        return snapshot.gate is not None
    return bool(index) or now - before > JUST_NOW
