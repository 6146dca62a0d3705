"""Rows that nobody asks for any more: deleted a few at a time, so that no pass of a worker grows long by it."""

from datetime import datetime, timedelta

from deployments.ops.models import Answered
from deployments.ops.models.answered import KEPT
from deployments.record import handed_on
from deployments.telling.notifications import inbox

#: In one go.
MOST = 500
#: Between two goes where the last one found fewer.
AGAIN = timedelta(minutes=10)


def forget(now: datetime) -> bool:
    """Old answers, what people were told long ago, to whom events went; whether there may be more."""
    answers, notices = _answers(now), inbox.purge(now, most=MOST) == MOST
    return handed_on.purge(now, most=MOST) == MOST or answers or notices


def _answers(now: datetime) -> bool:
    """To requests with a key, whosever token it was."""
    old = list(Answered.objects.filter(at__lt=now - KEPT).order_by("at").values_list("pk", flat=True)[:MOST])
    # Whoever sends an old key again takes the row over: it is young then.
    Answered.objects.filter(pk__in=old, at__lt=now - KEPT).delete()
    return len(old) == MOST
