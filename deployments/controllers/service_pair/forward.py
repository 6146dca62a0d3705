"""SERVICE_PAIR's way forward, one function a stage. Pure: values in, one decision out.

Every write is marked in facts["done"] once it is known to have happened. Until then it is decided again,
which is harmless: each action sets a state or finds what an earlier try made.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil

from deployments.aws.actions import (
    RegisterTaskDefinition,
    RunTask,
    SetWeights,
    StopTask,
    SuspendScaling,
    UpdateService,
)
from deployments.aws.values import Service
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Note, Probe, Snapshot, Wait
from deployments.controllers.gates import at_gate
from deployments.controllers.service_pair import evidence, watch, weights
from deployments.controllers.service_pair.observe import Observed, resource_id, started_by
from deployments.controllers.service_pair.task_definition import (
    DEPLOYMENT_TAG,
    MissingContainer,
    difference,
    with_release,
)
from deployments.vocabulary import Slot, Stage

SMOKE_TRIES = 3
SMOKE_PAUSE = timedelta(seconds=2)


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return _STAGES[snapshot.step.stage](snapshot, observed, now)


def _done(snapshot: Snapshot, name: str) -> bool:
    return name in snapshot.facts.get("done", ())


def _slots(snapshot: Snapshot) -> tuple[Slot, Slot]:
    """(source, target); known from RECONCILE_SERVICE on."""
    if snapshot.source is None or snapshot.target is None:
        raise ValueError("the slots are not known yet")
    return snapshot.source, snapshot.target


def _reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    report = observed.report
    if report is None:
        raise ValueError("preflight was not run")
    preflight = {"preflight": report.as_json()}
    if not report.passed:
        first = report.errors[0]
        more = f" ({len(report.errors) - 1} more error(s))" if len(report.errors) > 1 else ""
        return Fail(reason=f"Preflight stopped it: {first.seen} {first.fix}{more}".strip(), facts=preflight)
    rule = observed.production
    if rule is None or len(rule.live) != 1 or weights.strangers(snapshot, rule):
        seen = weights.describe(snapshot, rule) if rule else "nothing"
        return Fail(reason=f"Exactly one slot has to be live, but the production rule shows {seen}.")
    source = snapshot.settings.slot_of(rule.live[0])
    live, service = observed.live_definition, observed.services.get(source) if source else None
    if source is None or live is None or service is None or service.running == 0:
        return Fail(
            reason=f"The live slot {source or 'unknown'} has traffic but no running tasks to compare with."
        )
    try:
        document = with_release(live, snapshot.artefact)
    except MissingContainer as error:
        return Fail(reason=str(error))
    if not _done(snapshot, "register"):
        return _register(snapshot, observed, document)
    return Advance(
        reason=f"{source.value.capitalize()} is live with {service.running} task(s); "
        f"{snapshot.artefact.version} goes to {source.other.value}",
        slots=(source, source.other),
        facts=preflight
        | {
            "source_task_definition": live.arn,
            "desired": max(service.desired, 1),
            "weights": dict(rule.weights),
            "percent": 0,
            "difference": [list(line) for line in difference(live.document, document)],
        },
    )


def _register(snapshot: Snapshot, observed: Observed, document: Mapping[str, object]) -> Decision:
    tag = {DEPLOYMENT_TAG: str(snapshot.deployment), "tealgate:release": snapshot.artefact.version}
    live_tags = dict(observed.live_definition.tags) if observed.live_definition else {}
    found = observed.registered
    return Act(
        reason=f"Task definition for {snapshot.artefact.version} registered",
        action=RegisterTaskDefinition(document=document, tags=live_tags | tag),
        makes="task_definition",
        found=found.arn if found else "",
        facts={"done": weights.mark(snapshot, "register")},
    )


def _pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    if waiting:
        return waiting
    finished = list(snapshot.facts.get("tasks", ()))
    if len(finished) == len(snapshot.settings.one_off_tasks):
        names = ", ".join(task["name"] for task in finished)
        return Advance(reason=f"{names} ended with exit code 0" if names else "Nothing to run")
    index = len(finished)
    spec = snapshot.settings.one_off_tasks[index]
    container = spec.container or snapshot.settings.container_name
    task = observed.task
    if not _done(snapshot, f"task:{index}"):
        name = started_by(snapshot, index)
        return Act(
            reason=f"{spec.name}: {' '.join(spec.command)} started as a one-off task",
            action=RunTask(
                cluster=snapshot.settings.cluster,
                like_service=snapshot.service(_slots(snapshot)[0]),
                task_definition=snapshot.facts["task_definition"],
                container=container,
                command=spec.command,
                client_token=name,
                started_by=name,
            ),
            found=task.arn if task else "",
            makes="task",
            facts={"done": weights.mark(snapshot, f"task:{index}"), "task_started_at": now.isoformat()},
        )
    started = datetime.fromisoformat(snapshot.facts["task_started_at"])
    late = now - started > timedelta(seconds=spec.timeout_seconds)
    if task is None and not late:
        return Wait(reason=f"{spec.name} is being started")
    if task is None or not task.stopped:
        if not late:
            return Wait(reason=f"{spec.name} is running ({task.last_status.lower() if task else 'unknown'})")
        return _task_too_late(snapshot, index, spec.name, spec.timeout_seconds)
    code = task.exit_codes.get(container)
    record = {"name": spec.name, "task": task.arn, "exit_code": code, "log": list(observed.log)}
    facts = {"tasks": [*finished, record]}
    if code == 0:
        return Note(reason=f"{spec.name} ended with exit code 0", facts=facts)
    why = task.reasons.get(container) or task.stopped_reason or "no reason given"
    ended = f"exit code {code}" if code is not None else f"no exit code ({why})"
    last = f" Last line: {observed.log[-1]}" if observed.log else ""
    return Fail(reason=f"{spec.name} ended with {ended}.{last}", facts=facts)


def _task_too_late(snapshot: Snapshot, index: int, name: str, timeout: int) -> Decision:
    sentence = f"{name} did not end within {timeout} s"
    if _done(snapshot, f"stop_task:{index}"):
        return Fail(reason=f"{sentence} and was stopped.")
    return Act(
        reason=f"{sentence}; stopping it",
        action=StopTask(cluster=snapshot.settings.cluster, task=snapshot.facts["task"], reason=sentence),
        facts={"done": weights.mark(snapshot, f"stop_task:{index}")},
    )


def _scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = _slots(snapshot)
    for slot in (source, target):
        if slot not in observed.services:
            return Fail(reason=f"Service {snapshot.service(slot)} ({slot.value}) does not exist any more.")
    scaling = observed.scaling.get(target)
    if scaling and not scaling.suspended and not _done(snapshot, "suspend_target"):
        return Act(
            reason=f"Autoscaling of {snapshot.service(target)} suspended while it is set up",
            action=SuspendScaling(resource_id=resource_id(snapshot, target), suspended=True),
            facts={"done": weights.mark(snapshot, "suspend_target")},
        )
    wanted, service = int(snapshot.facts["desired"]), observed.services[target]
    if not _done(snapshot, "scale_up"):
        return Act(
            reason=f"{snapshot.service(target)} scaled to {wanted} task(s) of {snapshot.artefact.version}",
            action=UpdateService(
                cluster=snapshot.settings.cluster,
                service=snapshot.service(target),
                task_definition=snapshot.facts["task_definition"],
                desired=wanted,
            ),
            facts={"done": weights.mark(snapshot, "scale_up")},
        )
    if failure := _scale_up_failure(snapshot, observed, service, now):
        return Fail(reason=failure)
    healthy = observed.healthy(target)
    mine = service.task_definition == snapshot.facts["task_definition"]
    if mine and service.steady and service.running >= wanted and healthy >= wanted:
        return Advance(
            reason=f"{healthy} of {wanted} targets of {target.value} are healthy",
            facts={"healthy_at": now.isoformat()},
        )
    return Wait(
        reason=f"{service.running} of {wanted} tasks run, {healthy} of {wanted} targets healthy; "
        f"{watch.describe_health(observed, target)}"
    )


def _scale_up_failure(snapshot: Snapshot, observed: Observed, service: Service, now: datetime) -> str:
    _, target = _slots(snapshot)
    wanted, primary = int(snapshot.facts["desired"]), service.primary
    health = watch.describe_health(observed, target)
    if service.status != "ACTIVE":
        return f"Service {service.name} is {service.status}, so nothing can be started in it."
    if service.task_definition != snapshot.facts["task_definition"] and _settled(snapshot, now):
        return f"Someone else put {short_revision(service.task_definition)} on {service.name}; it was left alone."
    if primary and primary.task_definition == snapshot.facts["task_definition"]:
        if primary.rollout_state == "FAILED":
            return f"ECS gave up on {service.name}: {primary.rollout_reason}. Targets: {health}"
        # ECS's own circuit breaker: half of the wanted tasks, at least 3 and at most 200.
        most = min(max(ceil(wanted / 2), 3), 200)
        if primary.failed_tasks >= most:
            return f"{primary.failed_tasks} tasks of {snapshot.artefact.version} failed in a row. Targets: {health}"
    if now - snapshot.step_started_at > timedelta(seconds=snapshot.settings.scale_up_timeout_seconds):
        return (
            f"{snapshot.artefact.version} was not healthy after {snapshot.settings.scale_up_timeout_seconds} s: "
            f"{service.running} of {wanted} tasks run, {observed.healthy(target)} of {wanted} targets healthy; {health}"
        )
    return ""


def _settled(snapshot: Snapshot, now: datetime) -> bool:
    """Long enough after our own write that DescribeServices must show it."""
    return now - snapshot.step_started_at > timedelta(seconds=10)


def short_revision(task_definition: str) -> str:
    return task_definition.rsplit("/", 1)[-1]


def _test_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    _, target = _slots(snapshot)
    rule = observed.test
    if rule is None or (foreign := weights.strangers(snapshot, rule)):
        return Fail(reason=f"The test rule is not ours to write: {foreign if rule else 'it was not read'}.")
    if _done(snapshot, "test_shift"):
        if rule.share(snapshot.target_group(target)) == 100:
            return Advance(reason=f"The test listener sends everything to {target.value}")
        return Fail(
            reason=f"Someone else changed the test rule: it shows {weights.describe(snapshot, rule)}."
        )
    return Act(
        reason=f"Test listener: 100 % to {target.value} ({snapshot.artefact.version})",
        action=SetWeights(
            rule=rule.arn, weights=weights.for_share(snapshot, target, 100), expected=dict(rule.weights)
        ),
        facts={"done": weights.mark(snapshot, "test_shift"), "test_weights": dict(rule.weights)},
    )


def _post_test(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    wants_probe = snapshot.settings.smoke_checks or snapshot.settings.webhooks
    smoke = snapshot.facts.get("smoke")
    if wants_probe and smoke is None:
        return Probe(reason="Checks against the test address")
    bad = [result for result in smoke or () if not result["ok"]]
    if bad:
        tries = int(snapshot.facts.get("smoke_tries", 1))
        if tries < SMOKE_TRIES:  # a listener change takes a moment to reach every node
            if now - datetime.fromisoformat(snapshot.facts["smoke_at"]) < SMOKE_PAUSE:
                again = datetime.fromisoformat(snapshot.facts["smoke_at"]) + SMOKE_PAUSE
                return Wait(reason=f"{bad[0]['sentence']}; trying again", until=again)
            return Probe(reason=f"Checks against the test address, try {tries + 1}")
        return Fail(reason=f"{len(bad)} of {len(smoke or ())} checks failed: {bad[0]['sentence']}")
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    return waiting or Advance(reason=_passed(snapshot, len(smoke or ())))


def _passed(snapshot: Snapshot, checks: int) -> str:
    passed = f"{checks} check(s) passed" if checks else "No checks are configured"
    return f"{passed}; {snapshot.gate.reason}" if snapshot.gate and snapshot.gate.reason else passed


def _production_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = _slots(snapshot)
    rule, percent = observed.production, snapshot.step.percent
    if rule is None or percent is None:
        raise ValueError("the production rule was not read")
    if _done(snapshot, f"shift:{snapshot.position}"):
        return _watch_step(snapshot, observed, now)
    wanted = weights.for_share(snapshot, target, percent)
    if foreign := _changed_by_someone_else(snapshot, observed, wanted):
        return Fail(reason=foreign)
    for slot in (source, target):
        if slot not in observed.services:
            return Fail(reason=f"Service {snapshot.service(slot)} ({slot.value}) does not exist any more.")
    if capacity := _bring_up_to_source(snapshot, observed, now):
        return capacity
    return weights.shift(
        snapshot,
        rule,
        target,
        percent,
        now,
        done=f"shift:{snapshot.position}",
        reason=f"Production: {percent} % to {target.value} ({snapshot.artefact.version})"
        + (f", {100 - percent} % stay on {source.value}" if percent < 100 else ""),
    )


def _changed_by_someone_else(snapshot: Snapshot, observed: Observed, *allowed: Mapping[str, int]) -> str:
    rule = observed.production
    if rule is None:
        return "The production rule was not read."
    if foreign := weights.strangers(snapshot, rule):
        return f"Someone else changed the production rule: {foreign}."
    expected = snapshot.facts["weights"]
    if any(weights.same(rule, one) for one in (expected, *allowed)):
        return ""
    _, target = _slots(snapshot)
    return (
        f"Someone else changed the production rule: it shows {weights.describe(snapshot, rule)}, but "
        f"{snapshot.facts.get('percent', 0)} % on {target.value} was expected."
    )


def _bring_up_to_source(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision | None:
    """Before more traffic: as many healthy targets as the source has tasks, which may have grown meanwhile."""
    source, target = _slots(snapshot)
    wanted = max(observed.services[source].desired, int(snapshot.facts["desired"]))
    mark = f"grow:{snapshot.position}:{wanted}"
    if observed.services[target].desired < wanted and not _done(snapshot, mark):
        return Act(
            reason=f"{snapshot.service(target)} scaled to {wanted} task(s), as many as {source.value} has now",
            action=UpdateService(
                cluster=snapshot.settings.cluster, service=snapshot.service(target), desired=wanted
            ),
            facts={"done": weights.mark(snapshot, mark), "desired": wanted},
        )
    healthy = observed.healthy(target)
    if healthy >= wanted:
        return None
    seen = f"{healthy} of {wanted} targets of {target.value} are healthy: {watch.describe_health(observed, target)}"
    if now - snapshot.step_started_at > timedelta(seconds=snapshot.settings.scale_up_timeout_seconds):
        return Fail(reason=f"Only {seen}; no more traffic was given to it.")
    return Wait(reason=f"Before more traffic, all targets have to be healthy; {seen}")


def _watch_step(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """A rung or BAKE_TIME: the weights must stay as written, and nothing may speak against going on."""
    _, target = _slots(snapshot)
    if foreign := _changed_by_someone_else(snapshot, observed):
        return Fail(reason=foreign)
    if problem := watch.problem(snapshot, observed, target):
        return Fail(reason=problem)
    since = snapshot.step_started_at
    if snapshot.step.stage == Stage.PRODUCTION_TRAFFIC_SHIFT:
        since = datetime.fromisoformat(snapshot.facts["shifted_at"])
    until = since + timedelta(seconds=snapshot.step.bake_seconds)
    seen = watch.summary(snapshot, observed, target)
    if now < until:
        return Wait(reason=f"Watching until {until:%H:%M:%S} UTC: {seen}", at_most=until)
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    if isinstance(waiting, Wait):
        # Production traffic is on the target: the watch goes on while people think.
        return Wait(reason=f"{waiting.reason}; {seen}", at_most=waiting.until)
    if waiting:
        return waiting
    if snapshot.step.stage == Stage.BAKE_TIME:
        keep = now + timedelta(seconds=snapshot.settings.termination_wait_seconds)
        return Advance(reason=seen, keep_source_until=keep)
    return Advance(reason=seen)


def _clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = _slots(snapshot)
    kept = snapshot.source_kept_until
    if kept is not None and now < kept:
        return Wait(reason=f"{source.value.capitalize()} is kept warm until {kept:%H:%M:%S} UTC", until=kept)
    if foreign := _changed_by_someone_else(snapshot, observed):
        return Fail(reason=f"{foreign} {source.value.capitalize()} was not scaled down.")
    for slot, suspended in ((target, False), (source, True)):
        scaling, mark = observed.scaling.get(slot), f"scaling:{slot.value}"
        if scaling and scaling.suspended != suspended and not _done(snapshot, mark):
            return Act(
                reason=f"Autoscaling of {snapshot.service(slot)} {'suspended' if suspended else 'resumed'}",
                action=SuspendScaling(resource_id=resource_id(snapshot, slot), suspended=suspended),
                facts={"done": weights.mark(snapshot, mark)},
            )
    service = observed.services.get(source)
    if service is None:
        return Advance(reason=f"Service {snapshot.service(source)} is gone already")
    if not _done(snapshot, "scale_down"):
        return Act(
            reason=f"{service.name} scaled to 0",
            action=UpdateService(cluster=snapshot.settings.cluster, service=service.name, desired=0),
            facts={"done": weights.mark(snapshot, "scale_down")},
        )
    if service.running or service.pending:
        return Wait(reason=f"{service.name} still drains {service.running} task(s)")
    return Advance(reason=f"{snapshot.artefact.version} has all traffic; {service.name} is scaled to 0")


_STAGES: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
    Stage.SCALE_UP: _scale_up,
    Stage.TEST_TRAFFIC_SHIFT: _test_shift,
    Stage.POST_TEST_TRAFFIC_SHIFT: _post_test,
    Stage.PRODUCTION_TRAFFIC_SHIFT: _production_shift,
    Stage.BAKE_TIME: _watch_step,
    Stage.CLEAN_UP: _clean_up,
}
