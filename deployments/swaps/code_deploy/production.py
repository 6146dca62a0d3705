"""While CodeDeploy moves production and keeps the source: watched by us too, and believed only if the rule agrees."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.codedeploy_values import CodeDeployment
from deployments.evidence import verdict
from deployments.swaps.code_deploy import following
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.ready import end_termination_wait, unasked
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import (
    called,
    doubts,
    marks,
    one_service_as_planned,
    protection,
    rules,
    too_few,
    two_slots,
    unwatched,
)
from deployments.vocabulary import Slot


def production_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    deployment, rule, percent = observed.deployment, observed.production, snapshot.step.percent
    if turned := following.wrong(snapshot, observed):
        return turned
    if deployment is None or rule is None or percent is None:
        return following.gone(snapshot)
    if deployment.status == "Ready":
        changed = one_service_as_planned.rule_changed(snapshot, rule, shown_by="listener")
        return unasked(snapshot, deployment.id, lambda: changed or following.unready(snapshot, observed))
    target = two_slots.target(snapshot)
    share = rule.share(snapshot.target_group(target))
    if share and share != snapshot.facts.percent:
        return _moved(snapshot, share, target, now)
    if share == 0:
        return _before(snapshot, observed, percent)
    if speaks_against := _watch(snapshot, observed, target):
        return Fail(reason=speaks_against)
    if _shifted(observed):
        return _all_shifted(snapshot, observed, now, share)
    if share > percent:
        return Advance(reason=two_slots.seen(snapshot, observed))
    return Wait(reason=f"{share:g} % on {called.new(snapshot)}; {two_slots.seen(snapshot, observed)}")


def _moved(snapshot: Snapshot, share: float, target: Slot, now: datetime) -> Note:
    return Note(
        reason=f"CodeDeploy sends {share:g} % of production to {called.new(snapshot)}",
        facts=replace(snapshot.facts, percent=share, shifted_at=snapshot.facts.shifted_at or now),
    )


def _all_shifted(snapshot: Snapshot, observed: Observed, now: datetime, share: float) -> Decision:
    if share != 100:
        return Fail(reason=f"CodeDeploy says that all traffic is moved, but only {share:g} % is, as the listener says.")
    last = max(number for number, step in enumerate(snapshot.steps) if step.percent is not None)
    keep = _kept_until(snapshot, observed, now) if snapshot.position == last else None
    facts = replace(snapshot.facts, kept_until=keep) if keep else None
    return Advance(reason=two_slots.seen(snapshot, observed), keep_source_until=keep, facts=facts)


def _before(snapshot: Snapshot, observed: Observed, percent: int) -> Decision:
    """Nothing has moved, or somebody put everything back."""
    if snapshot.facts.percent:
        was = snapshot.facts.percent
        return Fail(reason=f"Someone else changed the listener: {was:g} % were on the release, now none is.")
    if observed.deployment is not None and observed.deployment.status == "Succeeded":
        return Fail(reason="CodeDeploy says that it succeeded, but the listener sends the release nothing.")
    return Wait(reason=f"{percent} % of production comes next ({following.current(observed.target)})")


def bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """The termination wait: the source is kept, everything can still be undone, and somebody may end it."""
    if turned := following.wrong(snapshot, observed):
        return turned
    if observed.deployment is None:
        return following.gone(snapshot)
    if speaks_against := _watch(snapshot, observed, two_slots.target(snapshot)):
        return Fail(reason=speaks_against)
    return _kept(snapshot, observed, observed.deployment, now)


def _kept(snapshot: Snapshot, observed: Observed, deployment: CodeDeployment, now: datetime) -> Decision:
    few, seen = following.too_few_requests(snapshot, observed), two_slots.seen(snapshot, observed)
    until, kept_until = snapshot.source_kept_until, snapshot.facts.kept_until
    ended_by_a_click = kept_until is not None and until is not None and until < kept_until
    over = deployment.status == "Succeeded" or until is None or now >= until
    more = None if ended_by_a_click else _make_up(snapshot, seen, now)
    if over and more:
        return more
    if deployment.status == "Succeeded" or until is None:
        if unproven := too_few.unproven(snapshot, few, None, now):
            return Fail(reason=unproven)
        kept = "" if deployment.status == "Succeeded" else "CodeDeploy keeps the source no longer; "
        return _with_doubts(snapshot, observed, Advance(reason=f"{kept}{seen}"))
    if not ended_by_a_click and not more and (unproven := too_few.unproven(snapshot, few, until, now)):
        return Fail(reason=unproven)
    if now < until:
        at_most = too_few.last_look(snapshot, few, until, now) or until
        return Wait(reason=f"All traffic on {called.new(snapshot)}: {seen}", at_most=at_most)
    if ended_by_a_click and not marks.done(snapshot, "finish"):
        if not deployment.termination_wait_started:
            return Wait(reason="CodeDeploy has not begun to wait yet")
        return end_termination_wait(deployment.id, "CodeDeploy was told to remove the source now")
    return _with_doubts(snapshot, observed, Advance(reason=f"The source was kept as long as wanted; {seen}"))


def _make_up(snapshot: Snapshot, seen: str, now: datetime) -> Wait | None:
    group = sure(snapshot.facts.group)
    seconds = 60 * group.termination_minutes if group.terminates else 0
    return unwatched.make_up(snapshot, "CodeDeploy", seen, now, seconds=seconds)


def _with_doubts(snapshot: Snapshot, observed: Observed, advance: Advance) -> Advance:
    return doubts.said(snapshot, advance, following.watched(snapshot, observed), observed.measured)


def clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    deployment, rule, target = observed.deployment, observed.production, two_slots.target(snapshot)
    if turned := following.wrong(snapshot, observed):
        return turned
    if deployment is None or rule is None:
        return following.gone(snapshot)
    if deployment.status != "Succeeded":
        held = protection.explained(observed.protected)
        return Wait(reason=f"CodeDeploy removes the source's tasks{held}")
    if rule.share(snapshot.target_group(target)) != 100:
        seen = rules.describe(snapshot, rule)
        return Fail(reason=f"CodeDeploy says that it succeeded, but the listener shows {seen}.")
    if untrue := _not_served(snapshot, observed):
        return Fail(reason=f"CodeDeploy says that it succeeded, but {untrue}.")
    if unready := following.unready(snapshot, observed):
        return Fail(reason=f"CodeDeploy says that it succeeded, but nothing proves it. {unready}")
    kept = "" if sure(snapshot.facts.group).terminates else "; the source's tasks were kept, as the group says"
    return Advance(reason=f"{snapshot.artefact.version} has all traffic{kept}")


def _not_served(snapshot: Snapshot, observed: Observed) -> str:
    """Why the service does not run the release, whatever CodeDeploy says."""
    service, name = observed.service, snapshot.settings.service_name
    if service is None or service.status != "ACTIVE":
        return f"the service {name} {f'is {service.status}' if service else 'does not exist any more'}"
    if service.task_definition != snapshot.facts.task_definition:
        return f"the primary task set of {name} runs {service.task_definition or 'nothing'}"
    return ""


def _shifted(observed: Observed) -> bool:
    deployment, target = observed.deployment, observed.target
    if deployment is not None and (deployment.status == "Succeeded" or deployment.termination_wait_started):
        return True
    return target is not None and target.passed("AllowTraffic") and target.passed("AfterAllowTraffic")


def _kept_until(snapshot: Snapshot, observed: Observed, now: datetime) -> datetime | None:
    """When CodeDeploy's termination wait ends: it begins with the end of the last lifecycle event."""
    group = sure(snapshot.facts.group)
    if not group.terminates or not group.termination_minutes:
        return None
    last = observed.target.event("AfterAllowTraffic") if observed.target else None
    began = last.ended if last and last.ended else now
    return began + timedelta(minutes=group.termination_minutes)


def _watch(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """Beside CodeDeploy's own alarms, which a group need not have; it never reads the weights back."""
    rule = observed.production
    if rule and (foreign := rules.strangers(snapshot, rule)):
        return f"Someone else changed the listener: {foreign}."
    replacement = observed.target.replacement if observed.target else None
    reported = replacement.percent if replacement else 0.0
    if rule and rule.share(snapshot.target_group(target)) < reported - 0.2:
        seen = rules.describe(snapshot, rule)
        return f"CodeDeploy reports {reported:g} % on {called.new(snapshot)}, but the listener shows {seen}."
    return verdict.problem(following.watched(snapshot, observed), observed.measured)
