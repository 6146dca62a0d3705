"""The way back when ECS had finished: UpdateService with the source's task definition, followed to its end.

ECS is to lose no time with it: no hooks, no bake time, and no alarm that would turn it back to the release.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import ContinueServiceDeployment, Made, UpdateService
from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.ecs import following, once_more
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.ecs.plan import at_once
from deployments.swaps.ecs.starting import FOUND_WITHIN
from deployments.swaps.facts import sure
from deployments.swaps.steps import called, marks, overtaken, pinned, rules
from deployments.vocabulary import Role, Stage, Status
from deployments.words import duration_words, full_stop, tasks_run


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if first := _told(snapshot, observed):
        return first
    if observed.pin:
        return pinned.register(snapshot, observed.pin)
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        return _update(snapshot, observed, now)
    again, live = observed.again, rules.all_on(snapshot, observed.production)
    if again is None:
        return _not_listed(snapshot, now, live)
    if not snapshot.facts.again:
        return Note(reason=f"ECS runs it as {again.arn}", facts=replace(snapshot.facts, again=again.arn))
    if anew := _anew(snapshot, observed, again):
        return anew
    if again.status in following.TURNED_BACK:
        why = again.rollback_reason or again.reason or "no reason given"
        failed = full_stop(f"ECS did not go back to {_before(snapshot)}: {why}")
        somebody_elses = overtaken.on_it_since(snapshot, observed.service)
        return Fail(reason=f"{failed} {somebody_elses[:1].upper()}{somebody_elses[1:]}".strip(), live=live)
    if again.awaiting:
        hook = again.awaiting.id
        return Act(
            reason=f"ECS may go on with {_before(snapshot)}",
            action=ContinueServiceDeployment(service_deployment=again.arn, hook=hook, answer="CONTINUE"),
            mark=f"hook:{hook}",
        )
    if snapshot.step.stage == Stage.CLEAN_UP:
        return _clean_up(snapshot, observed, again, live)
    return _shift_back(snapshot, observed, again, live, now)


def _told(snapshot: Snapshot, observed: Observed) -> Note | Fail | None:
    """The release has all traffic, from wherever somebody has started it anew."""
    if not marks.done(snapshot, marks.of_try(snapshot, "overtaken")):
        if observed.native and observed.native.status == Status.STOPPED:
            return overtaken.started_anew(snapshot, "ECS", snapshot.facts)
        if swapped := once_more.swapped(snapshot, observed, Role.TARGET):
            return swapped
        if once_more.is_under_way(observed.later):
            return overtaken.has_it_all(snapshot, "ECS", snapshot.facts)
    return overtaken.told(snapshot, "ECS", observed.service, observed.production, snapshot.facts)


def _anew(snapshot: Snapshot, observed: Observed, again: NativeDeployment) -> Decision | None:
    """Somebody started the source anew, which takes its traffic as well."""
    if observed.later and again.status in (Status.STOP_REQUESTED, Status.STOPPED):
        later = observed.later.arn
        return Note(
            reason=f"Somebody started {_before(snapshot)} anew, so ECS goes back by {later}",
            facts=replace(snapshot.facts, again=later),
        )
    return once_more.followed(snapshot, observed, Role.SOURCE) or _in_the_other_slot(snapshot, observed)


def _in_the_other_slot(snapshot: Snapshot, observed: Observed) -> Note | None:
    """A restart of the release came to its end before ECS was told, so ECS put the source where the release was."""
    source, target = snapshot.source, snapshot.target
    if source is None or target is None or observed.serves_from != snapshot.target_group(target):
        return None
    said = f"ECS deployed {_before(snapshot)} to the {target} slot, because somebody had started the release anew"
    return Note(reason=said, slots=(target, source), live=Role.SOURCE)


def _update(snapshot: Snapshot, observed: Observed, now: datetime) -> Act | Note | Fail:
    """Written once: an answer may have been lost, and an earlier try or somebody may have done it."""
    name, mark = snapshot.settings.service_name, marks.of_try(snapshot, "again")
    if somebody_elses := overtaken.on_it_since(snapshot, observed.service):
        return Fail(reason=f"ECS was not told to go back: {somebody_elses}")
    update = UpdateService(
        cluster=snapshot.settings.cluster,
        service=name,
        task_definition=sure(pinned.goal(snapshot.facts)),
        deployment_configuration=at_once(snapshot.settings),
    )
    service, facts = observed.service, replace(snapshot.facts, again="", again_at=now)
    is_told = service is not None and service.task_definition == pinned.goal(snapshot.facts)
    if is_told and not marks.in_flight(snapshot, update):
        return Note(reason=f"{name} has it already, so ECS is not told again", facts=facts.marked(mark))
    return Act(
        reason=f"ECS was told to deploy {_before(snapshot)} to {name} again",
        action=update,
        mark=mark,
        found=Made() if is_told else None,
        facts=facts,
    )


def _not_listed(snapshot: Snapshot, now: datetime, live: Role | None) -> Decision:
    if now - sure(snapshot.facts.again_at) < FOUND_WITHIN:
        return Wait(reason="Waiting for ECS to list the deployment")
    return Fail(reason=f"ECS lists no deployment of {_before(snapshot)}.", live=live)


def _shift_back(
    snapshot: Snapshot, observed: Observed, again: NativeDeployment, live: Role | None, now: datetime
) -> Decision:
    if live is Role.SOURCE:
        return Advance(
            reason=f"All production traffic is on {called.old(snapshot)}",
            facts=replace(snapshot.facts, percent=0),
            live=live,
        )
    if again.status == Status.SUCCESSFUL:
        return Fail(reason=f"ECS went back, but {_shown(snapshot, observed)}. Set it right by hand.", live=live)
    seen = tasks_run(again.running, again.requested)
    seconds = snapshot.settings.scale_up_timeout_seconds
    if now - sure(snapshot.facts.again_at) > timedelta(seconds=seconds) and not following.beyond(again, Stage.SCALE_UP):
        return Fail(reason=f"{_before(snapshot)} was not ready after {duration_words(seconds)}: {seen}.", live=live)
    return Wait(reason=f"ECS deploys {_before(snapshot)} again: {seen}; {_shown(snapshot, observed)}")


def _clean_up(snapshot: Snapshot, observed: Observed, again: NativeDeployment, live: Role | None) -> Decision:
    if again.status != Status.SUCCESSFUL and observed.native and observed.native.status == Status.STOPPED:
        return Wait(reason=f"ECS deploys {_before(snapshot)} again, in whichever slot is free")
    if live is not Role.SOURCE:
        since = overtaken.on_it_since(snapshot, observed.service)
        todo = f"{since[:1].upper()}{since[1:]}" if since else "Set it right by hand."
        return Fail(reason=f"ECS had gone back, but now {_shown(snapshot, observed)}. {todo}", live=live)
    if again.status != Status.SUCCESSFUL:
        return Wait(reason="ECS removes the release's tasks")
    stopped = observed.native and observed.native.status == Status.STOPPED
    why = "somebody had started the release anew, so ECS" if stopped else "ECS had finished, so it"
    return Advance(reason=f"{why} deployed {_before(snapshot)} again and removed the release's tasks")


def _shown(snapshot: Snapshot, observed: Observed) -> str:
    rule = observed.production
    return f"the production rule shows {rules.describe(snapshot, rule) if rule else 'nothing'}"


def _before(snapshot: Snapshot) -> str:
    return pinned.words(snapshot.facts)
