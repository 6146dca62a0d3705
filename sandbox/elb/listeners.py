"""One socket on 127.0.0.1 for each listener.

An AWS port gets the local port that the sandbox was told, else its own number when ordinary users may bind
it, else any free one. Where the first choice is taken another port is used and the listener says so. An HTTPS
listener ends TLS itself, with the certificates that it has on AWS: what ACM or IAM keeps has its key here.
"""

import asyncio
import logging
import socket
from collections.abc import Mapping
from typing import Any

from sandbox.elb.actions import Forward
from sandbox.elb.certificates import context_of
from sandbox.elb.exchange import Settings
from sandbox.elb.loop import EventLoopThread
from sandbox.elb.proxy import Proxy

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
BACKLOG = 1024
READ_LIMIT = 64 * 1024


class Listener:
    """Bound in the calling thread, so that connections queue up from the moment the API call returns."""

    def __init__(
        self,
        loop: EventLoopThread,
        arn: str,
        load_balancer: Any,
        port: int,
        local_port: int | None,
        bound: socket.socket | None = None,
    ) -> None:
        """``bound`` when there was one with this ARN before, whose socket this one goes on with."""
        self.arn = arn
        self.port = port
        self.proxy: Proxy | None = None
        self._loop = loop
        self._load_balancer_arn: str = load_balancer.arn
        self._load_balancer_name: str = load_balancer.name
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.note = ""
        self._socket = bound or self._bind(local_port)
        self.local_port: int | None = self._socket.getsockname()[1] if self._socket else None

    def start(self, proxy: Proxy) -> None:
        self.proxy = proxy
        if self._socket is not None:
            self._loop.call(self._loop.spawn, self._accept(self._socket, proxy))

    def apply(self, settings: Settings) -> None:
        """From now on; a request that has been routed already keeps its target."""
        if self.proxy is not None:
            self.proxy.settings = settings

    def close(self) -> None:
        self._loop.call(self._close)

    @property
    def protocol(self) -> str:
        return self.proxy.settings.protocol if self.proxy else ""

    def socket_again(self) -> socket.socket | None:
        """For another listener: it stays open when this one is closed."""
        return self._socket.dup() if self._socket is not None else None

    def describe(self) -> dict[str, Any]:
        scheme = "https" if self.protocol == "HTTPS" else "http"
        return {
            "ListenerArn": self.arn,
            "LoadBalancerArn": self._load_balancer_arn,
            "LoadBalancerName": self._load_balancer_name,
            "Protocol": self.protocol,
            "Port": self.port,
            "LocalAddress": HOST,
            "LocalPort": self.local_port,
            "Url": f"{scheme}://{HOST}:{self.local_port}" if self.local_port else None,
            "Weights": self._weights(),
            "Note": self.note,
        }

    def _weights(self) -> dict[str, int]:
        """Weight by target group of the first rule that forwards, as the proxy goes by it at this moment."""
        routes = self.proxy.settings.routes if self.proxy else ()
        for route in routes:
            if isinstance(route.action, Forward):
                groups = (group.arn for group in route.action.groups)
                return dict(zip(groups, route.action.weights, strict=True))
        return {}

    def _bind(self, wanted: int | None) -> socket.socket | None:
        for port in dict.fromkeys([wanted or 0, 0]):
            try:
                bound = socket.create_server((HOST, port), backlog=BACKLOG)
            except OSError as error:
                self.note = f"{HOST}:{port} could not be bound: {error.strerror}"
                logger.warning("%s listener on port %s: %s", self._load_balancer_name, self.port, self.note)
            else:
                bound.setblocking(False)
                return bound
        return None

    async def _accept(self, bound: socket.socket, proxy: Proxy) -> None:
        secure = proxy.settings.protocol == "HTTPS"
        tls = context_of(lambda: proxy.settings.certificates) if secure else None
        self._server = await asyncio.start_server(self._connected, sock=bound, limit=READ_LIMIT, ssl=tls)
        if self._socket is None:  # closed in between
            self._server.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        assert self.proxy is not None
        task = self._loop.spawn(self.proxy.serve(reader, writer))
        task.add_done_callback(lambda _: self._connections.discard(writer))

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        elif self._socket is not None:
            self._socket.close()
        self._socket = None
        for writer in list(self._connections):
            writer.transport.abort()


def local_port_for(port: int, listener_ports: Mapping[int, int]) -> int | None:
    """Which local port to try first; None or 0 for any."""
    return listener_ports.get(port, port if port > 1024 else None)
