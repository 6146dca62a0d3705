"""Many requests to the API from one thread: so many a second whether or not the answers come, or all waiting at once.

Written on sockets, since an HTTP client would take as much of the two processors as the server that is measured.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: Connections that are kept open for one rate of requests.
CONNECTIONS = 64


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    #: by the clock that never jumps
    at: float
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    path: str
    token: str

    def __bytes__(self) -> bytes:
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            "Accept: application/json\r\n\r\n"
        ).encode()


def at_a_rate(port: int, requests: Sequence[Request], per_second: float, seconds: float) -> list[Answer]:
    """Each in turn. A time counts from when it was due, so that a server that stalls is not asked less."""
    return asyncio.run(_at_a_rate(port, requests, per_second, seconds))


def all_at_once(port: int, requests: Sequence[Request]) -> list[Answer]:
    """Each on a connection of its own."""
    return asyncio.run(_all_at_once(port, requests))


async def _at_a_rate(port: int, requests: Sequence[Request], per_second: float, seconds: float) -> list[Answer]:
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(_Connection(port))
    began, asked = time.monotonic(), []
    for number in range(int(per_second * seconds)):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        asked.append(asyncio.create_task(_in_turn(free, requests[number % len(requests)], due)))
    return list(await asyncio.gather(*asked))


async def _in_turn(free: "asyncio.Queue[_Connection]", request: Request, due: float) -> Answer:
    connection = await free.get()
    try:
        return await connection.ask(request, due)
    finally:
        free.put_nowait(connection)


async def _all_at_once(port: int, requests: Sequence[Request]) -> list[Answer]:
    return list(await asyncio.gather(*(_Connection(port).ask(request, time.monotonic()) for request in requests)))


class _Connection:
    """Kept open as the server wants it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request, since: float) -> Answer:
        try:
            return await self._asked(request, since)
        except (ConnectionError, asyncio.IncompleteReadError):  # it was closed while nobody asked
            self._streams = None
            return await self._asked(request, since)

    async def _asked(self, request: Request, since: float) -> Answer:
        reader, writer = self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(bytes(request))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        body = await reader.readexactly(int(length.partition(":")[2]))
        at = time.monotonic()
        if "connection: close" in head:
            writer.close()
            self._streams = None
        return Answer(int(head.split()[1]), at - since, at, body)
