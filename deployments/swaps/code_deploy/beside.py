"""The way back of an ECS service to which somebody else deploys by CodeDeploy meanwhile.

Whoever puts the source back does what we would do, and is waited for. Anything else is theirs, and is left alone.
"""

from dataclasses import replace

from deployments.swaps.code_deploy import theirs
from deployments.swaps.code_deploy.facts import CodeDeployFacts, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.theirs import Theirs
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.steps import called, left_to_them, pinned, rules
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role, Stage


def after_a_bad_end(snapshot: Snapshot, observed: Observed, *, is_at_source: bool) -> Decision | None:
    """CodeDeploy has ended ours badly, and undone it where it does so; None where nobody deploys."""
    other = _that_counts(observed)
    if other is None:
        return None
    if theirs.is_source(snapshot, other):
        if is_at_source and snapshot.facts.percent:
            return Note(reason=f"All production traffic is on {called.old(snapshot)}", facts=_without_share(snapshot))
        return _waited_for(snapshot, other) or Advance(
            reason=f"{pinned.words(snapshot.facts)} was deployed again already, by {theirs.whose(other.deployment)}",
            facts=_without_share(snapshot),
        )
    if not is_at_source:
        return _left_alone(snapshot, other)
    if snapshot.step.stage != Stage.CLEAN_UP:
        return None
    said, left = theirs.told(snapshot, other), f"nothing of {snapshot.artefact.version} is left"
    beside = left if said in snapshot.status_reason else f"{left}. {said.rstrip('.')}"
    return Advance(
        reason=f"All traffic was on {called.old(snapshot)} again, and {beside}. {left_to_them.TO_DO.rstrip('.')}"
    )


def before_going_back(snapshot: Snapshot, observed: Observed) -> Decision | None:
    """CodeDeploy had finished ours; None where the source is to be deployed again."""
    other = _that_counts(observed)
    if other is None:
        return None
    if theirs.is_source(snapshot, other):
        return _waited_for(snapshot, other)
    is_ours = other.task_definition == snapshot.facts.task_definition
    return _moved(snapshot, observed, other) if is_ours and other.deployment.is_over else _left_alone(snapshot, other)


def _moved(snapshot: Snapshot, observed: Observed, other: Theirs) -> Note | None:
    """Whoever deploys the release once more puts it in the other slot: it has all traffic from there."""
    source, target = snapshot.source, snapshot.target
    if source is None or target is None or rules.all_on(snapshot, observed.production) is not Role.SOURCE:
        return None
    again = f"{theirs.whose(other.deployment)} has deployed {short(other.task_definition)} once more"
    said = f"{again}: it has all traffic, from the other slot now ({source} slot)"
    return Note(reason=said, slots=(target, source), live=Role.TARGET)


def by_whom(observed: Observed) -> str:
    """To follow what is there again, in a clause; "" where nobody but us has deployed."""
    other = _that_counts(observed)
    return f", by {theirs.whose(other.deployment)}" if other else ""


def _without_share(snapshot: Snapshot) -> CodeDeployFacts:
    return replace(snapshot.facts, percent=0)


def _that_counts(observed: Observed) -> Theirs | None:
    """What has failed changed nothing."""
    other = observed.theirs
    return None if other is None or other.deployment.status in ("Failed", "Stopped") else other


def _waited_for(snapshot: Snapshot, other: Theirs) -> Wait | None:
    if other.deployment.is_over:
        return None
    whose, words = theirs.whose(other.deployment), pinned.words(snapshot.facts)
    return Wait(reason=f"{whose} deploys {words} again already; it is waited for")


def _left_alone(snapshot: Snapshot, other: Theirs) -> Fail:
    """What it brings has traffic, or will have. Whose release has all of it is not ours to say."""
    said = theirs.told(snapshot, other)
    if said in snapshot.status_reason:
        said = "nothing is left to turn back."
    return Fail(reason=f"{said} {left_to_them.TO_DO}")
