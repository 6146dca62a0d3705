"""When the database is away for a moment: what that looks like, and how a long-running part of Tealgate outlasts it.

A DatabaseError can be a fault of ours, such as a violated constraint, and no waiting mends that; these two are raised
when a connection was lost, cannot be made, or waits for too long.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from deployments import logs

T = TypeVar("T")

log = logs.get(__name__)

AWAY = (OperationalError, InterfaceError)
#: With what is wrong in the tables, such as before `manage.py migrate`.
ANY = (DatabaseError, InterfaceError)
#: What PostgreSQL says, whatever its language, when it has heard us and does not let us in.
_REFUSAL = "FATAL:"
#: Of these those that pass by themselves, in English, which RDS speaks: it begins, ends, recovers, or is full.
_PASSES = re.compile("starting up|shutting down|in recovery|accepting connections|too many clients|connection slots")


def is_refusal(error: BaseException) -> bool:
    """Whether the server answered that it does not let us in: a changed password, or a role that is gone."""
    said = str(error)
    return isinstance(error, AWAY) and _REFUSAL in said and not _PASSES.search(said)


@contextmanager
def survived(what: str) -> Iterator[None]:
    """Whoever asks again by itself goes on after an outage, with a new connection; the log has a line."""
    try:
        yield
    except AWAY as error:
        log.error("the database does not answer", during=what, error=str(error).strip())
        connections.close_all()


def within(seconds: float, call: Callable[[], T], what: str) -> T | None:
    """What it returns; None when it takes longer or fails, whoever is away, with a line in the log.

    It runs in a thread with connections of its own, and may go on in there.
    """
    answers: list[T] = []

    def run() -> None:
        try:
            answers.append(call())
        except Exception as error:  # the database and each broker raise their own kinds
            log.error("not done, for something is away", what=what, error=str(error).strip())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name=what, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        log.error("not done in time, for something is away", what=what, seconds=seconds)
    return answers[0] if answers else None
