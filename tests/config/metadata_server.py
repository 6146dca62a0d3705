"""What AWS puts at 169.254.170.2 and 169.254.169.254, on loopback, as strict as there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "a-token-of-the-day"


@dataclass
class Metadata:
    """`answers` by path: text, bytes, or a callable that gets the handler and answers on its own."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    #: set when the test is over, so that whoever hangs may go
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(**answers: Any) -> Iterator[Metadata]:
    metadata = Metadata()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            given = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            forwarded = "X-Forwarded-For" in self.headers
            self._answer(TOKEN if given.isdigit() and 1 <= int(given) <= 21600 and not forwarded else None, 400)

        def do_GET(self) -> None:
            shown = self.headers.get("X-aws-ec2-metadata-token")
            if self.path.startswith("/latest/") and shown != TOKEN:
                self._answer(None, 401)
            else:
                self._answer(metadata.answers.get(self.path), 404)

        def _answer(self, found: Any, otherwise: int) -> None:
            metadata.asked.append(f"{self.command} {self.path}")
            if self.command == "PUT" and self.path in metadata.answers:
                found = metadata.answers[self.path]
            if callable(found):
                self.close_connection = True
                found(self)
                return
            body = (found if isinstance(found, bytes) else (found or "").encode()) if found is not None else b"refused"
            self.send_response(200 if found is not None else otherwise)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    metadata.url = f"http://127.0.0.1:{server.server_port}"
    metadata.answers = answers
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield metadata
    finally:
        metadata.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
