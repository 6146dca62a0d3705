"""Faults on request: what a client of AWS must survive.

    throttle        400 ThrottlingException "Rate exceeded"
    error           500 InternalFailure (or 503 with status=503)
    deny            AccessDeniedException naming the action
    latency         the answer comes ``latency`` seconds late
    lost_response   the request is performed, then the connection is dropped without an answer

A fault hits calls whose service and operation match (``*`` for any), ``times`` times, or for ``seconds``, or
both limits, whichever ends first. Without either it stays until it is cleared.
"""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.calls import Call, Response, error_response, iam_name

KINDS = ("throttle", "error", "deny", "latency", "lost_response")


@dataclass
class Fault:
    kind: str
    service: str = "*"
    operation: str = "*"
    times: int | None = None
    seconds: float | None = None
    latency: float = 1.0
    status: int = 500

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {self.kind!r}.")
        self.service = iam_name(self.service)
        self._ends = time.monotonic() + self.seconds if self.seconds is not None else None

    def hits(self, call: Call) -> bool:
        return fnmatchcase(call.service, self.service) and fnmatchcase(call.operation, self.operation)

    @property
    def over(self) -> bool:
        return self.times == 0 or (self._ends is not None and time.monotonic() >= self._ends)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._calls: Counter[str] = Counter()

    def add(self, kind: str, **limits: Any) -> None:
        with self._lock:
            self._faults.append(Fault(kind, **limits))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def active(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults if not fault.over]

    def calls(self) -> dict[str, int]:
        with self._lock:
            return dict(self._calls)

    def forget_calls(self) -> None:
        with self._lock:
            self._calls.clear()

    def meet(self, call: Call) -> Fault | None:
        """Counts the call and takes the first fault that hits it."""
        with self._lock:
            self._calls[call.name] += 1
            self._faults = [fault for fault in self._faults if not fault.over]
            for fault in self._faults:
                if fault.hits(call):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


def refusal(fault: Fault, call: Call, caller: str) -> Response | None:
    """The answer of a fault that keeps the call from being performed."""
    if fault.kind == "throttle":
        code = "ThrottlingException" if call.protocol in ("json", "cbor") else "Throttling"
        return error_response(call, 400, code, "Rate exceeded")
    if fault.kind == "error":
        code = "ServiceUnavailable" if fault.status == 503 else "InternalFailure"
        message = "The request processing has failed because of an unknown error, exception or failure."
        return error_response(call, fault.status, code, message)
    if fault.kind == "deny":
        message = (
            f"User: {caller} is not authorized to perform: {call.name} because no identity-based policy "
            f"allows the {call.name} action"
        )
        return access_denied(call, message)
    return None


def access_denied(call: Call, message: str) -> Response:
    if call.protocol in ("json", "cbor"):
        return error_response(call, 400, "AccessDeniedException", message)
    if call.protocol == "ec2":
        return error_response(call, 403, "UnauthorizedOperation", message)
    return error_response(call, 403, "AccessDenied", message)
