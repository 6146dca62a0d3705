"""That this web server is here, noted now and then: time without one is not counted against whoever has to decide."""

import threading

from django.db import connections

from deployments import clock, logs
from deployments.delivery import absences
from deployments.ops.alerts import web_teller, web_watch

log = logs.get(__name__)

#: Shorter by far than what counts as away.
EVERY_SECONDS = 15.0


def begin() -> None:
    """In a thread, until this process ends."""
    threading.Thread(target=_forever, name="presence", daemon=True).start()


def note(watch: web_watch.Watch) -> None:
    """Once, by a connection that is closed again: it is not worth one that is held."""
    now = clock.now()
    try:
        absences.web_is_here(now)
        watch.look(now)
    except Exception as error:  # the database, its secret, a table to come: while this thread lives the next is soon
        watch.failed(error, now)
        log.error("could not note that web is here", error=str(error).strip())
    finally:
        connections.close_all()


def _forever() -> None:
    pause, watch = threading.Event(), web_watch.Watch(clock.now(), web_teller.WebTeller().note)
    while True:
        note(watch)
        pause.wait(EVERY_SECONDS)
