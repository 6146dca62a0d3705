"""How long the source stays warm after all traffic has moved: Extend and Finish now."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from deployments import swaps
from deployments.delivery import queue
from deployments.delivery.models import Deployment
from deployments.delivery.turning_back import require_right
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.vocabulary import Status
from deployments.words import duration_words

#: As long as a gate may stay open.
MOST_KEPT = timedelta(days=14)


def extend(*, deployment: Deployment, principal: Principal, minutes: int, now: datetime) -> datetime:
    """Keep the source warm for longer; returns until when. At most 14 days from now."""
    require_right(deployment, principal)
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
            deployment, "deployment.extended", f"Source kept {duration_words(60 * minutes)} longer by {principal}",
            now=now, principal=principal, data={"until": until.isoformat()},
        )  # fmt: skip
    queue.nudge(deployment.pk)
    return until


def finish_now(*, deployment: Deployment, principal: Principal, now: datetime) -> None:
    """End the warm time: the source is scaled to 0 and the deployment finishes. Cannot be undone."""
    require_right(deployment, principal)
    if not swaps.get(deployment.settings["controller"]).warm_time_can_be_ended:
        raise Refused("AWS itself ends the time that the source is kept here; it cannot be ended early.")
    with transaction.atomic():
        changed = Deployment.objects.filter(
            pk=deployment.pk, status=Status.IN_PROGRESS, source_kept_until__gt=now
        ).update(source_kept_until=now, next_check_at=now, clicks=F("clicks") + 1)
        if not changed:
            raise Refused("The source is no longer kept warm; the clean-up is under way or done.")
        append_event(
            deployment, "deployment.finished_now", f"Warm time ended by {principal}",
            now=now, principal=principal,
        )  # fmt: skip
    queue.nudge(deployment.pk)
