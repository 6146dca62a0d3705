"""ROLLING's way back: what ran before again, verified like the way forward.

What ECS or somebody has already put back is not written again, only verified. A task definition that is
neither the release's nor the previous one was put there by someone else, and is left alone.
"""

from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import UpdateService
from deployments.aws.values import Service, ServiceDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.rolling import neighbours, percents, polling, rollout, trouble
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.steps import as_planned, left_to_them, marks, pinned
from deployments.swaps.steps.task_definition import short
from deployments.words import counted, duration_words


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if observed.too_soon:
        return polling.wait_to_begin(snapshot, now)
    service, facts = observed.service, snapshot.facts
    primary = service.primary if service else None
    if service is None or service.status != "ACTIVE" or primary is None:
        seen = f"is {service.status}" if service else "does not exist any more"
        return Fail(reason=f"Service {snapshot.settings.service_name} {seen}, so there is nothing to roll back.")
    if primary.task_definition not in (facts.source_task_definition, facts.source_pinned, facts.task_definition):
        why = f"Someone else put {short(primary.task_definition)} on {service.name}"
        told = left_to_them.told(snapshot, why, left="it was left alone")
        return Fail(reason=f"{told} {left_to_them.TO_DO}")
    if observed.to_pin:
        return pinned.register(snapshot, observed.to_pin)
    # Each try has a mark of its own, so that a second one does everything again.
    mark, goal = marks.of_try(snapshot, "back"), pinned.goal(facts)
    is_put_back = primary.task_definition == goal and not _unsure(snapshot)
    configuration = percents.to_give_back(snapshot, service, unsure=_unsure(snapshot))
    if marks.done(snapshot, mark) or (is_put_back and configuration is None):
        return _verify(snapshot, observed, service, primary, now)
    changed = percents.words_back(snapshot, configuration) + percents.kept(snapshot, service)
    return Act(
        reason=f"{service.name} gets {pinned.words(snapshot.facts)} back{changed}{_unread(snapshot)}",
        action=UpdateService(
            cluster=snapshot.settings.cluster,
            service=service.name,
            task_definition=None if is_put_back else goal,
            desired=None if is_put_back else facts.desired_before,
            deployment_configuration=configuration,
        ),
        mark=mark,
        facts=replace(facts, updated_at=now),
    )


def _unread(snapshot: Snapshot) -> str:
    unread = pinned.unread(snapshot.facts)
    return f"; {unread}" if unread else ""


def _unsure(snapshot: Snapshot) -> bool:
    """Nobody heard the end of an update, so what is read now may not be the last word."""
    return marks.may_have_happened(snapshot, "UpdateService")


def _verify(
    snapshot: Snapshot, observed: Observed, service: Service, primary: ServiceDeployment, now: datetime
) -> Decision:
    goal, words = pinned.goal(snapshot.facts), pinned.words(snapshot.facts)
    if primary.task_definition != goal:
        if not rollout.is_settled(snapshot, now):
            return Wait(reason=f"ECS does not show {short(goal)} on {service.name} yet")
        return Fail(reason=f"Someone else put {short(primary.task_definition)} on {service.name} again.")
    if not service.desired and (snapshot.facts.desired_before == 0 or not snapshot.facts.desired):
        if service.running or service.pending:
            return polling.wait(snapshot, service, now, f"Back to {words}: ", observed.protected)
        return Advance(reason=f"{service.name} has {words} again and runs no task, as before")
    if not service.desired:
        return Fail(reason=f"{service.name} has {words} again, but a desired count of 0: nothing shows that it works.")
    if rollout.is_complete(service, primary, goal):
        return _ended(snapshot, observed, service, primary)
    if primary.rollout_state == "FAILED":
        return Fail(reason=f"ECS gave up {words}: {primary.rollout_reason} {trouble.why(observed)}")
    if rollout.has_failed_too_often(service, primary):
        failed = counted(primary.failed_tasks, "task")
        return Fail(reason=f"{failed} of {words} failed in a row. {trouble.why(observed)}")
    if rollout.is_late(snapshot, now) and not observed.protected:
        return Fail(
            reason=f"{words} was not up after {duration_words(snapshot.settings.scale_up_timeout_seconds)}: "
            f"{rollout.describe(service)}. {trouble.why(observed)}"
        )
    return polling.wait(snapshot, service, now, f"Back to {words}: ", observed.protected)


def _ended(snapshot: Snapshot, observed: Observed, service: Service, primary: ServiceDeployment) -> Decision:
    expected, facts = neighbours.again(snapshot), snapshot.facts
    if found := as_planned.difference(expected, service, observed.tasks):
        return Fail(
            reason=f"{found.seen}. Put the image that ran before on {service.name}, then try the roll back again."
        )
    run = counted(primary.running, f"task of {service.name} runs", f"tasks of {service.name} run")
    by_digest = ""
    if facts.source_digests and not facts.source_pinned:
        seen = as_planned.digests_of(observed.tasks, expected.task_definition)
        same = facts.source_digests.keys() <= seen.keys()
        by_digest = ", by the digests that ran before" if same else "; its tasks tell no digests to compare"
    anew = as_planned.restarted(expected, service, facts.ecs_deployment if marks.any_of(snapshot, "back") else "")
    return Advance(
        reason=f"{run} {pinned.words(snapshot.facts)} again{by_digest}{f'; {anew}' if anew else ''}{_unread(snapshot)}"
    )
