"""Amazon SQS on top of moto's: who waits for a message is let go when the sandbox ends, and a message when its time is
over; what was deleted stays so, and nothing else gets lost by it.

Messages come and go at any time. Were their names drawn from moto's one source, the identifiers of what requests in the
journal make would depend on it.
"""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal.moto_random import MotoRandom
from moto.sqs import models, utils
from moto.sqs.models import Queue, SQSBackend, sqs_backends

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
        for name, looked_up in _LOOKED_UP.items():
            patches.replace(Queue, name, functools.partial(_property, looked_up))
        # Whatever is one of ``messages`` is. moto would ask for all attributes of the queue for each of them.
        patches.replace(SQSBackend, "is_message_valid_based_on_retention_period", lambda _: lambda *message: True)
        patches.replace(Queue, "add_message", _add_message)
        patches.replace(Queue, "delete_message", _delete_message)
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
    """What may be received now. Looks at the clock once, where moto does it twice for each message, as below."""
    now = time.time() * 1000
    return [
        each for each in queue._messages if each.visible_at < now >= each.delayed_until and _lives(queue, each, now)
    ]


def _number_delayed(queue: Any) -> int:
    now = time.time() * 1000
    return sum(now < each.delayed_until for each in queue._messages)


def _number_not_visible(queue: Any) -> int:
    now = time.time() * 1000
    return sum(now <= each.visible_at for each in queue._messages)


#: With every message that is sent, moto asks for all of them.
_LOOKED_UP: dict[str, Callable[[Any], Any]] = {
    "messages": _messages,
    "approximate_number_of_messages": lambda queue: len(_messages(queue)),
    "approximate_number_of_messages_delayed": _number_delayed,
    "approximate_number_of_messages_not_visible": _number_not_visible,
}


def _property(looked_up: Callable[[Any], Any], _: Any) -> property:
    return property(looked_up)


def _add_message(original: Method) -> Method:
    def add_message(queue: Any, message: Any) -> None:
        now = time.time() * 1000
        with queue._messages_lock:
            queue._messages[:] = [each for each in queue._messages if _lives(queue, each, now)]
        original(queue, message)

    return add_message


def _delete_message(original: Method) -> Method:
    """moto's makes a new list of what stays; whatever else happens to the old one meanwhile would be undone."""

    def delete_message(queue: Any, receipt_handle: str) -> None:
        with queue._messages_lock:
            original(queue, receipt_handle)

    return delete_message


def _lives(queue: Any, message: Any, now: float) -> bool:
    """``now`` in milliseconds, as messages have it."""
    return bool(message.sent_timestamp + queue.message_retention_period * 1000 > now)
