"""The way back when ECS had finished: the previous task definition is given to the service once more.

It goes by the same canary as every change of such a service, which nobody can make faster: that is said.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import Made, UpdateExpressGatewayService
from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.express import as_told
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.express.starting import FOUND_WITHIN
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, pinned
from deployments.swaps.steps.service_deployments import TURNED_BACK, beyond
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role, Stage, Status
from deployments.words import duration_words, tasks_run


def decide(snapshot: Snapshot, observed: Observed, native: NativeDeployment, now: datetime) -> Decision:
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        return _tell(snapshot, observed, native, now)
    again, live = observed.again, as_told.on_rule(snapshot, observed.rule)
    if again is None:
        if now - sure(snapshot.facts.again_at) < FOUND_WITHIN:
            return Wait(reason="Waiting for ECS to list the deployment")
        return Fail(reason=f"ECS lists no deployment of {_before(snapshot)}.", live=live)
    if not snapshot.facts.again:
        return Note(reason=f"ECS runs it as {again.arn}", facts=replace(snapshot.facts, again=again.arn))
    if again.status in TURNED_BACK:
        why = again.rollback_reason or again.reason or "no reason given"
        return Fail(reason=f"ECS did not go back to {_before(snapshot)}: {why}", live=live)
    if snapshot.step.stage == Stage.CLEAN_UP:
        return _clean_up(snapshot, observed, again, live)
    return _shift_back(snapshot, observed, again, live, now)


def _tell(snapshot: Snapshot, observed: Observed, native: NativeDeployment, now: datetime) -> Decision:
    """Written once: an answer may have been lost, and an earlier try or somebody may have done it."""
    found, name = observed.service, snapshot.settings.service_name
    finished = f"ECS had finished with {snapshot.artefact.version} before it could be turned back"
    if native.status != Status.SUCCESSFUL:
        finished = "AWS does not let the deployment be stopped"
    if found is None or found.status != "ACTIVE":
        seen = f"is {found.status}" if found else "does not exist any more"
        return Fail(reason=f"{finished}, and the service {name} {seen}: there is nothing to go back to.")
    facts = snapshot.facts
    if found.task_definition not in (facts.task_definition, facts.source_task_definition, facts.source_pinned):
        return Fail(
            reason=f"{finished}, and someone else put {short(found.task_definition)} on {name} since; it was left "
            "alone. Deploy the release that you want."
        )
    if observed.pin is not None:
        return pinned.register(snapshot, observed.pin)
    goal = pinned.goal(snapshot.facts)
    update = UpdateExpressGatewayService(service=sure(snapshot.facts.service), task_definition=sure(goal))
    has_it = found.task_definition == goal
    return Act(
        reason=f"{finished}: {_before(snapshot)} is deployed again, by the canary of Express Mode{_by_tag(snapshot)}",
        action=update,
        mark=marks.of_try(snapshot, "again"),
        found=Made() if has_it else None,
        facts=replace(snapshot.facts, again="", again_at=now),
    )


def _shift_back(
    snapshot: Snapshot, observed: Observed, again: NativeDeployment, live: Role | None, now: datetime
) -> Decision:
    seen = tasks_run(again.running, again.requested)
    shifted = again.production_percent >= 100 or again.status == Status.SUCCESSFUL
    if live is Role.SOURCE or (shifted and observed.rule is None):
        return Advance(
            reason=f"All production traffic is on {_before(snapshot)}",
            facts=replace(snapshot.facts, percent=0),
            live=Role.SOURCE,
        )
    if again.status == Status.SUCCESSFUL:
        shown = as_told.share(snapshot, observed.rule)
        return Fail(reason=f"ECS went back, but its rule still shows {shown} on the release's target group.", live=live)
    seconds = snapshot.settings.scale_up_timeout_seconds
    late = now - sure(snapshot.facts.again_at) > timedelta(seconds=seconds)
    if late and not beyond(again, Stage.SCALE_UP):
        return Fail(reason=f"{_before(snapshot)} was not ready after {duration_words(seconds)}: {seen}.", live=live)
    share = again.production_percent
    return Wait(
        reason=f"ECS deploys {_before(snapshot)} again: {seen}, {share:g} % of production on it",
        facts=replace(snapshot.facts, percent=100 - share),
    )


def _clean_up(snapshot: Snapshot, observed: Observed, again: NativeDeployment, live: Role | None) -> Decision:
    if again.status != Status.SUCCESSFUL:
        return Wait(reason="ECS bakes, then removes the release's tasks")
    if missing := as_told.not_proven(snapshot, observed, Role.SOURCE):
        return Fail(reason=f"ECS went back, but that is not what runs. {missing}", live=live)
    return Advance(reason=f"ECS deployed {_before(snapshot)} again and removed the release's tasks", live=Role.SOURCE)


def _before(snapshot: Snapshot) -> str:
    return short(pinned.goal(snapshot.facts))


def _by_tag(snapshot: Snapshot) -> str:
    unread = pinned.unread(snapshot.facts)
    return f"; {unread}" if unread else ""
