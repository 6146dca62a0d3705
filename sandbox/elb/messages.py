"""The heads that the load balancer writes: what it adds for targets, and its own answers to clients."""

import random
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from sandbox.elb.wire import HOP_BY_HOP, Head


def for_target(head: Head, *, client_ip: str, protocol: str, port: int) -> bytes:
    """The request as the target sees it: hop-by-hop headers gone, X-Forwarded-* added."""
    method, target, _ = head.start
    lines = [f"{method} {target} HTTP/1.1"]
    forwarded_for = ", ".join([*head.all("x-forwarded-for"), client_ip])
    replaced = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-port")
    for lowered, name, value in head.headers:
        if lowered not in HOP_BY_HOP and lowered not in replaced:
            lines.append(f"{name}: {value}")
    lines.append(f"X-Forwarded-For: {forwarded_for}")
    lines.append(f"X-Forwarded-Proto: {protocol.lower()}")
    lines.append(f"X-Forwarded-Port: {port}")
    if head.get("x-amzn-trace-id") is None:
        lines.append(f"X-Amzn-Trace-Id: Root=1-{int(time.time()):08x}-{random.getrandbits(96):024x}")
    return _encode(lines)


def for_client(head: Head, *, keep_alive: bool, unchunk: bool, cookies: Iterable[str]) -> bytes:
    """The target's answer as the client sees it."""
    lines = [" ".join(["HTTP/1.1", *head.start[1:]])]
    for lowered, name, value in head.headers:
        if lowered not in HOP_BY_HOP and not (unchunk and lowered == "transfer-encoding"):
            lines.append(f"{name}: {value}")
    lines.extend(f"Set-Cookie: {cookie}" for cookie in cookies)
    lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
    return _encode(lines)


def own(
    status: int, *, keep_alive: bool, body: bytes = b"", content_type: str = "text/html", location: str = ""
) -> tuple[bytes, bytes]:
    """Head and body of an answer that no target gave."""
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [
        f"HTTP/1.1 {status} {reason}",
        "Server: awselb/2.0",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
    ]
    if location:
        lines.append(f"Location: {location}")
    return _encode(lines), body


def error_page(status: int) -> bytes:
    title = f"{status} {HTTPStatus(status).phrase}"
    body = f"<center><h1>{title}</h1></center>"
    page = ["<html>", f"<head><title>{title}</title></head>", "<body>", body, "</body>", "</html>", ""]
    return "\r\n".join(page).encode()


def _encode(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
