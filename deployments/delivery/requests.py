"""Asking for a deployment: what it would do, shown before anyone confirms, and the row that the engine takes up.

Only the preview asks AWS, and only reads.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from deployments import swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog import in_use, outside
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.definitions.difference import Lines, digest
from deployments.delivery import admission, beginnings, queue
from deployments.delivery.admission import Candidate
from deployments.delivery.models import Deployment
from deployments.delivery.models.deployment import LONGEST_REASON, ONE_UNFINISHED
from deployments.delivery.pipelines import asking
from deployments.frozen import EnvironmentSettings, Plan
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.preflight.report import Report
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.red import Red
from deployments.refused import Refused
from deployments.texts import typed
from deployments.vocabulary import DeploymentKind, Strategy
from deployments.words import counted, joined, stage_label

_CHANGED = (
    "The environment's settings, its live release or what is red there changed since you looked. This is how it is "
    "now; confirm again."
)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a deployment would do, before anyone confirms it."""

    plan: Plan
    #: of everything that is confirmed: as `fingerprint` makes it, and after an underscore the digest of the difference
    fingerprint: str
    report: Report
    #: none where nothing changes; None when there was nothing to compare with, such as a live one that was not read
    difference: Lines | None
    #: why it cannot be confirmed now, in sentences; empty when it can
    refusals: tuple[str, ...]
    #: what was red, and does not count against a deployment of this kind
    red: tuple[Red, ...]
    #: the kind by which what is red now would not stand in the way
    needed: DeploymentKind
    #: a strategy by which that can be done
    fitting: str


def _plan(environment: Environment, settings: EnvironmentSettings, strategy: str) -> Plan:
    """Raises Refused when the strategy is unknown or the environment's ladder cannot be read."""
    controller = swaps.get(settings.controller)
    missing = [name.replace("_", " ") for name in controller.required if not getattr(settings, name)]
    if missing:
        raise Refused(f"{environment} is not complete: it has no {', '.join(missing)}.")
    for gate in settings.gates:
        if gate.stage not in controller.gate_stages:
            raise Refused(
                f"{environment} has a gate at {stage_label(gate.stage)}, where its controller cannot stop; move it to "
                f"{joined([stage_label(stage) for stage in controller.gate_stages], 'or')}."
            )
    try:
        if strategy not in controller.strategies(settings):
            raise Refused(f"{environment} does not offer the strategy {strategy}; choose another.", field="strategy")
        return controller.plan(settings, Strategy(strategy))
    except ValueError as error:
        raise Refused(str(error), field="strategy") from error


def preview(
    *,
    environment: Environment,
    release: Release,
    strategy: str,
    principal: Principal,
    now: datetime,
    kind: DeploymentKind = DeploymentKind.NORMAL,
) -> Preview:
    """Raises Refused when there is no such plan, or no such environment any more: AWS is not asked about it."""
    environment.refresh_from_db()
    proposed = beginnings.read(environment, release, strategy, kind, now)
    settings, report = proposed.settings, proposed.report
    plan = beginnings.planned(_plan(environment, settings, strategy), settings)
    candidate = Candidate(
        environment=environment, settings=settings, release=release, strategy=strategy, principal=principal, now=now,
        kind=kind, report=report,
    )  # fmt: skip
    lines = _difference(settings, release)
    refusals = [refusal.sentence for refusal in admission.refusals(candidate)]
    return Preview(
        plan=plan,
        fingerprint=f"{_fingerprint(environment, settings, plan)}_{digest(lines or ())}",
        report=beginnings.cautioned(report, plan, settings),
        difference=lines,
        refusals=(*refusals, *proposed.refusals),
        red=settings.red,
        needed=proposed.needed,
        fitting=proposed.fitting,
    )


def fingerprint(environment: Environment, strategy: str) -> str:
    """Changes when the plan, any setting (alarms, limits, checks, webhooks), the live release or what runs does.

    SHA-256 in hex. Raises Refused when there is no such plan.
    """
    settings = freeze(environment)
    return _fingerprint(environment, settings, _plan(environment, settings, strategy))


def _fingerprint(environment: Environment, settings: EnvironmentSettings, plan: Plan) -> str:
    seen = [plan.as_json(), beginnings.lasting(settings), environment.live_release_id, environment.outside]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _difference(settings: EnvironmentSettings, release: Release) -> Lines | None:
    try:
        return swaps.get(settings.controller).difference(settings, release.artefact, connect(settings.binding))
    except AwsError:  # the preflight beside it says in words why AWS could not be read
        return None


