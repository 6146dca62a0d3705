"""Steady traffic on a listener, every answer counted: a lost request is one without an answer or with a 502-504."""

import asyncio
import ssl
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp


@dataclass
class Traffic:
    """`with Traffic(url, rate=50) as traffic:` sends requests until the block ends; loopback only."""

    url: str
    rate: int = 50
    #: whom to trust on https, and by which name the other side is asked for and verified
    tls: ssl.SSLContext | None = None
    name: str | None = None
    #: the Host header, where it is not that of the URL
    host: str | None = None
    #: the version that answered last
    newest: str = ""
    statuses: Counter[int] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._ends = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send()), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join(timeout=30)

    @property
    def sent(self) -> int:
        return sum(self.statuses.values()) + len(self.failures)

    @property
    def lost(self) -> int:
        return len(self.failures) + sum(self.statuses[status] for status in (502, 503, 504))

    async def _send(self) -> None:
        pending: set[asyncio.Task[None]] = set()
        connector = aiohttp.TCPConnector(ssl=self.tls or True)
        timeout = aiohttp.ClientTimeout(total=15)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            begun = time.monotonic()
            number = 0
            while not self._ends.is_set():
                task = asyncio.create_task(self._one(session))
                pending.add(task)
                task.add_done_callback(pending.discard)
                number += 1
                await asyncio.sleep(max(0.0, begun + number / self.rate - time.monotonic()))
            if pending:
                await asyncio.wait(pending)

    async def _one(self, session: aiohttp.ClientSession) -> None:
        try:
            headers = {"Host": self.host} if self.host else None
            async with session.get(self.url, server_hostname=self.name, headers=headers) as answer:
                body = await answer.text()
        except (TimeoutError, aiohttp.ClientError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            return
        self.statuses[answer.status] += 1
        self.newest = answer.headers.get("X-Version", body[:40])
        self.versions[self.newest] += 1


def answers(url: str) -> str:
    """The version that one request meets."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return str(answer.headers["X-Version"])
