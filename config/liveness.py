"""/healthz answered beside the threads that answer pages, on an address of its own: WEB_HEALTH_BIND.

When the database hangs, every thread of the web server waits for it, and so would the load balancer's question, until
it replaces a task that nothing is wrong with. Each of gunicorn's processes has one more thread for this, which answers
by `config.hosts.health_check` and nothing else: it says that this process runs Python, which is what replacing mends.
"""

import contextlib
import os
import select
import socket
import socketserver
import stat
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from config.hosts import health_check

#: A client that says nothing is not waited for longer; the next one is behind it.
SECONDS = 2


#: of gunicorn's master, and of all processes that it has forked since; kept over a reload
_listener: socket.socket | None = None

#: Held from taking a connection on to having answered it. A process that ends in between loses a health check.
_taken_on = threading.Lock()


def listen(bind: str) -> None:
    """For all processes that are forked later, at `host:port` or `unix:/path`. Raises OSError and ValueError."""
    global _listener
    _listener = _listening(bind)


def answer() -> None:
    """In a thread, until this process ends; nothing where nobody listens."""
    if _listener is None:
        return
    server = _Server(_listener)
    threading.Thread(target=server.answer_one_after_the_other, name="liveness", daemon=True).start()


def finish() -> None:
    """Before this process ends: whoever is being answered is, and nobody is taken on after that."""
    _taken_on.acquire(timeout=SECONDS)


def _listening(bind: str) -> socket.socket:
    if bind.startswith("unix:"):
        return _listening_in(Path(bind.removeprefix("unix:")))
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, int(port)), family=family, backlog=64)


def _listening_in(path: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):  # of the one before
            path.unlink()
    listener = socket.socket(socket.AF_UNIX)
    umask = os.umask(0)  # nginx runs as another user, and this tells nothing
    try:
        listener.bind(str(path))
    finally:
        os.umask(umask)
    listener.listen(64)
    return listener


def _nothing_else(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


_answered = health_check(_nothing_else)


class _Handler(BaseHTTPRequestHandler):
    timeout = SECONDS
    server_version, sys_version = "tealgate", ""

    def _respond(self) -> None:
        environ = {"REQUEST_METHOD": self.command, "PATH_INFO": self.path.partition("?")[0], "wsgi.input": self.rfile}
        response = _answered(WSGIRequest(environ))
        self.send_response_only(response.status_code)
        for name, value in response.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.content)

    do_GET = do_HEAD = _respond  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """A line every few seconds would tell nobody anything."""


class _Server(socketserver.BaseServer):
    """On a listener that is there already, which other processes accept from as well."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname(), _Handler)
        self.socket = listener
        listener.setblocking(False)  # another process may have taken it on meanwhile

    def answer_one_after_the_other(self) -> None:
        while True:
            select.select([self], [], [])
            with _taken_on:
                self.handle_request()

    def fileno(self) -> int:
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()  # OSError, where another process was faster, is looked over
        connection.settimeout(SECONDS)
        return connection, address or ("", 0)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle."""

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        request.close()
