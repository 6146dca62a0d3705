"""What a web server sees of the worker and of the database, since neither can tell of itself that it is not there."""

from collections.abc import Callable
from datetime import datetime

from deployments.ops.alerts import conditions
from deployments.ops.alerts.database import Watch as DatabaseWatch
from deployments.ops.alerts.keeping import keep
from deployments.telling.notifications.kinds import Kind


class Watch:
    """Of one process. Several that see the same raise it once."""

    def __init__(self, now: datetime, tell: Callable[[bool], None]) -> None:
        """`tell` hears at each look whether the worker is silent."""
        self._database, self._tell = DatabaseWatch(now), tell

    def look(self, now: datetime) -> None:
        """Raises what the database raises."""
        self._database.answered(now)
        silent = list(conditions.worker(now, self._database.answers_since))
        keep(silent, kinds=(Kind.WORKER_SILENT,), now=now)
        self._tell(bool(silent))

    def failed(self, error: Exception, now: datetime) -> None:
        self._database.failed(error, now)
