"""moto's server: one WSGI application for all its services, on a socket of ours, and its state for a new beginning."""

import functools
import socket
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends
from moto.moto_api._internal import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from sandbox.skew import Skew


class PortTaken(Exception):
    """Something else listens on the sandbox's port."""


_services: dict[str | None, Any] = {}  # by host


class QuietHandler(MotoRequestHandler):
    skew = Skew()

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Every poll of every client would be a line."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return str(super().date_time_string(timestamp or self.skew.seconds_since_1970()))


class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc,unused-ignore]
    """moto's, which else tries the address patterns of all its services for each request."""

    def __init__(self) -> None:
        super().__init__(_backend_app)

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in _services:
            _services[host] = super().get_backend_for_host(host)
        return _services[host]


#: One for each service, which knows its addresses and nothing of its state: for all sandboxes of this process.
_apps = functools.cache(create_backend_app)


def _backend_app(service: Any) -> Any:
    # Making an app makes the service's backend, whose identifiers are to be the same in every sandbox.
    backends = get_backend(service)
    if isinstance(backends, BackendDict):
        regions = backends[DEFAULT_ACCOUNT_ID]
        regions["us-east-1" if "us-east-1" in regions else "aws"]
    return _apps(service)


def listen(port: int, skew: Skew) -> Any:
    """A server whose application is set once it is there. Raises PortTaken."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(f"Port {port} on 127.0.0.1 is taken: choose another with --port.") from error
        listener.listen(128)
        bound = listener.getsockname()[1]
        handler = type("Handler", (QuietHandler,), {"skew": skew})
        return make_server("127.0.0.1", bound, None, threaded=True, request_handler=handler, fd=listener.fileno())


def forget_everything() -> None:
    """moto's state in this process, all of it.

    A backend of Auto Scaling that is reset makes a new one of EC2, which would be there before the seed and change
    every identifier after it. One of EC2 that is reset makes a thousand images, to be forgotten at once.
    """
    autoscaling_backends.clear()
    ec2_backends.clear()
    moto_api_backend.reset()
