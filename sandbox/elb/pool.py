"""Connections to targets, kept open between requests.

A pooled connection is only used again when the target has not closed it meanwhile. Once a target is gone
its connections go too: the idle ones when it starts to drain, the busy ones when the deregistration delay
is over.
"""

import asyncio
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

    async def take(self, target: Target) -> Connection:
        """An idle connection that is still open, else a new one. Raises OSError when it is refused."""
        idle = self._idle.get(target)
        while idle:
            connection = idle.pop()
            if connection.usable:
                break
            connection.abort()
        else:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                reader, writer = await asyncio.open_connection(target.ip, target.port, limit=CHUNK)
            connection = Connection(reader, writer)
        self._busy.setdefault(target, set()).add(connection)
        return connection

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
