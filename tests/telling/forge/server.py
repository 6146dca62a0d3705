"""What a stand-in of a forge answers with on loopback, and how it goes wrong on request."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any, dict[str, str]]


class Refusal(Exception):
    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer: Answer = (status, {"message": message}, {k.replace("_", "-"): v for k, v in headers.items()})


class Forge:
    """`answered` is the stand-in's own; what is put into `faults` happens to the next requests, one each."""

    base = ""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.faults: deque[str | Answer] = deque()
        self.lock = threading.Lock()
        self.released = threading.Event()

    def answered(self, method: str, path: str, query: dict[str, str], body: Any, headers: Any) -> Answer:
        raise NotImplementedError

    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path in self.calls if method != "GET"]


def _handler(forge: Forge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            parts = urlsplit(self.path)
            with forge.lock:
                forge.calls.append((self.command, parts.path))
                fault = forge.faults.popleft() if forge.faults else ""
                if isinstance(fault, tuple):
                    return self._send(fault)
                if fault == "hang":
                    forge.lock.release()
                    forge.released.wait(20)
                    forge.lock.acquire()
                    return None
                try:
                    answer = forge.answered(self.command, parts.path, dict(parse_qsl(parts.query)), body, self.headers)
                except Refusal as refusal:
                    answer = refusal.answer
                if fault == "lost":  # it was done, and nobody hears of it
                    self.close_connection = True
                    return None
                return self._send(answer)

        def _send(self, answer: Answer) -> None:
            status, said, headers = answer
            body = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _any

        def log_message(self, *args: Any) -> None:
            """Nothing: the calls are kept."""

    return Handler


@contextmanager
def served(forge: Forge, path: str = "") -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(forge))
    server.daemon_threads = True
    forge.base = f"http://127.0.0.1:{server.server_port}{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        forge.released.set()
        server.shutdown()
        server.server_close()


def ok(said: Any, status: int = 200, **headers: str) -> Answer:
    return status, said, headers


Clock = Callable[[], Any]
