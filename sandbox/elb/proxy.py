"""From a client's connection to a target and back, one request after the other.

1. Read a head, find the first rule whose conditions hold (rules are looked up anew for every request).
2. Forward: draw a target group by weight, take its next target, borrow a connection, stream both bodies.
3. Whatever goes wrong before the target answered is the load balancer's own answer: 503 when there is no
   target, 502 when the connection is refused, reset or speaks no HTTP, 504 when nothing comes. After that
   the client's connection is cut, so that half an answer never looks like a whole one.

Nothing is sent twice: once a byte of a request has gone to a target, only that target can answer it.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from sandbox.elb import messages
from sandbox.elb.actions import Forward, Redirect
from sandbox.elb.conditions import Request
from sandbox.elb.exchange import Exchange, Settings
from sandbox.elb.meter import Meter
from sandbox.elb.pool import Connection, Pool
from sandbox.elb.targets import TargetGroup
from sandbox.elb.wire import (
    CHUNK,
    NO_BODY,
    BadMessage,
    Framing,
    Head,
    read_head,
    relay_body,
    request_framing,
    response_framing,
)

LARGEST_DISCARD = 1024 * 1024


class Proxy:
    """One listener's traffic."""

    def __init__(self, settings: Settings, pool: Pool, meter: Meter) -> None:
        self.settings = settings
        self._pool = pool
        self._meter = meter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client's connection, until either side is done with it."""
        client_ip = writer.get_extra_info("peername")[0]
        try:
            while (head := await read_head(reader)) is not None:
                exchange = self._begin(head, client_ip, reader, writer)
                await self._answer(exchange)
                if not exchange.keep_alive:
                    break
        except BadMessage:
            self._meter.own_answer(400)
            writer.write(b"".join(messages.own(400, keep_alive=False, body=messages.error_page(400))))
        except OSError:
            pass  # the client left
        finally:
            writer.close()

    def _begin(
        self, head: Head, client_ip: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Exchange:
        if len(head.start) != 3 or not head.start[2].startswith("HTTP/1."):
            raise BadMessage("not an HTTP/1 request")
        method, target, version = head.start
        host = head.get("host") or ""
        if target.startswith(("http://", "https://")):
            authority, slash, rest = target.partition("://")[2].partition("/")
            host, target = authority, slash + rest or "/"
            head.start[1] = target
        path, _, query = target.partition("?")
        return Exchange(
            request=Request(method, path, query, host.partition(":")[0], client_ip, head),
            framing=request_framing(head),
            keep_alive=not head.wants_close(version),
            http_1_0=version == "HTTP/1.0",
            reader=reader,
            writer=writer,
            settings=self.settings,
        )

    async def _answer(self, exchange: Exchange) -> None:
        action = next(route.action for route in exchange.settings.routes if route.applies(exchange.request))
        if isinstance(action, Forward):
            await self._forward(exchange, action)
        elif isinstance(action, Redirect):
            self._meter.redirected()
            await self._own_answer(exchange, action.status, location=_location(exchange, action))
        else:
            self._meter.fixed_response()
            await self._own_answer(exchange, action.status, action.body, action.content_type)

    async def _forward(self, exchange: Exchange, forward: Forward) -> None:
        group = forward.choose(exchange.request)
        target = group.next_target() if group else None
        if target is None and exchange.settings is not self.settings:
            # Another thread changed the rule and then took the targets, both while this request was routed.
            exchange.settings = self.settings
            await self._answer(exchange)
            return
        if group is None or target is None:
            await self._error(exchange, 503)
            return
        try:
            connection = await self._pool.take(target)
        except OSError as error:  # TimeoutError is one
            self._meter.unreachable(group)
            await self._error(exchange, 504 if isinstance(error, TimeoutError) else 502)
            return
        reusable = False
        try:
            reusable = await self._exchange(exchange, forward, group, connection)
        finally:
            self._pool.give_back(target, connection, reusable=reusable)

    async def _exchange(self, exchange: Exchange, forward: Forward, group: TargetGroup, connection: Connection) -> bool:
        """Send the request, relay the answer; True when the connection to the target can be used again."""
        request, settings = exchange.request, exchange.settings
        started, answered = time.monotonic(), False
        connection.writer.write(
            messages.for_target(
                request.head, client_ip=request.client_ip, protocol=settings.protocol, port=settings.port
            )
        )
        sending = None
        if exchange.framing != NO_BODY:
            sending = asyncio.ensure_future(relay_body(exchange.reader, connection.writer, exchange.framing))
        try:
            async with asyncio.timeout(settings.idle_timeout):
                head = await self._target_head(exchange, connection)
            answered = True
            self._meter.answered(group, int(head.start[1]), time.monotonic() - started)
            return await self._relay(exchange, connection, head, forward.cookies(group), sending)
        except TimeoutError:
            await self._error(exchange, 504, sending=sending)
        except (BadMessage, OSError, asyncio.IncompleteReadError):
            await self._error(exchange, 502, sending=sending)
        finally:
            if not answered:
                self._meter.unanswered(group)
            if sending is not None and not sending.done():
                # The target answered before it had read everything: neither connection is in step any more.
                exchange.keep_alive = False
                sending.cancel()
            if sending is not None:
                await asyncio.gather(sending, return_exceptions=True)
        return False

    async def _target_head(self, exchange: Exchange, connection: Connection) -> Head:
        """The answer's head; 100 Continue and its like are passed on, not counted."""
        while True:
            head = await read_head(connection.reader)
            if head is None or len(head.start) < 2 or not head.start[1].isdecimal():
                raise BadMessage("no answer")
            if int(head.start[1]) >= 200:
                return head
            exchange.writer.write(" ".join(["HTTP/1.1", *head.start[1:]]).encode("latin-1") + b"\r\n\r\n")

    async def _relay(
        self,
        exchange: Exchange,
        connection: Connection,
        head: Head,
        cookies: Sequence[str],
        sending: "asyncio.Future[None] | None",
    ) -> bool:
        framing = response_framing(head, int(head.start[1]), exchange.request.method)
        until_close = framing.length is None and not framing.chunked
        unchunk = framing.chunked and exchange.http_1_0
        if until_close or unchunk or (sending is not None and not sending.done()):
            exchange.keep_alive = False
        raw = messages.for_client(head, keep_alive=exchange.keep_alive, unchunk=unchunk, cookies=cookies)
        if framing.length is not None and framing.length <= CHUNK:
            # One write for a short answer; and a target that dies in the middle of it is still a clean 502.
            exchange.writer.write(raw + await connection.reader.readexactly(framing.length))
            await exchange.writer.drain()
        else:
            exchange.writer.write(raw)
            await self._relay_long_body(exchange, connection, framing, unchunk)
        sent = sending is None or sending.done()
        return sent and not until_close and not head.wants_close(head.start[0])

    async def _relay_long_body(
        self, exchange: Exchange, connection: Connection, framing: Framing, unchunk: bool
    ) -> None:
        try:
            await relay_body(connection.reader, exchange.writer, framing, unchunk=unchunk)
        except (BadMessage, OSError):
            exchange.writer.transport.abort()
            raise ConnectionAbortedError from None

    async def _error(self, exchange: Exchange, status: int, *, sending: "asyncio.Future[None] | None" = None) -> None:
        if exchange.writer.is_closing():
            return
        self._meter.own_answer(status)
        if sending is not None:
            exchange.keep_alive = False
            sending.cancel()
        await self._own_answer(exchange, status, messages.error_page(status))

    async def _own_answer(
        self,
        exchange: Exchange,
        status: int,
        body: bytes = b"",
        content_type: str = "text/html",
        location: str = "",
    ) -> None:
        if exchange.keep_alive:
            exchange.keep_alive = await _discard_body(exchange)
        head, body = messages.own(
            status, keep_alive=exchange.keep_alive, body=body, content_type=content_type, location=location
        )
        exchange.writer.write(head if exchange.request.method == "HEAD" else head + body)
        await exchange.writer.drain()


async def _discard_body(exchange: Exchange) -> bool:
    """Skip the body, so that the next request can be read; False when that is not worth it."""
    length = exchange.framing.length
    if length is None or length > LARGEST_DISCARD or exchange.request.head.get("expect"):
        return False
    with contextlib.suppress(asyncio.IncompleteReadError):
        await exchange.reader.readexactly(length)
        return True
    return False


def _location(exchange: Exchange, redirect: Redirect) -> str:
    settings = exchange.settings
    return redirect.location(exchange.request, protocol=settings.protocol, port=settings.local_port)
