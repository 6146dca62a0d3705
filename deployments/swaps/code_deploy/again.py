"""The way back when CodeDeploy had finished: CreateDeployment of the source's revision, followed to its end.

CodeDeploy is to lose no time with it: all traffic at once, Ready continued, no wait for the release's tasks, and none
of the owner's hooks, which might turn it round to the release again. The next deployment has them: `appspecs.last`
passes ways back over.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployments.aws.actions import CreateDeployment, Made
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.swaps.code_deploy import appspec, beside, following, troubles
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed, mark_of_way_back
from deployments.swaps.code_deploy.ready import continue_ready, end_termination_wait
from deployments.swaps.code_deploy.starting import LONGEST_DESCRIPTION, ROLLBACK_EVENTS, busy_with_another
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import called, marks, overtaken, pinned, rules
from deployments.vocabulary import Role, Stage

AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"


def decide(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision:
    """`ours` has succeeded."""
    facts = replace(snapshot.facts, code_deployment=ours.id)
    if first := overtaken.told(snapshot, "CodeDeploy", observed.service, observed.production, facts):
        return first
    if observed.pin:
        return pinned.register(snapshot, observed.pin)
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        return _create(snapshot, observed)
    again, live = observed.again, rules.all_on(snapshot, observed.production)
    if again is None:
        raise ValueError("the deployment that takes the source back was not read")
    if again.status in ("Failed", "Stopped"):
        why = troubles.sentence(again, observed.targets)
        return Fail(reason=f"CodeDeploy did not go back to {_before(snapshot)}. {why}", live=live)
    if go_on := go_on_at(snapshot, again, _before(snapshot)):
        return go_on
    if snapshot.step.stage == Stage.CLEAN_UP:
        return _clean_up(snapshot, observed, again, live)
    if live is Role.SOURCE:
        known = replace(snapshot.facts, percent=0)
        return Advance(reason=f"All production traffic is on {called.old(snapshot)}", facts=known, live=live)
    if again.status == "Succeeded":
        return Fail(reason=f"CodeDeploy ended {again.id} well, but {_shown(snapshot, observed)}.", live=live)
    return Wait(
        reason=f"CodeDeploy deploys {_before(snapshot)} again by {again.id} ({following.current(observed.target)}); "
        f"{_shown(snapshot, observed)}"
    )


def _create(snapshot: Snapshot, observed: Observed) -> Decision:
    settings, again, live = snapshot.settings, observed.again, rules.all_on(snapshot, observed.production)
    if busy := busy_with_another(snapshot, replace(observed, deployment=again)):
        return replace(busy, live=live)
    if somebody_elses := overtaken.on_it_since(snapshot, observed.service):
        return Fail(reason=f"CodeDeploy was not told to go back: {somebody_elses}", live=live)
    if again is None and live is Role.SOURCE and overtaken.is_told(snapshot, observed.service):
        known = replace(snapshot.facts, percent=0)
        there = f"{settings.service_name} has {_before(snapshot)} again{beside.by_whom(observed)}"
        return Advance(reason=there, facts=known, live=live)
    revision = appspec.revision(settings, sure(observed.service), sure(pinned.goal(snapshot.facts)))
    return create(snapshot, again, revision, _before(snapshot), AT_ONCE)


def create(
    snapshot: Snapshot, again: CodeDeployment | None, revision: Mapping[str, Any], what: str, config: str
) -> Act:
    """`again` is what an earlier try made, whose answer was lost; `what` the revision is, in words."""
    settings = snapshot.settings
    words = f"{mark_of_way_back(snapshot)} {what} to {settings.label}"
    return Act(
        reason=f"CodeDeploy was told to deploy {what} to {settings.service_name or settings.codedeploy_group} again",
        action=CreateDeployment(
            application=settings.codedeploy_application,
            group=settings.codedeploy_group,
            revision=revision,
            config=config,
            description=words[:LONGEST_DESCRIPTION],
            rollback_events=ROLLBACK_EVENTS,
        ),
        found=Made(code_deployment=again.id) if again else None,
        mark=marks.of_try(snapshot, "again"),
    )


def go_on_at(snapshot: Snapshot, again: CodeDeployment, what: str) -> Act | Wait | None:
    """At Ready nobody is waited for; None past it."""
    go_on = of_try(snapshot, continue_ready(snapshot, again.id, f"CodeDeploy may shift to {what}"))
    return once(snapshot, go_on) if again.status == "Ready" else marks.unheard(snapshot, go_on)


def _clean_up(snapshot: Snapshot, observed: Observed, again: CodeDeployment, live: Role | None) -> Decision:
    if live is not Role.SOURCE:
        return Fail(reason=f"CodeDeploy had gone back, but now {_shown(snapshot, observed)}.", live=live)
    end = of_try(snapshot, end_termination_wait(again.id, "CodeDeploy was told to remove the release's tasks now"))
    if again.status == "Succeeded":
        return marks.unheard(snapshot, end) or Advance(
            reason=f"CodeDeploy had finished, so it deployed {_before(snapshot)} again by {again.id} and removed the "
            "release's tasks"
        )
    if again.termination_wait_started:
        return once(snapshot, end)
    return Wait(reason="CodeDeploy removes the release's tasks")


def of_try(snapshot: Snapshot, act: Act) -> Act:
    """Each try says it to a deployment of its own."""
    return replace(act, mark=marks.of_try(snapshot, f"again_{act.mark}"))


def once(snapshot: Snapshot, act: Act) -> Act | Wait:
    return Wait(reason=act.reason) if marks.done(snapshot, act.mark) else act


def _shown(snapshot: Snapshot, observed: Observed) -> str:
    rule = observed.production
    return f"the listener shows {rules.describe(snapshot, rule) if rule else 'nothing'}"


def _before(snapshot: Snapshot) -> str:
    return pinned.words(snapshot.facts)