def request_deployment(
    *,
    environment: Environment,
    release: Release,
    strategy: str,
    principal: Principal,
    reason: str,
    now: datetime,
    kind: DeploymentKind = DeploymentKind.NORMAL,
    confirmed: str = "",
    request_key: str = "",
) -> Deployment:
    """Put a release on an environment: the row is made, the engine does the rest.

    `confirmed` is the fingerprint of what somebody looked at; "": nobody did. The difference of task definitions in it
    is compared by the engine, before it registers one: that takes reading AWS. `request_key` names a request that may
    be sent twice: there is one deployment of it, which `asked_before` finds. A repair or a first release reads AWS, to
    freeze what is red. Raises Refused: what a rule of admission has against it, no person behind it, no reason, a bad
    ladder, another fingerprint, or nothing that such a kind of deployment is for. Preflight is run again by the engine
    before anything is touched.
    """
    environment.refresh_from_db()
    settings = freeze(environment)
    candidate = Candidate(
        environment=environment, settings=settings, release=release, strategy=strategy, principal=principal, now=now,
        kind=kind,
    )  # fmt: skip
    _admit(candidate)
    if principal.answerable is None:  # the row names somebody who can be asked
        raise Refused(rights.deploy_refusal(principal))
    reason = typed(reason, most=LONGEST_REASON, what="The reason", field="reason")
    if not reason:
        raise Refused("Give a reason; it is kept with the deployment.", field="reason")
    if kind is not DeploymentKind.NORMAL:
        settings = beginnings.read(environment, release, strategy, kind, now).required()
    plan = beginnings.planned(_plan(environment, settings, strategy), settings)
    seen, _, difference = confirmed.partition("_")
    if seen and seen != _fingerprint(environment, settings, plan):
        raise Refused(_CHANGED)
    settings = replace(settings, difference=difference)
    deployment = Deployment(
        environment=environment,
        release=release,
        source_release=outside.source(environment),
        requested_by=principal.answerable,
        requested_through="" if principal.is_person else principal.name,
        requested_by_agent=principal.is_agent,
        requested_run=principal.run,
        requested_run_url=principal.run_url,
        request_key=request_key,
        reason=reason,
        strategy=strategy,
        kind=kind,
        plan=plan.as_json(),
        plan_hash=plan.hash,
        settings=settings.as_json(),
        stage=plan.steps[0].stage,
        created_at=now,
        next_check_at=now,
    )
    try:
        with transaction.atomic():
            deployment.save()
            in_use.hold(environment)
            append_event(
                deployment,
                "deployment.requested",
                f"{release.version} requested by {principal}: {reason}",
                now=now,
                principal=principal,
                data={"strategy": strategy, "plan_hash": plan.hash, "gates": _gates_in_words(plan)}
                | ({"difference": difference} if difference else {}),
            )
            beginnings.tell(deployment, settings, principal, now)
            asking.promise(deployment, settings, now)
    except IntegrityError as error:
        if before := asked_before(request_key):
            return before
        if not constraints.violated(error, Deployment, ONE_UNFINISHED):
            raise
        raise Refused(admission.busy_sentence(environment)) from error
    queue.nudge(deployment.pk)
    return deployment


def asked_before(request_key: str, *, since: datetime | None = None) -> Deployment | None:
    """What was made of the request of this name; before `since` it was another one, which gives the name up."""
    rows = Deployment.objects.filter(request_key=request_key) if request_key else Deployment.objects.none()
    if since is not None:
        rows.filter(created_at__lt=since).update(request_key="")
    return rows.first()


def _admit(candidate: Candidate) -> None:
    """Raises Refused with all that is in the way; it belongs to a field when nothing else does not."""
    if refused := admission.refusals(candidate):
        fields = {refusal.field for refusal in refused}
        sentences = " ".join(refusal.sentence for refusal in refused)
        raise Refused(sentences, field=fields.pop() if len(fields) == 1 else None)


def _gates_in_words(plan: Plan) -> list[str]:
    gates = [step.gate for step in plan.steps if step.gate]
    return [
        f"{counted(gate.approvals, 'approval')} at {stage_label(gate.stage)}"
        + (f" by {joined(list(gate.groups), 'or')}" if gate.groups else "")
        + (", the requester's own counts" if gate.requester_may_approve else "")
        for gate in gates
    ] or ["none: nobody is asked"]
