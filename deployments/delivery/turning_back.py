"""Stop, Roll back and Retry. Each changes the row in one short transaction; the engine does the rest."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from deployments.catalog import in_use
from deployments.delivery import queue
from deployments.delivery.admission import busy_sentence
from deployments.delivery.models import Deployment
from deployments.delivery.models.deployment import LONGEST_REASON, ONE_UNFINISHED
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.vocabulary import TERMINAL_STATUSES, Status


def stop(*, deployment: Deployment, principal: Principal, now: datetime, reason: str = "") -> None:
    """End it: before anything was changed it just stops, afterwards it is rolled back."""
    _ask_to_turn_back(deployment, principal, Status.STOP_REQUESTED, "Stop", reason, now)


def roll_back(*, deployment: Deployment, principal: Principal, now: datetime, reason: str = "") -> None:
    """Bring all traffic back to the source. Needs no approval and skips the gates."""
    _ask_to_turn_back(deployment, principal, Status.ROLLBACK_REQUESTED, "Roll back", reason, now)


def retry_roll_back(*, deployment: Deployment, principal: Principal, now: datetime) -> None:
    """After ROLLBACK_FAILED: try the way back again from its start. After FAILED: go it for the first time.

    Raises Refused once a later deployment changed what runs there, as its release is not to be put back, and when the
    environment is retired.
    """
    require_right(deployment, principal)
    if later := overtaken_by(deployment):
        raise Refused(
            f"{later.release.version} was deployed to {deployment.environment} since, so what this deployment came "
            "from is no longer what to go back to. To go back, deploy the release that you want."
        )
    try:
        with transaction.atomic():
            ended = Deployment.objects.filter(pk=deployment.pk, status__in=(Status.ROLLBACK_FAILED, Status.FAILED))
            changed = ended.update(
                status=Status.ROLLBACK_REQUESTED,
                attempt=F("attempt") + 1,
                position=0,
                next_check_at=now,
                watched_until=now,
                clicks=F("clicks") + 1,
                finished_at=None,
                failures=0,
                waits=0,
            )
            if not changed:
                raise Refused("There is no failed roll back to try again.")
            in_use.hold(deployment.environment)
            first = deployment.status == Status.FAILED
            kind = "deployment.rollback_requested" if first else "deployment.rollback_retried"
            said = f"Roll back {'asked for' if first else 'tried again'} by {principal}"
            append_event(deployment, kind, said, now=now, principal=principal)
    except IntegrityError as error:
        if not constraints.violated(error, Deployment, ONE_UNFINISHED):
            raise
        raise Refused(busy_sentence(deployment.environment)) from error
    queue.nudge(deployment.pk)


def overtaken_by(deployment: Deployment) -> Deployment | None:
    """The newest later deployment to its environment that has ended and was not stopped before it changed anything."""
    later = Deployment.objects.filter(environment=deployment.environment_id, pk__gt=deployment.pk)
    ended = later.filter(status__in=TERMINAL_STATUSES - {Status.STOPPED})
    return ended.select_related("release").order_by("-pk").first()


def require_right(deployment: Deployment, principal: Principal) -> None:
    """Raises Refused."""
    if refusal := rights.turn_back_refusal(principal, deployment.environment):
        raise Refused(refusal)


def _ask_to_turn_back(
    deployment: Deployment, principal: Principal, status: Status, word: str, reason: str, now: datetime
) -> None:
    require_right(deployment, principal)
    reason = typed(reason, most=LONGEST_REASON, what="The reason", field="reason")
    sentence = f"{word} asked for by {principal}" + (f": {reason}" if reason else "")
    with transaction.atomic():
        changed = Deployment.objects.filter(pk=deployment.pk, status__in=[Status.PENDING, Status.IN_PROGRESS]).update(
            status=status, status_reason=sentence, next_check_at=now, clicks=F("clicks") + 1
        )
        if not changed:
            deployment.refresh_from_db()
            raise Refused(_too_late_sentence(deployment))
        stops = status is Status.STOP_REQUESTED
        kind = "deployment.stop_requested" if stops else "deployment.rollback_requested"
        append_event(deployment, kind, sentence, now=now, principal=principal)
    queue.nudge(deployment.pk)


def _too_late_sentence(deployment: Deployment) -> str:
    if deployment.status in TERMINAL_STATUSES:
        return (
            f"This deployment has ended ({Status(deployment.status).label.lower()}). "
            "To go back, deploy the previous release."
        )
    return f"This deployment is already on its way back ({Status(deployment.status).label.lower()})."
