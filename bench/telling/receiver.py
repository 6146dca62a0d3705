"""Somebody who is told, on loopback: notes when what came, and is away when asked to be."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.stack import free_port


@dataclass(frozen=True)
class Came:
    #: by the clock of the wall, which the rows of Tealgate bear, too
    at: float
    path: str
    title: str
    text: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: A thousand may knock at once.
    request_queue_size = 1024


class Receiver:
    """`slow`: seconds that an answer may take, at random, so that senders die between asking and hearing."""

    def __init__(self, slow: float = 0.0) -> None:
        self.port = free_port()
        self.came: list[Came] = []
        self._slow = slow
        self._server: ThreadingHTTPServer | None = None
        self._changed = threading.Condition()

    def up(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def address(self, path: str) -> str:
        """As apprise writes it: a POST of JSON."""
        return f"json://127.0.0.1:{self.port}/{path}"

    def of(self, path: str) -> list[Came]:
        return [each for each in list(self.came) if each.path == f"/{path}"]

    def by_title(self) -> Counter[str]:
        return Counter(each.title for each in list(self.came))

    def wait_for(self, count: int, within: float, path: str = "") -> bool:
        """Whether so many came by then, counted since the beginning; `path`: there."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.of(path) if path else self.came) >= count, within)

    def _note(self, path: str, body: bytes) -> None:
        """Once it is whole: of whoever is killed half way it is not."""
        said: dict[str, Any] = json.loads(body)
        with self._changed:
            self.came.append(
                Came(time.time(), path.rstrip("/"), str(said.get("title", "")), str(said.get("message", "")))
            )
            self._changed.notify_all()
        if self._slow:
            time.sleep(random.uniform(0, self._slow))

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - two of them are `self`
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return
                receiver._note(self.path, body)
                self.send_response(204)
                self.send_header("Connection", "close")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
