"""What others did to the service meanwhile: the rule of `as_planned` in ROLLING's terms and sentences."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from deployments import red
from deployments.aws.values import Service, ServiceDeployment, Task
from deployments.red import Ailment
from deployments.swaps.decisions import Note
from deployments.swaps.rolling import rollout
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.steps import as_planned, marks, pinned
from deployments.swaps.steps.as_planned import Expected, Kind
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role


def before(snapshot: Snapshot) -> Expected:
    """What it is to run until the release is written."""
    facts = snapshot.facts
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=facts.source_task_definition,
        digests=facts.source_digests,
        serves=bool(facts.desired) and facts.desired_before is None,
    )


def release(snapshot: Snapshot) -> Expected:
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=snapshot.facts.task_definition,
        version=snapshot.artefact.version,
        digests=snapshot.facts.target_digests,
        serves=bool(snapshot.facts.desired),
    )


def again(snapshot: Snapshot) -> Expected:
    """What it is to run once it has gone back."""
    source = snapshot.source_artefact
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=pinned.goal(snapshot.facts),
        version=source.version if source else "",
        digests=snapshot.facts.source_digests,
    )


def in_the_way(snapshot: Snapshot, service: Service | None, tasks: Collection[Task]) -> str:
    """Why the release must not be put on it, nor a task of it run; people may have thought about a gate for days."""
    expected = before(snapshot)
    if differs := difference(expected, service, tasks):
        return differs
    others = service.deployments if service and not _is_as_it_began(snapshot, service) else ()
    if any(each.task_definition != expected.task_definition for each in others):
        return f"Someone else started a deployment on {expected.service}; it was left alone."
    return ""


def _is_as_it_began(snapshot: Snapshot, service: Service) -> bool:
    """Whether the rollout that does not get on is the one that a repair began with."""
    if service.name not in red.names(snapshot.settings.red, Ailment.ROLLOUT):
        return False
    return service.primary is not None and service.primary.id == snapshot.facts.source_deployment


def may_pass(snapshot: Snapshot, service: Service | None) -> str:
    """What the approvers are to know, in a clause, though nobody is turned away for it yet."""
    found = as_planned.difference(before(snapshot), service) if service else None
    return found.seen if found and found.kind is Kind.NO_TASKS else ""


def difference(expected: Expected, service: Service | None, tasks: Collection[Task] = ()) -> str:
    """What is not as expected, in a sentence; "" when all that was read is."""
    found = as_planned.difference(expected, service, tasks)
    if found is None:
        return ""
    match found.kind:
        case Kind.OTHER_TASK_DEFINITION if service:
            head = f"Someone else put {short(service.task_definition)} on {service.name}; it was left alone."
            return f"{head} {found.seen}."
        case Kind.NO_TASKS:
            return f"{found.seen}, so no task shows whether {expected.version or 'a release'} works."
        case Kind.GONE:
            return f"Service {found.seen}."
    return found.sentence


def restarted(snapshot: Snapshot, service: Service | None) -> str:
    """That somebody forced a new deployment of what ran before, in a clause; "" when nobody did."""
    return as_planned.restarted(before(snapshot), service, snapshot.facts.source_deployment) if service else ""


def release_restarted(snapshot: Snapshot, service: Service | None) -> str:
    """The same of the release, once its own deployment is known."""
    mine = snapshot.facts.ecs_deployment
    return as_planned.restarted(release(snapshot), service, mine) if service else ""


def follow(snapshot: Snapshot, primary: ServiceDeployment, anew: str, now: datetime) -> Note:
    """It is the same release, so it is watched from now on instead of ours."""
    return Note(
        reason=f"{anew[:1].upper()}{anew[1:]}: {primary.id} is followed",
        facts=replace(snapshot.facts, ecs_deployment=primary.id, updated_at=now),
    )


def must_pin(snapshot: Snapshot, service: Service, tasks: Collection[Task]) -> bool:
    """Whether the way back first needs a revision that names digests. `tasks`: read once nothing is on its way.

    What ECS or somebody has put back already may be the very images; then nothing is written.
    """
    facts, primary = snapshot.facts, service.primary
    if primary is None or not pinned.is_wanted(facts):
        return False
    if primary.task_definition == facts.task_definition or marks.may_have_happened(snapshot, "UpdateService"):
        return True
    return primary.task_definition == facts.source_task_definition and runs_another_image(snapshot, service, tasks)


def runs_another_image(snapshot: Snapshot, service: Service, tasks: Collection[Task]) -> bool:
    primary, expected = service.primary, again(snapshot)
    if primary is None or not rollout.is_complete(service, primary, expected.task_definition):
        return False
    found = as_planned.difference(expected, service, tasks)
    return found is not None and found.kind is Kind.OTHER_IMAGE


def live(snapshot: Snapshot, service: Service | None, tasks: Collection[Task]) -> Role | None:
    """On the way back: whose release all tasks run; None while they are replaced, or when it is someone else's.

    Where a tag names the source's image, only its tasks' digests tell.
    """
    primary, facts = service.primary if service else None, snapshot.facts
    if service is None or primary is None:
        return None
    if rollout.is_complete(service, primary, facts.task_definition):
        return Role.TARGET
    sources = (facts.source_task_definition, facts.source_pinned)
    if not any(rollout.is_complete(service, primary, each) for each in sources if each):
        return None
    expected = replace(again(snapshot), task_definition=primary.task_definition)
    told = tasks or not facts.source_digests
    return Role.SOURCE if told and as_planned.difference(expected, service, tasks) is None else None
