"""What each of the two services is to run, and what was last seen of it. Pure; what it means is for `neighbours`."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.values import Service, Task, TaskDefinition
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Compared, PairFacts, Snapshot
from deployments.swaps.steps import pinned
from deployments.swaps.steps.as_planned import Expected, Kind, difference, digests_of
from deployments.vocabulary import Slot

#: Long enough after a write of ours that DescribeServices must show it.
SHOWN_AFTER = timedelta(seconds=10)


def expected(snapshot: Snapshot, slot: Slot, now: datetime) -> Expected | None:
    """None where nothing is known that could be compared, such as right after a write of ours."""
    source, _ = marks.slots(snapshot)
    if slot is source:
        return _of_source(snapshot, slot)
    if not marks.done(snapshot, "scale_up"):
        return _of_idle(snapshot, slot)
    return _of_release(snapshot, slot) if is_shown(snapshot, now) else None


def _of_source(snapshot: Snapshot, slot: Slot) -> Expected:
    facts, known = snapshot.facts, snapshot.source_artefact
    return Expected(
        service=snapshot.service(slot),
        task_definition=facts.source_task_definition,
        version=known.version if known else "",
        digests=facts.source_digests,
        serves=False,  # it serves for its owner, who may scale it as ever
    )


def _of_idle(snapshot: Snapshot, slot: Slot) -> Expected | None:
    found = snapshot.facts.idle_task_definition
    if not found or marks.may_have_happened(snapshot, "UpdateService"):
        return None
    return Expected(service=snapshot.service(slot), task_definition=found, serves=False)


def _of_release(snapshot: Snapshot, slot: Slot) -> Expected:
    facts = snapshot.facts
    return Expected(
        service=snapshot.service(slot),
        task_definition=facts.task_definition,
        version=snapshot.artefact.version,
        digests=facts.target_digests,
        serves=facts.percent > 0,
    )


def is_shown(snapshot: Snapshot, now: datetime) -> bool:
    """Whether AWS must show by now what the target was told to run, or has done so already."""
    told_at = snapshot.facts.scaled_at
    return told_at is None or snapshot.target in snapshot.facts.compared or now - told_at > SHOWN_AFTER


def has_unseen_tasks(snapshot: Snapshot, slot: Slot, service: Service) -> bool:
    """Whether only its tasks can tell what it runs, and they are not those that were looked at last."""
    if not tagged(snapshot, slot) or service.task_definition != _definition(snapshot, slot):
        return False
    last = snapshot.facts.compared.get(slot)
    return service.steady and service.running > 0 if last is None else last != _compared(service)


def is_put_back_by_ecs(service: Service) -> bool:
    """Whether ECS's circuit breaker or its alarms took a task definition off again."""
    return service.primary is not None and "rolling back" in service.primary.rollout_reason


def is_deployed_anew(snapshot: Snapshot, slot: Slot, service: Service) -> bool:
    """Whether somebody started another deployment; else ECS replaces or adds tasks by itself."""
    last = snapshot.facts.compared.get(slot)
    return last is not None and last.deployment != _compared(service).deployment


def is_pulled_anew(snapshot: Snapshot, source: Service, tasks: Collection[Task] | None) -> bool:
    """Whether ECS has started tasks of the source by a tag that has moved, without anybody asking for it."""
    slot, _ = marks.slots(snapshot)
    if is_deployed_anew(snapshot, slot, source):
        return False
    found = difference(_of_source(snapshot, slot), source, tasks)
    return found is not None and found.kind is Kind.OTHER_IMAGE


def has_to_be_pinned(snapshot: Snapshot, source: Service, tasks: Collection[Task] | None) -> bool:
    """On the way back: whether tags start its tasks or have done so, though digests that ran before are known."""
    facts = snapshot.facts
    slot, _ = marks.slots(snapshot)
    is_as_before = source.task_definition == facts.source_task_definition
    if not (is_as_before and pinned.is_wanted(facts)) or is_deployed_anew(snapshot, slot, source):
        return False
    return source.desired < (facts.desired or 1) or is_pulled_anew(snapshot, source, tasks)


def tagged(snapshot: Snapshot, slot: Slot) -> tuple[str, ...]:
    """Containers whose image is not named by digest in what this slot is to run."""
    return snapshot.facts.source_by_tag if slot is snapshot.source else snapshot.facts.target_by_tag


def noted(snapshot: Snapshot, observed: Mapping[Slot, Service], tasks: Mapping[Slot, Collection[Task]]) -> PairFacts:
    """The facts with what was compared at this look, of services that are as planned and in the middle of nothing."""
    facts = snapshot.facts
    for slot, service in observed.items():
        if not service.steady or not _is_news(snapshot, slot, service, tasks):
            continue
        as_planned = Expected(service=service.name, task_definition=_definition(snapshot, slot), serves=False)
        if difference(replace(as_planned, digests=_digests(snapshot, slot)), service, tasks.get(slot)):
            continue
        facts = replace(facts, compared={**facts.compared, slot.value: _compared(service)})
        if slot is snapshot.target and not facts.target_digests and slot in tasks:
            facts = replace(facts, target_digests=of_tagged(snapshot, slot, tasks[slot]))
    return facts


def _is_news(snapshot: Snapshot, slot: Slot, service: Service, tasks: Mapping[Slot, Collection[Task]]) -> bool:
    """How many run matters only where only they can tell what they run."""
    if tagged(snapshot, slot):
        return slot in tasks
    return slot not in snapshot.facts.compared or is_deployed_anew(snapshot, slot, service)


def of_tagged(snapshot: Snapshot, slot: Slot, tasks: Collection[Task]) -> dict[str, str]:
    digests = digests_of(tasks, _definition(snapshot, slot))
    return {name: digest for name, digest in digests.items() if name in tagged(snapshot, slot)}


def before(
    snapshot: Snapshot,
    source: Slot,
    services: Mapping[Slot, Service],
    live: TaskDefinition,
    tasks: Collection[Task],
    base: TaskDefinition | None = None,
) -> PairFacts:
    """The facts with what runs before anything is written: the source's digests, and what is on the idle service.

    The release's task definition is made from `base`, None: from the live one.
    """
    by_tag, idle = tuple(live.images_by_tag), services.get(source.other)
    return replace(
        snapshot.facts,
        source_by_tag=by_tag,
        source_digests=pinned.noted(live, tasks),
        target_by_tag=tuple(name for name in (base or live).images_by_tag if name not in snapshot.artefact.images),
        idle_task_definition=idle.task_definition if idle else "",
        compared={source.value: _compared(services[source])},
    )


def _definition(snapshot: Snapshot, slot: Slot) -> str:
    facts = snapshot.facts
    return facts.source_task_definition if slot is snapshot.source else facts.task_definition


def _digests(snapshot: Snapshot, slot: Slot) -> Mapping[str, str]:
    return snapshot.facts.source_digests if slot is snapshot.source else snapshot.facts.target_digests


def _compared(service: Service) -> Compared:
    return Compared(
        deployment=service.primary.id if service.primary else "",
        running=service.running,
        started=service.started_tasks_at,
    )
