"""/readyz: whether a deployment that is asked for now would move, in a few lines of JSON.

    {"ready": true, "database": "ok", "migrations": "ok", "static_files": "ok", "queue": "ok",
     "heartbeat": "ok", "heartbeat_age_seconds": 0.4}

200 when all is well, 503 when not; each word is one of ours, so nothing of an address or an error gets out. It is for
people, monitors and the tests of an installation. A load balancer asks /healthz instead: replacing the web task mends
neither a database nor a worker.

The questions are asked in a thread with connections of its own, one at a time, and given up after two seconds, however
long a driver would wait; who asks again within a second gets the last answer.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deployments import clock, logs
from deployments.delivery import queue
from deployments.ops import clock_seen, collected, outages
from deployments.ops.models import Heartbeat

log = logs.get(__name__)

SECONDS = 2.0
FRESH_SECONDS = 1.0
#: The heartbeat looks every second; a worker that starts its processes afresh is quiet for up to 45.
QUIET_SECONDS = 60

Found = dict[str, Any]


class Probe:
    """Asks `question` in a thread: at most one at a time, never waited for longer than `seconds`."""

    def __init__(self, question: Callable[[], Found], seconds: float = SECONDS, fresh: float = FRESH_SECONDS) -> None:
        self._question, self._seconds, self._fresh = question, seconds, fresh
        self._lock = threading.Lock()
        self._running: threading.Thread | None = None
        self._found: Found = {}
        self._found_at = 0.0

    def ask(self) -> Found | None:
        """What was found, now or a moment ago; None when there is no answer yet."""
        with self._lock:
            if self._found_at and time.monotonic() - self._found_at < self._fresh:
                return self._found
            if self._running is None or not self._running.is_alive():
                self._running = threading.Thread(target=self._run, name="readiness", daemon=True)
                self._running.start()
            running = self._running
        running.join(self._seconds)
        return None if running.is_alive() else self._found

    def _run(self) -> None:
        found: Found = {}
        try:
            found = self._question()
        finally:
            with self._lock:
                self._found, self._found_at = found, time.monotonic()


class Look:
    """What the database, and through it the worker, says. Closes the thread's connection afterwards."""

    def __init__(self) -> None:
        self._all_applied = self._all_collected = False

    def __call__(self) -> Found:
        try:
            _ask_the_database()
            return {
                "database": "ok",
                "migrations": self._migrations(),
                "static_files": self._static_files(),
                "queue": "ok" if queue.depth() is not None else "no answer",
                **_heartbeat(clock.now()),
                "clock": clock_seen.trouble() or "ok",
            }
        except outages.ANY as error:
            log.error("not ready: the database does not answer", error=str(error).strip())
            return {"database": "refused" if outages.is_refusal(error) else "no answer"}
        finally:
            connection.close()

    def _migrations(self) -> str:
        """All files are read only until all are applied: nothing takes a migration away from a running process."""
        if not self._all_applied:
            executor = MigrationExecutor(connection)
            to_come = executor.migration_plan(executor.loader.graph.leaf_nodes())
            self._all_applied = not to_come
            if to_come:
                more = f" and {len(to_come) - 1} more" if len(to_come) > 1 else ""
                return f"not applied: {to_come[0][0]}{more}"
        return "ok"

    def _static_files(self) -> str:
        """A running web server reads them at its start only."""
        self._all_collected = self._all_collected or not collected.trouble()
        return "ok" if self._all_collected else "not this version's: run manage.py collectstatic, then start web again"


def _ask_the_database() -> None:
    """Nothing else may need a question: what was found a moment ago, and that all migrations are applied, is kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _heartbeat(now: datetime) -> Found:
    try:
        beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
    except outages.ANY:
        return {"heartbeat": "unknown"}  # its table comes with the migrations
    if beat is None:
        return {"heartbeat": "never seen"}
    age = max((now - beat).total_seconds(), 0)
    return {"heartbeat": "ok" if age < QUIET_SECONDS else "too long ago", "heartbeat_age_seconds": round(age, 1)}


def answer(probe: Probe) -> JsonResponse:
    found = probe.ask() or {"database": f"no answer within {SECONDS:.0f} s"}
    ready = all(found.get(name) == "ok" for name in ("database", "migrations", "static_files", "queue", "heartbeat"))
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


PROBE = Probe(Look())


@never_cache
@require_safe
def view(request: HttpRequest) -> JsonResponse:
    return answer(PROBE)
