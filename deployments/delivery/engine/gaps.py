"""Time in which nobody looked at a deployment, ourselves or AWS being away, or a host that stood still."""

from datetime import datetime, timedelta

from deployments.swaps.facts import Gap

#: A look may be so late because all workers are busy; what is longer is time in which nobody watched.
UNWATCHED = timedelta(seconds=20)


def gap_before(now: datetime, watched_until: datetime | None, looked: datetime | None) -> Gap | None:
    """`watched_until`: as the row has it; `looked`: when this pass looked before.

    What a pass recorded since then may be dated long after, when its host stood still in the middle of an order to AWS.
    """
    since = min(filter(None, (watched_until, looked)), default=now)
    return Gap(since=since, until=now) if now - since > UNWATCHED else None
