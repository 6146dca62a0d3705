"""When a deployment is looked at again."""

from datetime import datetime, timedelta

from deployments.backoff import backoff
from deployments.delivery.models import Deployment
from deployments.swaps.decisions import Wait

SHORTEST_BACKOFF, LONGEST_BACKOFF = timedelta(seconds=1), timedelta(seconds=30)


def pause_after_trouble(deployment: Deployment) -> timedelta:
    """AWS did not answer, as often as its row says and once more."""
    return backoff(deployment.failures + 1, shortest=SHORTEST_BACKOFF, longest=LONGEST_BACKOFF)


def next_look(deployment: Deployment, wait: Wait, now: datetime) -> datetime:
    """When the wait says so, else seldomer with each look that found nothing new."""
    if wait.until is not None:
        return wait.until
    again = now + timedelta(seconds=min(1.5 ** min(deployment.waits, 7), 15))
    return min(again, wait.at_most) if wait.at_most else again
