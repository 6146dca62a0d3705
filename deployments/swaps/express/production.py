"""While ECS moves production traffic, bakes and cleans up: watched by us too, and believed only with proof."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.values import NativeDeployment
from deployments.evidence import verdict
from deployments.preflight.express import BAKE_SECONDS
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.express import as_told, following
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.express.watched import seen, watched
from deployments.swaps.steps import doubts, marks, protection, too_few, unwatched
from deployments.swaps.steps.as_planned import digests_of
from deployments.swaps.steps.service_deployments import beyond
from deployments.vocabulary import Role, Stage, Status


def production_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native, percent = observed.native, snapshot.step.percent
    if native is None or percent is None:
        return following.gone(snapshot)
    if turned := following.wrong(snapshot, observed):
        return turned
    if problem := _against(snapshot, observed, native):
        return Fail(reason=problem)
    is_past = beyond(native, Stage.PRODUCTION_TRAFFIC_SHIFT)
    if native.production_percent < percent and not is_past:
        return Wait(
            reason=f"ECS is at {native.stage}; {percent} % of production comes next{_words(snapshot, observed)}"
        )
    mark = f"seen:{snapshot.position}"
    if not marks.done(snapshot, mark):
        return _reached(snapshot, native, mark, now)
    if is_past or native.production_percent > percent:
        keep = now + timedelta(seconds=BAKE_SECONDS) if percent == 100 else None
        return Advance(reason=seen(snapshot, observed.measured), keep_source_until=keep)
    return Wait(reason=f"{percent} % on {snapshot.artefact.version}{_words(snapshot, observed)}")


def _reached(snapshot: Snapshot, native: NativeDeployment, mark: str, now: datetime) -> Note:
    share, facts = native.production_percent, snapshot.facts
    return Note(
        reason=f"ECS sends {share:g} % of production to {snapshot.artefact.version}",
        facts=replace(facts, percent=share, shifted_at=facts.shifted_at or now).marked(mark),
    )


def bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return following.gone(snapshot)
    if turned := following.wrong(snapshot, observed):
        return turned
    if problem := _against(snapshot, observed, native):
        return Fail(reason=problem)
    watching, until = watched(snapshot, native.requested), snapshot.source_kept_until
    few = verdict.too_few(watching, observed.measured)
    over = native.status == Status.SUCCESSFUL or beyond(native, Stage.BAKE_TIME)
    told = seen(snapshot, observed.measured)
    more = unwatched.make_up(snapshot, "ECS", told, now, seconds=snapshot.step.bake_seconds)
    if over and more:
        return more
    if not more and (unproven := too_few.unproven(snapshot, few, None if over else until, now)):
        return Fail(reason=unproven)
    if over:
        return doubts.said(snapshot, Advance(reason=told), watching, observed.measured)
    at_most = too_few.last_look(snapshot, few, until, now)
    words = _words(snapshot, observed)
    return Wait(reason=f"All traffic on {snapshot.artefact.version}, ECS bakes{words}", at_most=at_most)


def clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return following.gone(snapshot)
    if turned := following.wrong(snapshot, observed):
        return turned
    if native.status != Status.SUCCESSFUL:
        held = protection.explained(observed.protected)
        return Wait(reason=f"ECS removes the previous release's tasks{held}")
    if missing := as_told.not_proven(snapshot, observed, Role.TARGET):
        return Fail(reason=f"ECS says that it succeeded, but that is not what runs. {missing}")
    if unready := verdict.unready(watched(snapshot, native.requested), observed.measured):
        return Fail(reason=f"ECS says that it succeeded, but nothing proves it. {unready}")
    return Advance(
        reason=f"{snapshot.artefact.version} has all traffic; ECS removed the previous tasks",
        facts=replace(
            snapshot.facts,
            percent=100,
            target_digests=digests_of(observed.tasks or (), snapshot.facts.task_definition),
        ),
    )


def _against(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> str:
    """Once the release has traffic; before that ECS's own alarm says nothing about it."""
    if snapshot.facts.shifted_at is None:
        return ""
    return verdict.problem(watched(snapshot, native.requested), observed.measured)


def _words(snapshot: Snapshot, observed: Observed) -> str:
    words = seen(snapshot, observed.measured)
    return f"; {words}" if words else ""
