"""The program inside every image: a small web site, or a one-off command.

    main(VERSION, BEHAVIOUR, ERROR_SHARE, SECONDS, HOST, PORT, [COMMAND, ...])

It must start in a blink, hundreds of times in the tests, so it uses only light modules (no http.server, asyncio,
threading or json), under ``python -S -E``, and is imported, not run: nobody compiles it again. What the image does:

    version      what / and /version answer
    behaviour    ok | errors | unhealthy | crash | slow_start | latency | migration_fails | exec_format_error | hang
                 | deadlock | out_of_memory
    error_share  of requests to / that answer 500 (errors)
    seconds      until healthy (slow_start), added to every answer (latency), until the end (crash, out_of_memory),
                 until it answers nothing any more, though it still accepts connections (hang), or nothing but its
                 health check (deadlock); any other command than a server takes as long, but for the last three

On SIGTERM it stops accepting, finishes the requests in flight, closes idle connections and exits 0. It ends
at once when its standard input closes, because then the sandbox is gone.
"""

import _thread
import os
import signal
import socket
import time

GOOD_AT_FIRST = ("hang", "deadlock", "out_of_memory")
SERVERS = ("gunicorn", "uvicorn", "daphne", "runserver", "serve", "worker")
REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}
PAGE = """<!doctype html><html lang="en"><head><title>Storefront {version}</title></head>
<body><h1>Storefront</h1><p>Version <strong>{version}</strong></p><p>Served by {host}</p></body></html>
"""


class Terminated(Exception):
    pass


def log(message: str) -> None:
    os.write(1, (message + "\n").encode())


class Site:
    def __init__(self, version: str, behaviour: str, error_share: float, seconds: float, host: str, port: int) -> None:
        self.version = version
        self.behaviour = behaviour
        self.error_share = error_share
        self.seconds = seconds
        self.host = host
        self.port = port
        self.started = time.monotonic()
        self.stopping = False
        self.lock = _thread.allocate_lock()
        self.errors_owed = 0.0
        self.idle: set[socket.socket] = set()
        #: each with a lock that is held as long as it is served
        self.connections: dict[socket.socket, _thread.LockType] = {}

    def run(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        listener.listen(256)
        if self.behaviour == "out_of_memory":
            _thread.start_new_thread(self.be_killed, ())
        log(f"Booting version {self.version}, listening on {self.host}:{self.port}")
        if self.behaviour == "crash":
            time.sleep(self.seconds)
            log("RuntimeError: could not connect to the database: connection refused")
            os._exit(1)
        # Shutting the listener down wakes accept; an exception from a signal handler could strike between
        # accepting a connection and serving it.
        signal.signal(signal.SIGTERM, lambda signum, frame: listener.shutdown(socket.SHUT_RDWR))
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            with self.lock:
                self.connections[connection] = _thread.allocate_lock()
                self.connections[connection].acquire()
                self.idle.add(connection)
            _thread.start_new_thread(self.serve, (connection,))
        self.stop(listener)

    def be_killed(self) -> None:
        """As the kernel does to whoever takes more memory than there is: no last word, and 128 + SIGKILL."""
        time.sleep(self.seconds)
        os._exit(137)

    def stop(self, listener: socket.socket) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
        log("SIGTERM received, finishing requests in flight")
        with self.lock:
            self.stopping = True
            for connection in self.idle:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue  # the client was quicker
            unfinished = list(self.connections.values())
        listener.close()
        for served in unfinished:
            served.acquire(True, 120)
        log("Shutting down")

    def serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    if not (data := connection.recv(65536)):
                        return
                    received += data
                with self.lock:
                    self.idle.discard(connection)
                head, _, received = received.partition(b"\r\n\r\n")
                received, keep = self.exchange(connection, head, received)
                with self.lock:
                    if not keep or self.stopping:
                        return
                    self.idle.add(connection)
        except OSError:
            return  # the client went away
        finally:
            with self.lock:
                self.idle.discard(connection)
                served = self.connections.pop(connection)
            connection.close()
            served.release()

    def exchange(self, connection: socket.socket, head: bytes, received: bytes) -> tuple[bytes, bool]:
        lines = head.decode("latin-1").split("\r\n")
        method, target, protocol = (lines[0].split(" ") + ["", "", ""])[:3]
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length") or 0)
        while len(received) < length:
            if not (data := connection.recv(65536)):
                raise OSError("incomplete request")
            received += data
        received = received[length:]
        if self.behaviour == "latency":
            time.sleep(self.seconds)
        path = target.partition("?")[0]
        if self.hangs(path) and time.monotonic() - self.started >= self.seconds:
            time.sleep(3600)
        status, content_type, body = self.answer(path, headers.get("accept", ""))
        wanted = headers.get("connection", "").lower()
        keep = wanted != "close" and (protocol == "HTTP/1.1" or wanted == "keep-alive") and not self.stopping
        answer = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\nX-Version: {self.version}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        ).encode()
        connection.sendall(answer if method == "HEAD" else answer + body)
        if path == "/healthz" and status == 200:
            return received, keep  # its log is for people, who would see nothing else
        client = headers.get("x-forwarded-for", "-")
        log(f'{client} "{method} {target} {protocol}" {status} {len(body)} "{headers.get("user-agent", "-")}"')
        return received, keep

    def answer(self, path: str, accept: str) -> tuple[int, str, bytes]:
        if path == "/healthz":
            return self.health()
        if path == "/version":
            return 200, "text/plain", self.version.encode()
        if path != "/":
            return 404, "text/plain", b"Not found\n"
        if self.fails():
            log("ERROR KeyError: 'price' in storefront/views.py line 41")
            return 500, "text/plain", b"Server error\n"
        if "text/html" in accept:
            page = PAGE.format(version=self.version, host=self.host)
            return 200, "text/html; charset=utf-8", page.encode()
        body = f'{{"version": "{self.version}", "host": "{self.host}", "pid": {os.getpid()}}}'
        return 200, "application/json", body.encode()

    def hangs(self, path: str) -> bool:
        return self.behaviour == "hang" or (self.behaviour == "deadlock" and path != "/healthz")

    def health(self) -> tuple[int, str, bytes]:
        if self.behaviour == "unhealthy":
            log("ERROR health check failed: cache at cache.internal:6379 does not answer")
            return 503, "text/plain", b"cache unreachable\n"
        if self.behaviour == "slow_start" and time.monotonic() - self.started < self.seconds:
            return 503, "text/plain", b"warming up\n"
        return 200, "text/plain", b"ok\n"

    def fails(self) -> bool:
        """An even share rather than dice, so that a demo and a test see what the image promises."""
        if self.behaviour != "errors":
            return False
        with self.lock:
            self.errors_owed += self.error_share
            if self.errors_owed < 1 - 1e-9:
                return False
            self.errors_owed -= 1
            return True


