"""What people do with deployments. Each function checks the right, changes rows in one short transaction,
records the event and nudges the engine; none of them calls AWS except the preview, which only reads.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F

from deployments import swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog import environments
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.delivery import queue
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, Plan
from deployments.people import rights
from deployments.preflight.report import Report
from deployments.record.append import Actor, append_event
from deployments.refused import Refused
from deployments.vocabulary import TERMINAL_STATUSES, Status, Strategy
from deployments.words import joined, stage_label

#: As long as a gate may stay open.
MOST_KEPT = timedelta(days=14)
LONGEST_REASON = 500


@dataclass(frozen=True)
class Preview:
    """What a deployment would do, before anyone confirms it."""

    plan: Plan
    #: of everything that is confirmed, as `fingerprint` makes it
    fingerprint: str
    report: Report
    #: lines of (sign, text): "+" added, "-" removed, " " same; empty when the live one could not be read
    difference: tuple[tuple[str, str], ...]
    #: why it cannot be confirmed now, in sentences; empty when it can
    refusals: tuple[str, ...]


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


def preview(*, environment: Environment, release: Release, strategy: str, person: User, now: datetime) -> Preview:
    environment.refresh_from_db()
    settings = freeze(environment)
    plan = _plan(environment, settings, strategy)
    report = environments.check(environment, release, now=now)
    refusals = _refusals(environment, settings, release, person)
    if report.errors:
        refusals.append("Preflight found errors; put them right first.")
    difference = _difference(settings, release)
    return Preview(plan, _fingerprint(environment, settings, plan), report, difference, tuple(refusals))


def fingerprint(environment: Environment, strategy: str) -> str:
    """Changes when the plan, any setting (alarms, limits, checks, webhooks) or the live release does. SHA-256 in hex.

    Raises Refused when there is no such plan.
    """
    settings = freeze(environment)
    return _fingerprint(environment, settings, _plan(environment, settings, strategy))


def _fingerprint(environment: Environment, settings: EnvironmentSettings, plan: Plan) -> str:
    seen = [plan.as_json(), settings.as_json(), environment.live_release_id]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def _difference(settings: EnvironmentSettings, release: Release) -> tuple[tuple[str, str], ...]:
    try:
        return swaps.get(settings.controller).difference(settings, release.artefact, connect(settings.binding))
    except AwsError:  # the preflight beside it says in words why AWS could not be read
        return ()


def request_deployment(
    *, environment: Environment, release: Release, strategy: str, requester: User, reason: str, now: datetime
) -> Deployment:
    """Put a release on an environment: the row is made, the engine does the rest.

    Raises Refused: no right, a lock, another deployment unfinished, a gate that too few people may decide at, no
    reason, a release of another application, a bad ladder. Preflight is run again by the engine before anything is
    touched.
    """
    environment.refresh_from_db()
    settings = freeze(environment)
    refusals = _refusals(environment, settings, release, requester)
    if refusals:
        raise Refused(" ".join(refusals))
    reason = reason.replace("\r\n", "\n").strip()  # as browsers count
    if not reason:
        raise Refused("Give a reason; it is kept with the deployment.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(f"The reason has {len(reason)} characters; {LONGEST_REASON} is the most.", field="reason")
    plan = _plan(environment, settings, strategy)
    deployment = Deployment(
        environment=environment,
        release=release,
        source_release=environment.live_release,
        requested_by=requester,
        reason=reason,
        strategy=strategy,
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
            append_event(
                deployment,
                "deployment.requested",
                f"{release.version} requested by {requester.get_username()}: {reason}",
                now=now,
                actor=Actor.person(requester),
                data={"strategy": strategy, "plan_hash": plan.hash},
            )
    except IntegrityError as error:
        raise Refused(_busy_sentence(environment)) from error
    queue.nudge(deployment.pk)
    return deployment


def stop(*, deployment: Deployment, person: User, now: datetime, reason: str = "") -> None:
    """End it: before anything was changed it just stops, afterwards it is rolled back."""
    _ask_to_turn_back(deployment, person, Status.STOP_REQUESTED, "Stop", reason, now)


def roll_back(*, deployment: Deployment, person: User, now: datetime, reason: str = "") -> None:
    """Bring all traffic back to the source. Needs no approval and skips the gates."""
    _ask_to_turn_back(deployment, person, Status.ROLLBACK_REQUESTED, "Roll back", reason, now)


def retry_roll_back(*, deployment: Deployment, person: User, now: datetime) -> None:
    """After ROLLBACK_FAILED: try the way back again from its start.

    Raises Refused once a later deployment changed what runs there: its release is not to be put back.
    """
    _require_stop_right(deployment, person)
    if later := overtaken_by(deployment):
        raise Refused(
            f"{later.release.version} was deployed to {deployment.environment} since, so what this deployment came "
            "from is no longer what to go back to. To go back, deploy the release that you want."
        )
    try:
        with transaction.atomic():
            changed = Deployment.objects.filter(pk=deployment.pk, status=Status.ROLLBACK_FAILED).update(
                status=Status.ROLLBACK_REQUESTED,
                attempt=F("attempt") + 1,
                position=0,
                next_check_at=now,
                clicks=F("clicks") + 1,
                finished_at=None,
                failures=0,
                waits=0,
            )
            if not changed:
                raise Refused("There is no failed roll back to try again.")
            append_event(
                deployment, "deployment.rollback_retried", f"Roll back tried again by {person.get_username()}",
                now=now, actor=Actor.person(person),
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(_busy_sentence(deployment.environment)) from error
    queue.nudge(deployment.pk)


def overtaken_by(deployment: Deployment) -> Deployment | None:
    """The newest later deployment to its environment that has ended and was not stopped before it changed anything."""
    later = Deployment.objects.filter(environment=deployment.environment_id, pk__gt=deployment.pk)
    ended = later.filter(status__in=TERMINAL_STATUSES - {Status.STOPPED})
    return ended.select_related("release").order_by("-pk").first()


def extend(*, deployment: Deployment, person: User, minutes: int, now: datetime) -> datetime:
    """Keep the source warm for longer; returns until when. At most 14 days from now."""
    _require_stop_right(deployment, person)
    if minutes < 1:
        raise Refused("Extend by at least one minute.", field="minutes")
    if minutes > MOST_KEPT.total_seconds() / 60:
        raise Refused("The source can be kept for at most 14 days from now.", field="minutes")
    with transaction.atomic():
        if not swaps.get(deployment.settings["controller"]).warm_time_can_be_extended:
            raise Refused("AWS itself fixes how long the source is kept here; it cannot be extended.")
        current = Deployment.objects.values_list("source_kept_until", flat=True).get(pk=deployment.pk)
        if current is None or current <= now:
            raise Refused("The source is no longer kept warm, so there is nothing to extend.")
        until = current + timedelta(minutes=minutes)
        if until > now + MOST_KEPT:
            raise Refused("The source can be kept for at most 14 days from now.", field="minutes")
        changed = Deployment.objects.filter(
            pk=deployment.pk, status=Status.IN_PROGRESS, source_kept_until=current
        ).update(source_kept_until=until, next_check_at=now, clicks=F("clicks") + 1)
        if not changed:
            raise Refused("Something else happened in the same moment; look again.")
        append_event(
            deployment, "deployment.extended", f"Source kept {minutes} min longer by {person.get_username()}",
            now=now, actor=Actor.person(person), data={"until": until.isoformat()},
        )  # fmt: skip
    queue.nudge(deployment.pk)
    return until


def finish_now(*, deployment: Deployment, person: User, now: datetime) -> None:
    """End the warm time: the source is scaled to 0 and the deployment finishes. Cannot be undone."""
    _require_stop_right(deployment, person)
    if not swaps.get(deployment.settings["controller"]).warm_time_can_be_ended:
        raise Refused("AWS itself ends the time that the source is kept here; it cannot be ended early.")
    with transaction.atomic():
        changed = Deployment.objects.filter(
            pk=deployment.pk, status=Status.IN_PROGRESS, source_kept_until__gt=now
        ).update(source_kept_until=now, next_check_at=now, clicks=F("clicks") + 1)
        if not changed:
            raise Refused("The source is no longer kept warm; the clean-up is under way or done.")
        append_event(
            deployment, "deployment.finished_now", f"Warm time ended by {person.get_username()}",
            now=now, actor=Actor.person(person),
        )  # fmt: skip
    queue.nudge(deployment.pk)


def _ask_to_turn_back(
    deployment: Deployment, person: User, status: Status, word: str, reason: str, now: datetime
) -> None:
    _require_stop_right(deployment, person)
    sentence = f"{word} asked for by {person.get_username()}" + (f": {reason.strip()}" if reason.strip() else "")
    with transaction.atomic():
        changed = Deployment.objects.filter(pk=deployment.pk, status__in=[Status.PENDING, Status.IN_PROGRESS]).update(
            status=status, status_reason=sentence, next_check_at=now, clicks=F("clicks") + 1
        )
        if not changed:
            deployment.refresh_from_db()
            raise Refused(_too_late_sentence(deployment))
        append_event(deployment, f"deployment.{status.lower()}", sentence, now=now, actor=Actor.person(person))
    queue.nudge(deployment.pk)


def _too_late_sentence(deployment: Deployment) -> str:
    if deployment.status in TERMINAL_STATUSES:
        return (
            f"This deployment has ended ({Status(deployment.status).label.lower()}). "
            "To go back, deploy the previous release."
        )
    return f"This deployment is already on its way back ({Status(deployment.status).label.lower()})."


def _refusals(environment: Environment, settings: EnvironmentSettings, release: Release, person: User) -> list[str]:
    refusals = []
    if refusal := rights.deploy_refusal(person, environment):
        refusals.append(refusal)
    if release.application_id != environment.application_id:
        refusals.append(f"{release} is a release of another application than {environment}.")
    if environment.is_locked:
        refusals.append(environment.lock_sentence)
    if Deployment.objects.unfinished().filter(environment=environment).exists():
        refusals.append(_busy_sentence(environment))
    refusals += [refusal for gate in settings.gates if (refusal := rights.gate_refusal(gate, person))]
    return refusals


def _busy_sentence(environment: Environment) -> str:
    running = Deployment.objects.unfinished().filter(environment=environment).select_related("release").first()
    if running is None:
        return f"Another deployment to {environment} was started in the same moment; look again."
    return (
        f"{environment} is busy: {running.release.version} is {Status(running.status).label.lower()} there "
        f"since {running.created_at:%Y-%m-%d %H:%M} UTC. Wait for it, finish it or stop it first."
    )


def _require_stop_right(deployment: Deployment, person: User) -> None:
    if refusal := rights.turn_back_refusal(person, deployment.environment):
        raise Refused(refusal)
