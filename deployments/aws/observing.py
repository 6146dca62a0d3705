"""Every HTTP request to AWS, seen as it ends: for metrics, without the gateway knowing of them.

A retried call counts once per attempt, because it is attempts that AWS's rate limits count.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from deployments import clock
from deployments.aws.translate import from_answer, translate

#: called with AWS's name of the call, the outcome ("ok", "throttled", "unavailable", "denied", "notfound" or
#: "invalid") and the seconds it took; must not raise
Observer = Callable[[str, str, float], None]
observers: list[Observer] = []

_started = threading.local()


def watch(session: Any) -> None:
    """Make every client of this botocore session report to `observers`."""
    session.register("before-send", _before_send)
    session.register("response-received", _response_received)


def _before_send(**_: Any) -> None:
    # One thread sends one request at a time, so the thread is where its start belongs.
    _started.at = time.monotonic()


def _response_received(
    event_name: str, parsed_response: dict[str, Any] | None, exception: Exception | None, **_: Any
) -> None:
    operation = event_name.rsplit(".", 1)[-1]
    seconds = time.monotonic() - _started.at
    if dated := _dated(parsed_response):
        clock.heard_of_aws(dated, seconds)
    outcome = _outcome(operation, parsed_response, exception)
    for observer in observers:
        observer(operation, outcome, seconds)


def _dated(answer: dict[str, Any] | None) -> datetime | None:
    """AWS's own time; None where none is told."""
    said = (answer or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    with suppress(ValueError):
        return parsedate_to_datetime(said)
    return None


def _outcome(operation: str, answer: dict[str, Any] | None, exception: Exception | None) -> str:
    if exception is not None:
        return type(translate(operation, exception)).__name__.lower()
    if answer is None or answer["ResponseMetadata"]["HTTPStatusCode"] < 300:
        return "ok"
    return type(from_answer(operation, answer)).__name__.lower()
