"""A person's inbox: what they were told in the last 30 days, and what of it they have not read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from deployments.telling.notifications.models import Notice

KEPT_FOR = timedelta(days=30)
#: What nobody has read is kept for longer, since its reader may be on holiday.
UNREAD_KEPT_FOR = timedelta(days=90)
#: More are counted as "99+".
MOST_COUNTED = 100


def of_person(person: User, now: datetime) -> "QuerySet[Notice]":
    """The newest first: the last 30 days, and what is unread."""
    return Notice.objects.filter(Q(at__gt=now - KEPT_FOR) | Q(read_at=None), person=person).order_by("-at", "-pk")


@dataclass(frozen=True)
class Unread:
    #: key and subject, the newest first, at most 100
    notices: tuple[tuple[int, str], ...] = ()
    #: whether their browser is to show them; False also where nothing is unread
    browser: bool = False


def unread(person: User) -> Unread:
    """One query."""
    rows = Notice.objects.filter(person=person, read_at=None).order_by("-pk")
    found = rows.values_list("pk", "subject", "person__notification_preference__browser")[:MOST_COUNTED]
    told = list(found)
    return Unread(tuple((pk, subject) for pk, subject, _ in told), browser=any(chosen for *_, chosen in told))


def opened(notice: Notice, now: datetime) -> None:
    """Whoever opens it has read it; the first time counts."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now)


def read_all(person: User, upto: int, now: datetime) -> int:
    """How many were unread. `upto`: key of the newest that the page showed, so that nothing unseen counts as read."""
    return Notice.objects.filter(person=person, read_at=None, pk__lte=upto).update(read_at=now)


def outdated(now: datetime) -> "QuerySet[Notice]":
    read = Q(read_at__isnull=False, at__lte=now - KEPT_FOR)
    return Notice.objects.filter(read | Q(at__lte=now - UNREAD_KEPT_FOR))


def purge(now: datetime, *, most: int) -> int:
    """How many went, `most` at once. What was sent of them is purged by itself."""
    keys = list(outdated(now).order_by("pk").values_list("pk", flat=True)[:most])
    Notice.objects.filter(pk__in=keys).delete()
    return len(keys)
