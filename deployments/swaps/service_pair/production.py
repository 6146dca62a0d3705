"""Forward, production: one traffic step a rung, the bake, and the clean-up of the source."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import UpdateService
from deployments.evidence import targets, verdict
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.service_pair import marks, neighbours, reading, watch, weights
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import SCALING_HANDED_OVER, Observed
from deployments.swaps.service_pair.scaling import note_owners, set_scaling
from deployments.swaps.service_pair.watched import watched
from deployments.swaps.steps import called, doubts, event_watch, protection, rules, too_few, two_slots
from deployments.swaps.steps.gate import at_gate
from deployments.vocabulary import Stage
from deployments.words import begun, clock_words, counted, full_stop

#: How often both services are looked at while the source is kept warm: what the page says of it is as old at most.
WARM_LOOK = timedelta(minutes=10)
NAME_IT = "Name it in the environment among its production rules, or take the target groups out of it."


def production_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = marks.slots(snapshot)
    percent = snapshot.step.percent
    if percent is None:
        raise ValueError("a rung has a share of the traffic")
    if reading.is_passed_through(snapshot):
        return Advance(reason=f"{percent} % of production is on {called.new(snapshot)}")
    if observed.production is None:
        raise ValueError("the production rule was not read")
    if marks.done(snapshot, f"shift:{snapshot.position}"):
        return watch_step(snapshot, observed, now)
    wanted = weights.for_share(snapshot, target, percent)
    if foreign := weights.changed_by_someone_else(snapshot, observed, wanted):
        return Fail(reason=foreign)
    for slot in (source, target):
        if observed.usable(slot) is None:
            return Fail(
                reason=f"Service {snapshot.service(slot)} (of {called.on(snapshot, slot)}) does not exist any more."
            )
    if against := verdict.problem(two_slots.watched(snapshot), observed.measured):
        return Fail(reason=f"{full_stop(against)} No more traffic was given to {called.new(snapshot)}.")
    if capacity := _bring_up_to_source(snapshot, observed, now):
        return capacity
    mark = f"shift:{snapshot.position}"
    unwritten = (
        rule for rule in observed.production_rules if not marks.done(snapshot, weights.mark_of(snapshot, mark, rule))
    )
    return weights.shift(
        snapshot,
        next(unwritten),
        target,
        percent,
        now,
        mark=mark,
        reason=f"Production: {percent} % to {called.new(snapshot)}"
        + (f", {100 - percent} % stay on {called.old(snapshot)}" if percent < 100 else ""),
    )


def _bring_up_to_source(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision | None:
    """Before more traffic: as many healthy targets as the source has tasks, which may have grown meanwhile."""
    source, target = marks.slots(snapshot)
    wanted = max(observed.services[source].desired, snapshot.facts.desired)
    mark = f"grow:{snapshot.position}:{wanted}"
    grow = UpdateService(cluster=snapshot.settings.cluster, service=snapshot.service(target), desired=wanted)
    too_small = observed.services[target].desired < wanted or marks.in_flight(snapshot, grow)
    if too_small and not marks.done(snapshot, mark):
        said = f"{snapshot.service(target)} scaled to {counted(wanted, 'task')}"
        return Act(
            reason=f"{said}, as many as {called.old(snapshot)} has now",
            action=grow,
            mark=mark,
            facts=replace(snapshot.facts, desired=wanted),
        )
    healthy = observed.healthy(target)
    if healthy >= wanted:
        return None
    described = watch.describe_health(observed, target)
    if now - snapshot.step_started_at > timedelta(seconds=snapshot.settings.scale_up_timeout_seconds):
        only = targets.only(healthy, wanted, called.new(snapshot))
        return Fail(reason=f"{only}: {described}; no more traffic was given to it.")
    seen = f"{targets.healthy_of(healthy, wanted, called.new(snapshot))}: {described}"
    return Wait(reason=f"Before more traffic, all targets have to be healthy; {seen}")


def watch_step(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """A rung or BAKE_TIME: the weights must stay as written, and nothing may speak against going on."""
    watching = two_slots.comparable(watched(snapshot), snapshot, observed.production)
    foreign = weights.changed_by_someone_else(snapshot, observed)
    if problem := foreign or verdict.problem(watching, observed.measured):
        return Fail(reason=problem)
    alarms = observed.measured.of(ALARMS) or {}
    if ask := event_watch.ask_for_echo(snapshot, watching, alarms, now):
        return ask
    since = snapshot.step_started_at
    if snapshot.step.stage == Stage.PRODUCTION_TRAFFIC_SHIFT:
        since = sure(snapshot.facts.shifted_at)
    until = since + timedelta(seconds=snapshot.step.bake_seconds)
    seen = verdict.summary(watching, observed.measured)
    if now < until and not snapshot.gone_on:
        return Wait(reason=f"Watching until {clock_words(until, now)} UTC: {seen}", at_most=until)
    few = verdict.too_few(watching, observed.measured)
    if not snapshot.gone_on and (more := too_few.wait(snapshot, few, until, seen, now)):
        return more
    if echo := event_watch.wait_for_echo(snapshot, now):
        return echo
    asked = too_few.asked(snapshot, few)
    waiting = at_gate(snapshot, now, lambda: two_slots.evidence(snapshot, observed, now), asked=asked)
    facts = event_watch.after_look(snapshot, seen, watching, alarms, now)
    if isinstance(waiting, Wait):
        # Production traffic is on the target: the watch goes on while people think.
        return Wait(reason=f"{waiting.reason}; {facts.watch}", at_most=waiting.until, facts=facts)
    if waiting:
        return replace(waiting, facts=facts)
    if snapshot.step.stage == Stage.BAKE_TIME:
        keep = now + timedelta(seconds=snapshot.settings.termination_wait_seconds)
        advance = Advance(reason=seen, keep_source_until=keep)
        return doubts.said(snapshot, advance, watching, observed.measured)
    return Advance(reason=seen)


def clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, _ = marks.slots(snapshot)
    kept = snapshot.source_kept_until
    if kept is not None and now < kept:
        return _keep_warm(snapshot, observed, kept, now)
    if decision := _hand_scaling_over(snapshot, observed):
        return decision
    if changed := neighbours.at_the_end(snapshot, observed, now):
        return changed
    service = observed.usable(source)
    if service is None:
        return Advance(reason=f"Service {snapshot.service(source)} is gone already")
    if not marks.done(snapshot, "scale_down"):
        if sending := rules.still_sending(observed.routes, snapshot.target_group(source)):
            return Fail(reason=f"{begun(called.old(snapshot))} was not scaled down, because {sending}. {NAME_IT}")
        if unready := _unready(snapshot, observed):
            return Fail(reason=f"{begun(called.old(snapshot))} was not scaled down. {unready}")
        return Act(
            reason=f"{service.name} scaled to 0",
            action=UpdateService(cluster=snapshot.settings.cluster, service=service.name, desired=0),
            mark="scale_down",
        )
    if service.running or service.pending:
        held = protection.explained(observed.protected, service.running)
        return Wait(reason=f"{service.name} still drains {counted(service.running, 'task')}{held}")
    return Advance(reason=f"{snapshot.artefact.version} has all traffic; {service.name} is scaled to 0")


def _unready(snapshot: Snapshot, observed: Observed) -> str:
    """Why the release cannot do without the source, in a sentence. It may have been scaled since it was watched."""
    _, target = marks.slots(snapshot)
    service = observed.usable(target)
    return verdict.unready(two_slots.watched(snapshot, service.desired if service else 0), observed.measured)


def _keep_warm(snapshot: Snapshot, observed: Observed, until: datetime, now: datetime) -> Decision:
    source, _ = marks.slots(snapshot)
    said = f"{begun(called.old(snapshot))} is kept warm until {clock_words(until, now)} UTC"
    wait = Wait(reason=said, until=min(until, now + WARM_LOOK))
    if marks.done(snapshot, SCALING_HANDED_OVER):
        return _shifted(snapshot, observed) or wait
    return _hand_scaling_over(snapshot, observed) or replace(wait, facts=snapshot.facts.marked(SCALING_HANDED_OVER))


def _shifted(snapshot: Snapshot, observed: Observed) -> Fail | None:
    foreign = weights.changed_by_someone_else(snapshot, observed)
    return Fail(reason=f"{foreign} {begun(called.old(snapshot))} was not scaled down.") if foreign else None


def _hand_scaling_over(snapshot: Snapshot, observed: Observed) -> Decision | None:
    """Before the warm time: the live slot grows with its load again, the source keeps its tasks without any."""
    source, target = marks.slots(snapshot)
    if shifted := _shifted(snapshot, observed):
        return shifted
    if noted := note_owners(snapshot, observed):
        return noted
    for slot, suspended in ((target, False), (source, True)):
        if act := set_scaling(snapshot, observed, slot, suspended=suspended, mark=f"scaling:{slot.value}"):
            return act
    return None
