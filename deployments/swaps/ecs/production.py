"""While ECS moves production traffic, bakes and cleans up: watched by us too, and believed only if the rule agrees."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.values import NativeDeployment
from deployments.evidence import Watched, verdict
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.ecs import at_lattice, following, once_more, restarted
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import called, doubts, marks, protection, rules, too_few, two_slots, unwatched
from deployments.vocabulary import Role, Stage, Status


def production_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native, percent = observed.native, snapshot.step.percent
    if native is None or percent is None:
        return following.gone(snapshot)
    if turned := following.wrong(snapshot, observed) or once_more.followed(snapshot, observed, Role.TARGET):
        return turned
    mark = f"seen:{snapshot.position}"
    reached = native.production_percent >= percent or following.beyond(native, Stage.PRODUCTION_TRAFFIC_SHIFT)
    if not reached:
        held = following.owner_holds(snapshot, native) or f"ECS is at {native.stage}"
        return Wait(reason=f"{held}; {percent} % of production comes next")
    if not marks.done(snapshot, mark):
        return Note(
            reason=f"ECS sends {native.production_percent:g} % of production to {called.new(snapshot)}",
            facts=replace(snapshot.facts, percent=native.production_percent, shifted_at=now).marked(mark),
        )
    if speaks_against := watch(snapshot, observed, native):
        return Fail(reason=speaks_against)
    if _left_rung(snapshot, native, percent):
        keep = now + timedelta(seconds=_bake_seconds(snapshot)) if _next_is_bake(snapshot) else None
        return Advance(reason=two_slots.seen(snapshot, observed), keep_source_until=keep)
    return Wait(reason=f"{percent} % on {called.new(snapshot)}; {two_slots.seen(snapshot, observed)}")


def _left_rung(snapshot: Snapshot, native: NativeDeployment, percent: int) -> bool:
    if native.production_percent > percent or following.beyond(native, Stage.PRODUCTION_TRAFFIC_SHIFT):
        return True
    return following.hook_to_answer(snapshot, native) is not None


def bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return following.gone(snapshot)
    if answered := _turned_or_restarted(snapshot, observed, native):
        return answered
    if speaks_against := watch(snapshot, observed, native):
        return Fail(reason=speaks_against)
    few, until = verdict.too_few(watched(snapshot, native), observed.measured), snapshot.source_kept_until
    over, seen = _is_over(native), two_slots.seen(snapshot, observed)
    more = unwatched.make_up(snapshot, "ECS", seen, now, seconds=snapshot.step.bake_seconds)
    if over and more:
        return more
    if not more and (unproven := too_few.unproven(snapshot, few, None if over else until, now)):
        return Fail(reason=unproven)
    if over:
        return doubts.said(snapshot, Advance(reason=seen), watched(snapshot, native), observed.measured)
    at_most = too_few.last_look(snapshot, few, until, now)
    held = following.owner_holds(snapshot, native) or "ECS bakes"
    return Wait(reason=f"All traffic on {called.new(snapshot)}, {held}: {seen}", at_most=at_most)


def _is_over(native: NativeDeployment) -> bool:
    """Whether ECS bakes no more."""
    return native.status == Status.SUCCESSFUL or following.beyond(native, Stage.BAKE_TIME)


def clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native, target, rule = observed.native, two_slots.target(snapshot), observed.production
    if native is None or rule is None:
        return following.gone(snapshot)
    if answered := _turned_or_restarted(snapshot, observed, native):
        return answered
    if native.status != Status.SUCCESSFUL:
        held = protection.explained(observed.protected)
        return Wait(reason=f"ECS removes the previous release's tasks{held}")
    if rule.share(snapshot.target_group(target)) != 100:
        shown = rules.describe(snapshot, rule)
        return Fail(reason=f"ECS says that it succeeded, but the production rule shows {shown}.")
    if unready := verdict.unready(watched(snapshot, native), observed.measured):
        return Fail(reason=f"ECS says that it succeeded, but nothing proves it. {unready}")
    return Advance(reason=f"{snapshot.artefact.version} has all traffic; ECS removed the previous tasks")


def _turned_or_restarted(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> Decision | None:
    """ECS does not go on by itself: somebody started the same release anew, or it is turned back."""
    if noticed := restarted.noticed(snapshot, observed):
        return noticed
    if turned := following.wrong(snapshot, observed) or restarted.followed(snapshot, native):
        return turned
    return once_more.followed(snapshot, observed, Role.TARGET)


def watch(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> str:
    """Our own watch beside ECS's: it ignores an alarm that was in ALARM at the start, and never reads the weights."""
    rule, target = observed.production, two_slots.target(snapshot)
    if rule and (foreign := rules.strangers(snapshot, rule)):
        return f"Someone else changed the production rule: {foreign}."
    if rule and not _as_reported(rule.share(snapshot.target_group(target)), native.production_percent):
        shown = rules.describe(snapshot, rule)
        reported = f"ECS reports {native.production_percent:g} % on {called.new(snapshot)}"
        return f"{reported}, but the production rule shows {shown}."
    if unlike := at_lattice.against(snapshot, observed.lattice, native.production_percent):
        return unlike
    return verdict.problem(two_slots.comparable(watched(snapshot, native), snapshot, rule), observed.measured)


def watched(snapshot: Snapshot, native: NativeDeployment) -> Watched:
    """With as many targets as ECS says that the release is to have."""
    return two_slots.watched(snapshot, native.requested or snapshot.facts.desired or 1)


def _as_reported(share: float, reported: float) -> bool:
    # Between two of ECS's writes the rule and the report may be one step apart; a rule turned back is not.
    return share >= reported or abs(share - reported) < 0.2


def _next_is_bake(snapshot: Snapshot) -> bool:
    following = snapshot.steps[snapshot.position + 1 :]
    return bool(following) and following[0].stage == Stage.BAKE_TIME


def _bake_seconds(snapshot: Snapshot) -> int:
    return next((step.bake_seconds for step in snapshot.steps if step.stage == Stage.BAKE_TIME), 0)
