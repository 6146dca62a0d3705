"""What is read while ECS shifts the traffic: one DescribeServiceDeployments a look, more only where it matters."""

from dataclasses import dataclass, replace
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import NativeDeployment, Rule, Service
from deployments.evidence import measure
from deployments.preflight.native import NATIVE
from deployments.swaps.ecs import at_lattice, owner
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.steps import (
    left_behind,
    marks,
    one_off_tasks,
    one_service,
    one_service_as_planned,
    pinned,
    rules,
    two_slots,
)
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.swaps.steps.service_deployments import beyond, deploying
from deployments.vocabulary import Role, Stage, Status

#: ECS does nothing more to such a deployment.
ENDED = (Status.SUCCESSFUL, Status.STOPPED, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED)


@dataclass(frozen=True, kw_only=True)
class Observed(one_service.Look):
    native: NativeDeployment | None = None
    #: by which somebody started the same release anew, so that ECS stopped `native`
    restart: NativeDeployment | None = None
    #: by which ECS goes back after `native` had finished
    again: NativeDeployment | None = None
    #: by which somebody started anew what one of these had brought, since it was over
    later: NativeDeployment | None = None
    #: ARN of the target group from which `again` serves, by ECS's word; read where the rule shows the other slot
    serves_from: str = ""
    #: of the rules there that ECS shifts too
    lattice: at_lattice.Seen = at_lattice.Seen()


def serves(snapshot: Snapshot) -> bool:
    """Whether the release had a share of production at the last look."""
    return bool(snapshot.facts.percent)


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if snapshot.step.stage == Stage.RECONCILE_SERVICE:
        return one_service.before_anything(snapshot, Observed(), ReadingOnce(gateway), now, NATIVE)
    if snapshot.step.stage == Stage.PRE_SCALE_UP:
        before = one_service_as_planned.observe(snapshot, gateway, now)
        return Observed(before=before, one_off=one_off_tasks.observe(snapshot, gateway, now))
    if not marks.done(snapshot, "update") and not marks.may_have_happened(snapshot, "UpdateService"):
        if snapshot.rolling_back:
            return Observed()
        before = one_service_as_planned.read(snapshot, gateway)
        beside = at_lattice.observe(at_lattice.rules_to_shift(before.service), gateway)
        return Observed(service=before.service, production=before.production, tasks=before.tasks, lattice=beside)
    native = _native(snapshot, gateway)
    if native is None:
        return Observed(service=_service_to_mend(snapshot, gateway, native))
    return (_way_back if snapshot.rolling_back else _under_way)(snapshot, gateway, native, now)


def _under_way(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment, now: datetime) -> Observed:
    if native.status in (Status.STOP_REQUESTED, Status.STOPPED):
        return _stopped(snapshot, gateway, native)
    if is_waiting(snapshot, now) and not serves(snapshot):
        return Observed(native=native)
    if snapshot.step.stage == Stage.SCALE_UP:
        health = two_slots.health_of(snapshot, snapshot.target, gateway, now)
        return Observed(native=native, measured=health)
    observed = _watch(snapshot, gateway, native, now)
    service = _service_to_mend(snapshot, gateway, native)
    later = _later(gateway, service, native, snapshot.facts.task_definition)
    observed = replace(observed, service=service, later=later)
    return _with_the_end(snapshot, gateway, observed, over=native.status == Status.SUCCESSFUL)


def _stopped(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment) -> Observed:
    """With who stopped it; in the bake that may have been a restart of the very same."""
    service = one_service.service(snapshot, gateway)
    rule = gateway.rule(snapshot.settings.production_rule)
    seen = Observed(native=native, service=service, production=rule)
    if service is None or service.task_definition != snapshot.facts.task_definition or not is_approved(snapshot):
        return seen
    tasks = gateway.running_tasks(snapshot.settings.cluster, service.name)
    restart = _listed_since(snapshot, native, snapshot.facts.task_definition, gateway)
    return replace(seen, tasks=tasks, restart=restart)


def is_approved(snapshot: Snapshot) -> bool:
    """Whether nobody has to decide on the release any more."""
    return snapshot.step.stage in (Stage.BAKE_TIME, Stage.CLEAN_UP)


def _way_back(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment, now: datetime) -> Observed:
    overtaken = native.status in (Status.STOP_REQUESTED, Status.STOPPED, Status.SUCCESSFUL)
    service = one_service.service(snapshot, gateway) if overtaken else _service_to_mend(snapshot, gateway, native)
    again = _again(snapshot, gateway, native) if native.status in (Status.SUCCESSFUL, Status.STOPPED) else None
    rule = gateway.rule(snapshot.settings.production_rule)
    told_again = marks.done(snapshot, marks.of_try(snapshot, "again")) or native.status != Status.SUCCESSFUL
    runs = pinned.goal(snapshot.facts) if told_again else snapshot.facts.task_definition
    later = _later(gateway, service, again or native, runs)
    over = native.status == Status.ROLLBACK_SUCCESSFUL or any(
        each is not None and each.status == Status.SUCCESSFUL for each in (again, later)
    )
    goes_again = native.status == Status.SUCCESSFUL or is_started_anew(snapshot, service, native)
    has_to_pin = goes_again and pinned.is_wanted(snapshot.facts)
    pin = pinned.observe(snapshot, gateway) if has_to_pin else None
    serves_from = _serves_from(snapshot, gateway, again, rule)
    observed = Observed(
        native=native, again=again, later=later, serves_from=serves_from, service=service, production=rule, pin=pin
    )
    return _with_the_end(snapshot, gateway, observed, over=over)


