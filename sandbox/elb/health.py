"""Health checks: real HTTP requests, one task per target in the load balancers' loop.

The checker looks like AWS's: its own User-Agent, the target's address as Host, a new connection each time.
"""

import asyncio
import socket
from typing import Protocol

from sandbox.clock import Clock
from sandbox.elb.loop import EventLoopThread
from sandbox.elb.targets import HEALTHY, HealthCheck, Target, TargetGroup
from sandbox.elb.wire import CHUNK, BadMessage, Head
from sandbox.seams import TargetState

# Scaled time must not outrun the machine: a real process needs real milliseconds to answer.
SHORTEST_TIMEOUT = 1.0
SHORTEST_INTERVAL = 0.05
SHORTEST_INTERVAL_WELL = 0.25  # between looks at a target that is well: there are dozens of those, all the time

TIMED_OUT = TargetState("unhealthy", "Target.Timeout", "Request timed out")
FAILED = TargetState("unhealthy", "Target.FailedHealthChecks", "Health checks failed")


def patience(clock: Clock, aws_seconds: float, shortest: float = SHORTEST_TIMEOUT) -> float:
    """Real seconds to wait for a program: scaled, but no shorter than real programs need."""
    return min(aws_seconds, max(clock.seconds(aws_seconds), shortest))


class Book(Protocol):
    """Where results are written: the registry."""

    def begin_checks(self, group: TargetGroup, target: Target) -> None: ...

    def checked(self, group: TargetGroup, target: Target, seen: TargetState | None) -> None: ...


class HealthChecker:
    def __init__(self, clock: Clock, loop: EventLoopThread) -> None:
        self._clock = clock
        self._loop = loop
        self._tasks: dict[Target, asyncio.Task[None]] = {}

    def watch(self, group: TargetGroup, target: Target, book: Book) -> None:
        if target not in self._tasks:
            self._tasks[target] = self._loop.spawn(self._check_forever(group, target, book))

    def forget(self, target: Target) -> None:
        task = self._tasks.pop(target, None)
        if task is not None:
            task.cancel()

    async def _check_forever(self, group: TargetGroup, target: Target, book: Book) -> None:
        book.begin_checks(group, target)
        while True:
            started = self._loop.loop.time()
            timeout = patience(self._clock, group.check.timeout)
            seen = await probe(group.check, target, timeout)
            book.checked(group, target, seen)
            shortest = SHORTEST_INTERVAL_WELL if seen is None and target.state is HEALTHY else SHORTEST_INTERVAL
            interval = max(self._clock.seconds(group.check.interval), shortest)
            await asyncio.sleep(max(0.0, started + interval - self._loop.loop.time()))


async def probe(check: HealthCheck, target: Target, timeout: float) -> TargetState | None:
    """None when the target passed, else the state that describes the failure."""
    port = target.port if check.port == "traffic-port" else int(check.port)
    try:
        async with asyncio.timeout(timeout):
            if check.protocol not in ("HTTP", "HTTPS"):
                (await _connect(target.ip, port)).close()
                return None
            status = await _get_status(target.ip, port, check.path)
    except TimeoutError:
        return TIMED_OUT
    except (OSError, ValueError, IndexError, BadMessage):
        return FAILED
    if check.accepts(status):
        return None
    description = f"Health checks failed with these codes: [{status}]"
    return TargetState("unhealthy", "Target.ResponseCodeMismatch", description)


# Bare sockets: there are dozens of checks a second, and streams took twice the time.
async def _connect(ip: str, port: int) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (ip, port))
    except BaseException:
        connection.close()
        raise
    return connection


async def _get_status(ip: str, port: int, path: str) -> int:
    loop = asyncio.get_running_loop()
    with await _connect(ip, port) as connection:
        await loop.sock_sendall(
            connection,
            f"GET {path} HTTP/1.1\r\nHost: {ip}:{port}\r\nConnection: close\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n".encode(),
        )
        received = b""
        while b"\r\n\r\n" not in received:
            data = await loop.sock_recv(connection, CHUNK)
            if not data or len(received) > CHUNK:
                raise BadMessage("not an HTTP response")
            received += data
        start, _, body = received.partition(b"\r\n\r\n")
        head = Head(start + b"\r\n\r\n")
        if not head.start[0].startswith("HTTP/"):
            raise BadMessage("not an HTTP response")
        # Read on, lest the target sees a reset while it still writes.
        if not body and int(head.get("content-length") or CHUNK):
            await loop.sock_recv(connection, CHUNK)
        return int(head.start[1])
