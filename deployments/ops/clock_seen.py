"""How far the time that we go by is from AWS's: noted by workers, who hear of AWS, and told where people look."""

import time
from datetime import timedelta

from deployments import clock, logs
from deployments.delivery.models import Presence

log = logs.get(__name__)

#: What was seen longer ago is told no more: nobody has asked AWS since.
TOLD_FOR = timedelta(hours=2)
LOG_SECONDS = 60.0

_logged_at = -LOG_SECONDS


def note() -> None:
    """By a worker, after it has asked AWS."""
    global _logged_at
    ahead = clock.ahead_of_aws()
    if ahead is None:
        return
    Presence.objects.update_or_create(id=1, defaults={"clock_ahead": round(ahead, 1), "clock_seen_at": clock.now()})
    if (wrong := clock.told(ahead)) and time.monotonic() - _logged_at >= LOG_SECONDS:
        _logged_at = time.monotonic()
        log.warning("the clock is wrong", told=wrong)


def seconds_ahead() -> float | None:
    """None when nobody has heard of AWS lately."""
    seen = Presence.objects.filter(clock_seen_at__gt=clock.now() - TOLD_FOR)
    return seen.values_list("clock_ahead", flat=True).first()


def trouble() -> str:
    """What is wrong with it, in a sentence; "" when nothing is, or nobody knows."""
    return clock.told(seconds_ahead())
