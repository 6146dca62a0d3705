"""django-q2's queue, whichever the settings name, so that its absence ends no process and fills no log.

django-q2's pusher ends at the first error of its queue, after ten seconds, and its monitor and sentinel end as well;
the next ones do the same. With a queue that is away that is a process, and a traceback, again and again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_q.brokers
from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import connections
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django_q.conf import Conf

from deployments import logs
from deployments.ops import draining
from deployments.words import duration_words, in_one_line

log = logs.get(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
_KINDS = {
    "SQS": "django_q.brokers.aws_sqs.Sqs",
    "ORM": "django_q.brokers.orm.ORM",
    "REDIS": "django_q.brokers.redis_broker.Redis",
}


class Broker(django_q.brokers.Broker):
    """Made without a connection, which comes with the first use; what cannot be asked again is raised."""

    def __init__(self, list_key: str | None = None) -> None:
        self._connected: Any = None
        self._failures = 0
        super().__init__(list_key)

    def __getstate__(self) -> Any:
        return self.list_key

    def __setstate__(self, state: Any) -> None:
        self._connected, self._failures = None, 0
        self.list_key, self.cache = state, self.get_cache()

    def ping(self) -> bool:
        return True  # whoever needs the queue finds out, and waits

    def enqueue(self, task: str) -> Any:
        return self._once(lambda queue: queue.enqueue(task))

    def dequeue(self) -> Any:
        """Tasks; None when there are none or the queue is away, after a pause that grows."""
        try:
            found = self._once(lambda queue: queue.dequeue())
        except Exception as error:  # each broker raises its own kind
            self._pause(error)
            return None
        if self._failures:
            log.info("the queue answers again", failures=self._failures)
        self._failures = 0
        return [(receipt, signed_by_us(task)) for receipt, task in found] if found else found

    def acknowledge(self, task_id: Any) -> None:
        """One that is not acknowledged is delivered again, which does no harm."""
        self._quietly("acknowledge", task_id)

    def fail(self, task_id: Any) -> None:
        self._quietly("fail", task_id)

    def delete(self, task_id: Any) -> None:
        self._once(lambda queue: queue.delete(task_id))

    def purge_queue(self) -> Any:
        return self._once(lambda queue: queue.purge_queue())

    def delete_queue(self) -> Any:
        return self._once(lambda queue: queue.delete_queue())

    def queue_size(self) -> int:
        return int(self._once(lambda queue: queue.queue_size()))

    def lock_size(self) -> int:
        return int(self._once(lambda queue: queue.lock_size()) or 0)

    def info(self) -> str:
        return str(self._once(lambda queue: queue.info()))

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Kept for nobody: /metrics tells of the worker, and twice a second is often for a queue over the network."""

    def _once(self, ask: Callable[[Any], Any]) -> Any:
        """With a connection that is made anew after a failure."""
        try:
            if self._connected is None:
                self._connected = import_string(_kind())(list_key=self.list_key)
            return ask(self._connected)
        except Exception:
            self._connected = None
            raise

    def _quietly(self, order: str, task_id: Any) -> None:
        try:
            self._once(lambda queue: getattr(queue, order)(task_id))
        except Exception as error:  # each broker raises its own kind
            connections.close_all()
            log.warning("the queue is away, so a task may come again", order=order, error=in_one_line(error))

    def _pause(self, error: Exception) -> None:
        connections.close_all()
        pause = min(SHORTEST_PAUSE * 2 ** min(self._failures, 8), LONGEST_PAUSE)
        self._failures += 1
        log.error(
            "the queue does not answer",
            error=in_one_line(error),
            failures=self._failures,
            again_in=duration_words(timedelta(seconds=max(pause, 1)).total_seconds()),
        )
        draining.sleep(pause)


def signed_by_us(task: Any) -> str:
    """A task that one of the other keys signed, signed with ours: django-q2 knows only one. Others stay as they are."""
    said = task.decode() if isinstance(task, bytes) else str(task)
    value, _, signature = said.rpartition(":")
    for key in settings.SECRET_KEY_FALLBACKS:
        signer = TimestampSigner(key=key, salt=Conf.PREFIX)
        if constant_time_compare(signature, signer.signature(value)):
            ours = TimestampSigner(key=Conf.SECRET_KEY, salt=Conf.PREFIX)
            return f"{value}:{ours.signature(value)}"
    return said


def _kind() -> str:
    return next(path for name, path in _KINDS.items() if getattr(Conf, name, None))
