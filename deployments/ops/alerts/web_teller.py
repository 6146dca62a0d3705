"""Web sends messages to people by itself, as long as there is no worker to do it: that there is none is one of them.

The libraries that it takes stay loaded in that process until it is replaced.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from django.db import connections

from deployments import clock, logs
from deployments.ops.alerts.keeping import OPERATIONS
from deployments.ops.models import OperatorAlert
from deployments.record.models import Event
from deployments.telling.notifications import receiving
from deployments.telling.notifications.kinds import Kind

log = logs.get(__name__)


def tell(over: Callable[[], bool]) -> None:
    """Take in what was raised since the worker is silent, which waits in the outbox for one, and send what is due."""
    from deployments.ops.worker import lines, teller  # what they load a web server does not need otherwise

    take_in(clock.now())
    teller.run(over, lines=lines.TO_PEOPLE)


class WebTeller:
    """Of one process. Several at once send nothing twice: rows are claimed."""

    def __init__(self, tell: Callable[[Callable[[], bool]], None] = tell) -> None:
        """`tell` goes on until what it is given says that it is over."""
        self._do = tell
        self._is_silent = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, is_silent: bool) -> None:
        """Whether the worker is, as often as that is looked at."""
        if not is_silent:
            self._is_silent.clear()
            return
        self._is_silent.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._tell, name="telling for the worker", daemon=True)
            self._thread.start()

    def _tell(self) -> None:
        log.warning("no worker works, so web tells people by itself")
        try:
            self._do(lambda: not self._is_silent.is_set())
        except Exception:  # the next look begins it again
            log.exception("web could not tell people by itself")
        finally:
            connections.close_all()


def take_in(now: datetime) -> None:
    """Once more by the worker that is back changes nothing."""
    silent = OperatorAlert.objects.filter(kind=Kind.WORKER_SILENT, over_at=None).values_list("since", flat=True).first()
    if silent:
        for event in Event.objects.filter(chain__name=OPERATIONS.name, at__gte=silent).order_by("number"):
            receiving.take(event, now)
