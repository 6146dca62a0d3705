"""The weekly letter, on Monday morning by each person's own clock."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from deployments.people import holders
from deployments.telling.notifications import wording, written
from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationPreference
from deployments.telling.notifications.timing import wall
from deployments.telling.notifications.timing.due import monday_after


def waiting(now: datetime) -> "QuerySet[NotificationPreference]":
    """Whose letter is due, or who has just asked for it: that one gets the first one next Monday."""
    is_due = Q(weekly_at__isnull=True) | Q(weekly_at__lte=now)
    return NotificationPreference.objects.filter(is_due, weekly=True, person__is_active=True)


def write_letters(now: datetime) -> None:
    for preference in waiting(now).select_related("person").prefetch_related("applications"):
        _write(preference, now)


@transaction.atomic
def _write(preference: NotificationPreference, now: datetime) -> None:
    """Of two workers one moves the time on, and that one writes."""
    due_at, following = preference.weekly_at, monday_after(now, wall.zone(preference.zone))
    mine = NotificationPreference.objects.filter(pk=preference.pk, weekly=True, weekly_at=due_at)
    if not mine.update(weekly_at=following) or due_at is None or not _sees(preference):
        return
    followed = [each.pk for each in preference.applications.all()] or None
    if content := wording.weekly(followed, now):
        key = f"weekly:{due_at.astimezone(wall.zone(preference.zone)):%G-W%V}"
        told = Told(kind=Kind.WEEKLY, key=key, thread=key, persons=(preference.person,), channels=())
        written.write(told, content, now)


def _sees(preference: NotificationPreference) -> bool:
    return holders.who_may("deployments.view_deployment").filter(pk=preference.person_id).exists()
