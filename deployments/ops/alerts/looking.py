"""The heartbeat's look at how Tealgate itself is, now and then."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deployments import logs
from deployments.ops import outages
from deployments.ops.alerts import conditions
from deployments.ops.alerts.keeping import Found, keep
from deployments.telling.notifications.kinds import Kind

log = logs.get(__name__)

EVERY = timedelta(seconds=30)
#: Whoever did not look for longer was away, and so were those that are looked at.
AWAY = timedelta(seconds=90)
#: What it finds, and that a worker is silent, which is over as it looks.
KINDS = (Kind.WORKER_SILENT, Kind.QUEUE_NOT_READ, Kind.CERTIFICATE_ENDS, Kind.TOKEN_ENDS)


class Look:
    """Remembers from look to look since when it looks."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._last: datetime | None = None

    def take(self, now: datetime) -> None:
        """At most one in EVERY, however often it is asked for."""
        last = self._last
        if last and timedelta(0) <= now - last < EVERY:
            return
        if self._since is None or last is None or not timedelta(0) <= now - last < AWAY:
            self._since = now
        self._last = now
        try:
            keep(_found(now, self._since), kinds=KINDS, now=now)
        except outages.AWAY:
            raise
        except Exception:  # a fault of ours in here must not end the heartbeat
            log.exception("alerts.not_looked_at")


def _found(now: datetime, since: datetime) -> Iterator[Found]:
    yield from conditions.queues(now, since)
    yield from conditions.certificates(now)
    yield from conditions.tokens(now)
