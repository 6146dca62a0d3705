"""Connections to targets, kept open between requests.

A pooled connection is only used again when the target has not closed it meanwhile. Once a target is gone
its connections go too: the idle ones when it starts to drain, the busy ones when the deregistration delay
is over.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

from sandbox.elb.targets import Target
from sandbox.elb.wire import CHUNK

CONNECT_TIMEOUT = 10.0


@dataclass(eq=False, slots=True)
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def usable(self) -> bool:
        return not (self.reader.at_eof() or self.writer.is_closing() or self.reader.exception())

    def abort(self) -> None:
        self.writer.transport.abort()


class Pool:
    """Only used from inside the loop."""

    def __init__(self) -> None:
        self._idle: dict[Target, list[Connection]] = {}
        self._busy: dict[Target, set[Connection]] = {}
        self._opening: Counter[Target] = Counter()

    def is_busy(self, target: Target) -> bool:
        """A request to it is under way, or was routed to it and waits for a connection."""
        return target in self._busy or self._opening[target] > 0

    async def take(self, target: Target) -> Connection:
        """An idle connection that is still open, else a new one. Raises OSError when it is refused."""
        idle = self._idle.get(target)
        while idle:
            connection = idle.pop()
            if connection.usable:
                break
            connection.abort()
        else:
            connection = await self._open(target)
        self._busy.setdefault(target, set()).add(connection)
        return connection

    async def _open(self, target: Target) -> Connection:
        self._opening[target] += 1
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return Connection(*await asyncio.open_connection(target.ip, target.port, limit=CHUNK))
        finally:
            self._opening[target] -= 1
            if not self._opening[target]:
                del self._opening[target]

    def give_back(self, target: Target, connection: Connection, *, reusable: bool) -> None:
        busy = self._busy.get(target)
        if busy is not None:
            busy.discard(connection)
            if not busy:
                del self._busy[target]
        if reusable and connection.usable and target.routable:
            self._idle.setdefault(target, []).append(connection)
        else:
            connection.writer.close()

    def drain(self, target: Target) -> None:
        """Close what is idle; let requests under way finish."""
        for connection in self._idle.pop(target, []):
            connection.writer.close()

    def close(self) -> None:
        for target in [*self._idle, *self._busy]:
            self.cut(target)

    def cut(self, target: Target) -> None:
        """Close everything; requests under way fail, as they do when a deregistration delay is too short."""
        self.drain(target)
        for connection in list(self._busy.pop(target, ())):
            connection.abort()