def is_started_anew(snapshot: Snapshot, service: Service | None, native: NativeDeployment) -> bool:
    """Whether ECS stopped ours for somebody who started the release anew, which nobody wants any more."""
    if native.status != Status.STOPPED or service is None or service.status != "ACTIVE":
        return False
    known = marks.done(snapshot, marks.of_try(snapshot, "overtaken"))
    return known or service.task_definition == snapshot.facts.task_definition


def _later(
    gateway: Gateway, service: Service | None, last: NativeDeployment, task_definition: str
) -> NativeDeployment | None:
    """ECS's newest of the service, once `last` is over, where that is another one of the same task definition."""
    if service is None or last.status not in ENDED or service.task_definition != task_definition:
        return None
    newest = service.service_deployment
    return gateway.service_deployments([newest]).get(newest) if newest not in ("", last.arn) else None


def _serves_from(snapshot: Snapshot, gateway: Gateway, again: NativeDeployment | None, rule: Rule) -> str:
    if again is None or again.status != Status.SUCCESSFUL or rules.all_on(snapshot, rule) is not Role.TARGET:
        return ""
    found = gateway.service_revisions((again.target_revision,)).get(again.target_revision)
    return found.target_group if found else ""


def _with_the_end(snapshot: Snapshot, gateway: Gateway, observed: Observed, *, over: bool) -> Observed:
    """Read once, at the last look of all: ECS is done, and nothing is to be given back any more."""
    if not over or snapshot.step.stage != Stage.CLEAN_UP or owner.owed(snapshot, observed.service):
        return observed
    end = one_service_as_planned.observe_end(snapshot, gateway)
    beside = observed.lattice if observed.lattice.weights else _lattice(snapshot, gateway)
    return replace(observed, end=end, left=left_behind.observe(snapshot, gateway), lattice=beside)


def _service_to_mend(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment | None) -> Service | None:
    """Once ECS has ended, the service shows whether what we put there is there still; None when nothing is."""
    if not owner.was_touched(snapshot):
        return None
    ended = native is None or native.status in ENDED
    return one_service.service(snapshot, gateway) if ended else None


def _native(snapshot: Snapshot, gateway: Gateway) -> NativeDeployment | None:
    """Ours, by the ARN we know, else by the task definition that only we use: what ECS answered with, if it is that."""
    known, told = snapshot.facts.service_deployment, snapshot.facts.told
    if known:
        return gateway.service_deployments([known]).get(known)
    if told and (found := deploying([told], snapshot.facts.task_definition, gateway)):
        return found
    newest = gateway.newest_service_deployments(snapshot.settings.cluster, snapshot.settings.service_name)[:5]
    return deploying(newest, snapshot.facts.task_definition, gateway)


def _again(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment) -> NativeDeployment | None:
    """Listed after ours, with the source's task definition, which older ones may have too."""
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        return None
    known = snapshot.facts.again
    if known:
        return gateway.service_deployments([known]).get(known)
    return _listed_since(snapshot, native, pinned.goal(snapshot.facts), gateway)


def _listed_since(
    snapshot: Snapshot, native: NativeDeployment, task_definition: str, gateway: Gateway
) -> NativeDeployment | None:
    newest = gateway.newest_service_deployments(snapshot.settings.cluster, snapshot.settings.service_name)
    since = newest[: newest.index(native.arn)] if native.arn in newest else newest
    return deploying(since, task_definition, gateway)


def _watch(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment, now: datetime) -> Observed:
    rule = gateway.rule(snapshot.settings.production_rule)
    baked = native.status == Status.SUCCESSFUL or beyond(native, Stage.BAKE_TIME)
    watched = replace(two_slots.watched(snapshot), to_the_end=baked and snapshot.step.stage == Stage.BAKE_TIME)
    measured = measure(watched, ReadingOnce(gateway), now)
    over = native.status == Status.SUCCESSFUL
    protected = () if over else one_service.protected(snapshot, gateway, now)
    beside = _lattice(snapshot, gateway)
    return Observed(native=native, production=rule, measured=measured, protected=protected, lattice=beside)


def _lattice(snapshot: Snapshot, gateway: Gateway) -> at_lattice.Seen:
    return at_lattice.observe([way.rule for way in snapshot.facts.lattice], gateway)
