"""A server on loopback that speaks HTTP as badly as a test wants it to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def behaving(behaviour: Behaviour) -> Iterator[str]:
    """`behaviour` has the connection of each client, and an event that is set when the test is over. Gives the URL."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may leave whenever it likes
            behaviour(connection, over)

    def listen() -> None:
        with suppress(OSError):  # closed
            while True:
                threads.append(threading.Thread(target=serve, args=listener.accept()[:1]))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening = threading.Thread(target=listen)
        listening.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            listening.join()
            for thread in threads:
                thread.join()


def trickling(said: bytes, *, at_once: int = 0) -> Behaviour:
    """A byte each 50 ms after the first `at_once`: no single wait is long, all of them together are."""

    def trickle(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(said[:at_once])
        for byte in said[at_once:]:
            if over.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    return trickle


def saying(said: bytes) -> Behaviour:
    def say(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(said)

    return say
