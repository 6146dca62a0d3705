"""HTTP/1.1 on the wire: heads and body framing, just enough to relay messages without changing them.

Heads are parsed, bodies are not: they stream through in the framing they came in.
"""

import asyncio
from dataclasses import dataclass

CHUNK = 64 * 1024
HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "upgrade", "te", "proxy-authenticate"})


class BadMessage(Exception):
    """What came over the connection is not HTTP."""


class Head:
    """The start line and the headers of a message; header names are kept as they were written."""

    __slots__ = ("start", "headers")

    def __init__(self, raw: bytes) -> None:
        lines = raw[:-4].decode("latin-1").split("\r\n")
        self.start = lines[0].split(" ", 2)
        self.headers: list[tuple[str, str, str]] = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name:
                raise BadMessage(line)
            self.headers.append((name.lower(), name, value.strip()))

    def get(self, name: str) -> str | None:
        for lowered, _, value in self.headers:
            if lowered == name:
                return value
        return None

    def all(self, name: str) -> list[str]:
        return [value for lowered, _, value in self.headers if lowered == name]

    def wants_close(self, version: str) -> bool:
        connection = (self.get("connection") or "").lower()
        if version == "HTTP/1.1":
            return "close" in connection
        return "keep-alive" not in connection


@dataclass(frozen=True, slots=True)
class Framing:
    """How long a body is: chunked, a number of bytes, or (length None) until the connection closes."""

    chunked: bool = False
    length: int | None = 0


NO_BODY = Framing()
CHUNKED = Framing(chunked=True, length=None)
UNTIL_CLOSE = Framing(length=None)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next head, or None when the other side closed between messages."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise BadMessage("closed in the middle of a head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadMessage("head too large") from error
    return Head(raw.lstrip(b"\r\n") if raw[:1] in (b"\r", b"\n") else raw)


def request_framing(head: Head) -> Framing:
    return _declared_framing(head) or NO_BODY


def response_framing(head: Head, status: int, method: str) -> Framing:
    if method == "HEAD" or status in (204, 304) or 100 <= status < 200:
        return NO_BODY
    return _declared_framing(head) or UNTIL_CLOSE


def _declared_framing(head: Head) -> Framing | None:
    encoding, length = head.get("transfer-encoding"), head.get("content-length")
    if encoding is not None:
        if encoding.lower() != "chunked" or length is not None:
            raise BadMessage("ambiguous body length")
        return CHUNKED
    if length is None:
        return None
    if not length.isdecimal():
        raise BadMessage("content-length is not a number")
    return Framing(length=int(length))


async def relay_body(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, framing: Framing, *, unchunk: bool = False
) -> None:
    """Copy a body. ``unchunk`` strips the chunk framing for HTTP/1.0 clients, who do not know it."""
    if framing.chunked:
        await _relay_chunks(reader, writer, unchunk)
    elif framing.length is None:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    else:
        await _relay_bytes(reader, writer, framing.length)


async def _relay_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int) -> None:
    while left:
        data = await reader.read(min(left, CHUNK))
        if not data:
            raise BadMessage("closed in the middle of a body")
        left -= len(data)
        writer.write(data)
        await writer.drain()


async def _relay_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, unchunk: bool) -> None:
    def frame(line: bytes) -> None:
        if not unchunk:
            writer.write(line)

    line = await _line(reader)
    while size := _chunk_size(line):
        frame(line)
        await _relay_bytes(reader, writer, size)
        frame(await _line(reader))
        line = await _line(reader)
    frame(line)
    while (trailer := await _line(reader)) != b"\r\n":
        frame(trailer)
    frame(trailer)
    await writer.drain()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BadMessage("broken chunk") from error


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError as error:
        raise BadMessage("broken chunk size") from error
