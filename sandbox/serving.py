"""HTTP/1.1 for the one door: a thread for each connection, which stays open from one request to the next.

werkzeug's server ends a connection with every answer, and waits whether something else comes: for the small calls of
AWS's clients that took more than to answer them.
"""

import contextlib
import io
import logging
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)

from sandbox.calls import Environ

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
LARGEST_HEAD = 1024 * 1024
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class BadRequest(ValueError):
    """What came over the connection is not HTTP, or not all of it came."""


class Server:
    """`application` is a WSGI application, and may be set until `start`; `time` is what the answers' Date says."""

    def __init__(self, listener: socket.socket, time: Callable[[], float]) -> None:
        self.port: int = listener.getsockname()[1]
        self.application: Any = None
        self.time = time
        self._listener = listener
        self._closing = False
        self._lock = threading.Lock()
        self._idle: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="sandbox-api", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Nothing new is taken, and idle connections end; whoever is being answered still gets the answer."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        if self._thread.ident is not None:
            self._thread.join()
        self._listener.close()
        with self._lock:
            self._closing = True
            for connection in self._idle:
                with contextlib.suppress(OSError):  # the client may have been quicker
                    connection.shutdown(socket.SHUT_RDWR)

    def waits(self, connection: socket.socket) -> bool:
        """It is between two requests; False when there is to be no other."""
        with self._lock:
            self._idle.add(connection)
            return not self._closing

    def works(self, connection: socket.socket) -> None:
        with self._lock:
            self._idle.discard(connection)

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            worker = Connection(self, connection, address[0])
            threading.Thread(target=worker.serve, name="sandbox-call", daemon=True).start()


class Connection:
    def __init__(self, server: Server, connection: socket.socket, client: str) -> None:
        self._server = server
        self._socket = connection
        self._client = client
        self._received = b""

    def serve(self) -> None:
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._server.waits(self._socket) and (head := self._head()):
                self._server.works(self._socket)
                if not self._answer(self._environ(head)):
                    return
        except (OSError, ValueError):
            pass  # the client left, or never was one
        finally:
            self._server.works(self._socket)
            self._socket.close()

    def _answer(self, environ: Environ) -> bool:
        """True when another request may follow."""
        status, headers, body = self._perform(environ)
        names = {name.lower() for name, _ in headers}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        if "content-length" not in names and not status.startswith(("204", "304")):
            lines.append(f"Content-Length: {len(body)}")
        wanted: str = environ.get("HTTP_CONNECTION", "").lower()
        keep: bool = wanted != "close" and (environ["SERVER_PROTOCOL"] == "HTTP/1.1" or wanted == "keep-alive")
        lines += [
            f"Date: {formatdate(self._server.time(), usegmt=True)}",
            "Server: sandbox",
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n",
        ]
        raw = "\r\n".join(lines).encode("latin-1")
        self._socket.sendall(raw if environ["REQUEST_METHOD"] == "HEAD" else raw + body)
        return keep

    def _perform(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [status, headers]

        try:
            chunks = self._server.application(environ, start_response)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except Exception:
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return "500 Internal Server Error", [("Content-Type", "text/plain")], b"The sandbox failed.\n"
        return started[0], started[1], body

    def _environ(self, head: bytes) -> Environ:
        first, *lines = head.decode("latin-1").split("\r\n")
        try:
            method, target, protocol = first.split(" ")
        except ValueError as error:
            raise BadRequest(first) from error
        path, _, query = target.partition("?")
        environ: Environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": target,
            "REQUEST_URI": target,
            "REMOTE_ADDR": self._client,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self._server.port),
            "SERVER_PROTOCOL": protocol,
            "SERVER_SOFTWARE": "sandbox",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.connection": self._socket,
            **_headers(lines),
        }
        body = self._body(environ)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _head(self) -> bytes:
        """Up to the empty line, without it; nothing when the client is done."""
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            if len(self._received) > LARGEST_HEAD:
                raise BadRequest("the head is too large")
            data = self._socket.recv(CHUNK)
            if not data:
                return b""
            self._received += data
        head, self._received = self._received[:end], self._received[end + 4 :]
        return head.lstrip(b"\r\n")

    def _body(self, environ: Environ) -> bytes:
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True
            return self._chunks()
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise BadRequest(length)
        return self._bytes(int(length))

    def _chunks(self) -> bytes:
        chunks = []
        while size := int(self._line().partition(b";")[0], 16):
            chunks.append(self._bytes(size))
            self._line()
        while self._line():
            pass  # a trailer
        return b"".join(chunks)

    def _bytes(self, count: int) -> bytes:
        while len(self._received) < count:
            self._more()
        found, self._received = self._received[:count], self._received[count:]
        return found

    def _line(self) -> bytes:
        while (end := self._received.find(b"\r\n")) < 0:
            self._more()
        line, self._received = self._received[:end], self._received[end + 2 :]
        return line

    def _more(self) -> None:
        data = self._socket.recv(CHUNK)
        if not data:
            raise BadRequest("closed in the middle of a request")
        self._received += data


def _headers(lines: list[str]) -> Environ:
    """As WSGI wants them. S3's metadata may have names with an underscore, which moto is told of."""
    environ: Environ = {}
    preserved: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = environ_key_for_header(name)
        if should_preserve_original_header_name(name):
            preserved.setdefault(key, name)
        value = value.strip()
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved
    return environ
