"""Forward, before anything is started: RECONCILE_SERVICE and PRE_SCALE_UP."""

from collections.abc import Mapping
from datetime import datetime

from deployments.aws.actions import RegisterTaskDefinition
from deployments.controllers import one_off_tasks
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Snapshot
from deployments.controllers.gates import at_gate
from deployments.controllers.service_pair import evidence, marks, weights
from deployments.controllers.service_pair.observe import Observed
from deployments.controllers.task_definition import (
    DEPLOYMENT_TAG,
    MissingContainer,
    difference,
    with_release,
)


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
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
        return Fail(reason=f"The live slot {source or 'unknown'} has traffic but no running tasks to compare with.")
    try:
        document = with_release(live, snapshot.artefact)
    except MissingContainer as error:
        return Fail(reason=str(error))
    if not marks.done(snapshot, "register"):
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
    tag = {DEPLOYMENT_TAG: snapshot.key, "tealgate:release": snapshot.artefact.version}
    live_tags = dict(observed.live_definition.tags) if observed.live_definition else {}
    found = observed.registered
    return Act(
        reason=f"Task definition for {snapshot.artefact.version} registered",
        action=RegisterTaskDefinition(document=document, tags=live_tags | tag),
        makes="task_definition",
        found=found.arn if found else "",
        facts={"done": marks.mark(snapshot, "register")},
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    if waiting:
        return waiting
    like = snapshot.service(marks.slots(snapshot)[0])
    return one_off_tasks.decide(snapshot, observed.one_off, now, like_service=like)