def run_command(behaviour: str, seconds: float, command: list[str]) -> int:
    log("$ " + " ".join(command))
    if behaviour not in GOOD_AT_FIRST:
        time.sleep(seconds)
    if behaviour == "migration_fails":
        log("Applying orders.0007_unique_reference...")
        log("django.db.utils.IntegrityError: could not create unique index: Key (reference)=(2041) is duplicated.")
        return 1
    if "migrate" in command:
        log("Operations to perform:\n  Apply all migrations: auth, orders, sessions\nRunning migrations:")
        log("  Applying orders.0007_unique_reference... OK")
    else:
        log("Done")
    return 0


def end_with_the_sandbox() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def terminate(signum: int, frame: object) -> None:
    raise Terminated


def main(version: str, behaviour: str, error_share: str, seconds: str, host: str, port: str, *command: str) -> None:
    # Not sys.exit: waiting for the thread that watches the sandbox would never end.
    os._exit(run(Site(version, behaviour, float(error_share), float(seconds), host, int(port)), list(command)))


def run(site: Site, command: list[str]) -> int:
    _thread.start_new_thread(end_with_the_sandbox, ())
    if site.behaviour == "exec_format_error":
        log(f"exec {command[0] if command else '/usr/local/bin/gunicorn'}: exec format error")
        return 1
    signal.signal(signal.SIGTERM, terminate)
    try:
        if command and not any(server in word for word in command for server in SERVERS):
            return run_command(site.behaviour, site.seconds, command)
        site.run()
    except Terminated:
        log("SIGTERM received")
    except OSError as error:
        log(f"OSError: cannot listen on {site.host}:{site.port}: {error.strerror}")
        return 1
    return 0
