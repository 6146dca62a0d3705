"""`python -m config.alive`: exits 0 when the web server of this container answers /healthz, 1 when it does not.

For the health check of a container engine; the image has no curl. It asks where
WEB_HEALTH_BIND, or else WEB_BIND, says that gunicorn listens.

`python -m config.alive worker` does the same for the worker, by the sign of life that its parent process gives.
"""

import os
import socket
import sys
import time
from collections.abc import Sequence

from deployments.ops.worker import sign_of_life

SECONDS = 3
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def main(words: Sequence[str] = ()) -> int:
    if words not in ([], (), ["web"], ["worker"]):
        print("python -m config.alive [web | worker]", file=sys.stderr)
        return 2
    return _worker() if list(words) == ["worker"] else _web()


def _worker() -> int:
    age = sign_of_life.age(time.time())
    if age is None or age > sign_of_life.SILENT_SECONDS:
        said = "has not given a sign of life" + (f" for {age:.0f} s" if age else "")
        print(f"The worker of this container {said}.", file=sys.stderr)
        return 1
    return 0


def _web() -> int:
    bind = os.environ.get("WEB_HEALTH_BIND") or os.environ.get("WEB_BIND") or "127.0.0.1:8000"
    try:
        with _connected(bind) as connection:
            connection.sendall(REQUEST)
            status = connection.recv(12)
    except (OSError, ValueError) as error:
        print(f"{bind} does not answer: {error}", file=sys.stderr)
        return 1
    if status != b"HTTP/1.1 200":
        print(f"{bind} answers {status!r}", file=sys.stderr)
        return 1
    return 0


def _connected(bind: str) -> socket.socket:
    if bind.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        connection.connect(bind.removeprefix("unix:"))
        return connection
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    return socket.create_connection(("127.0.0.1" if host in ("", "0.0.0.0") else host, int(port)), SECONDS)  # noqa: S104


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
