"""Amazon SQS on top of moto's: who waits for a message is let go when the sandbox ends, and a message when its time is
over.

Messages come and go at any time. Were their names drawn from moto's one source, the identifiers of what requests in the
journal make would depend on it.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal.moto_random import MotoRandom
from moto.sqs import models, utils
from moto.sqs.models import Queue, sqs_backends

from sandbox.calls import Refused
from sandbox.patching import Patches

Method = Callable[..., Any]


class Polls:
    """Everybody who waits for a message."""

    def __init__(self, patches: Patches) -> None:
        self._closing = threading.Event()
        source = MotoRandom()
        for module in (models, utils):
            patches.replace(module, "random", lambda _: source)
        patches.replace(Queue, "messages", lambda _: property(_messages))
        patches.replace(Queue, "add_message", _add_message)
        patches.replace(Queue, "wait_for_messages", lambda _: self._wait_for_messages())

    def close(self) -> None:
        self._closing.set()
        for regions in list(sqs_backends.values()):
            for backend in list(regions.values()):
                for queue in list(backend.queues.values()):
                    with queue._messages_lock:
                        queue._messages_lock.notify_all()

    def _wait_for_messages(self) -> Method:
        def wait_for_messages(queue: Any, timeout: float) -> None:
            with queue._messages_lock:
                queue._messages_lock.wait_for(lambda: self._closing.is_set() or queue.messages, timeout=timeout)
            if self._closing.is_set():
                raise Refused(503, "ServiceUnavailable", "The sandbox is ending.")

        return wait_for_messages


def _messages(queue: Any) -> list[Any]:
    """What may be received now."""
    return [each for each in queue._messages if each.visible and not each.delayed and _lives(queue, each)]


def _add_message(original: Method) -> Method:
    def add_message(queue: Any, message: Any) -> None:
        with queue._messages_lock:
            queue._messages[:] = [each for each in queue._messages if _lives(queue, each)]
        original(queue, message)

    return add_message


def _lives(queue: Any, message: Any) -> bool:
    return float(message.sent_timestamp) / 1000 + float(queue.message_retention_period) > time.time()
