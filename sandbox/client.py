"""boto3 clients that call the sandbox's WSGI application in the same process, without a socket."""

import io
from typing import Any, ClassVar
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from sandbox.account import REGION


class _Raw(io.BytesIO):
    """The little of a urllib3 response that botocore looks at."""

    def stream(self, **kwargs: Any) -> Any:
        yield self.read()


# Shared, because reading the API models takes longer than everything else.
_session = botocore.session.Session()


class InProcess:
    """There is one sandbox at a time, so that the clients of a process are made once, and ask whichever runs."""

    _application: ClassVar[Any] = None
    _clients: ClassVar[dict[tuple[str, str], Any]] = {}

    def __init__(self, application: Any, region: str = REGION) -> None:
        InProcess._application = application
        self._region = region

    def __call__(self, service: str, region: str = "") -> Any:
        """In the region that the sandbox is seeded in, or in another."""
        named = service, region or self._region
        if named not in self._clients:
            client = _session.create_client(
                service,
                region_name=named[1],
                endpoint_url="http://127.0.0.1",
                aws_access_key_id="sandbox",
                aws_secret_access_key="sandbox",
                # S3's checksums would come as a trailer of a chunked body, which takes a socket.
                config=Config(request_checksum_calculation="when_required", user_agent="sandbox"),
            )
            client.meta.events.register("before-send", self._send)
            self._clients[named] = client
        return self._clients[named]

    @classmethod
    def _send(cls, request: Any, **kwargs: Any) -> AWSResponse:
        body = request.body.read() if hasattr(request.body, "read") else request.body
        environ = environ_of(request.method, request.url, dict(request.headers), body or b"")
        status, headers, body = perform(cls._application, environ)
        return AWSResponse(request.url, status, headers, _Raw(body))


def environ_of(method: str, url: str, headers: dict[str, Any], body: bytes | str) -> dict[str, Any]:
    parts = urlsplit(url)
    body = body.encode() if isinstance(body, str) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path or "/",
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "127.0.0.1",
    }
    for name, value in headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return environ


def perform(application: Any, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request to a WSGI application."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started[:] = [int(status.split()[0]), {name.lower(): value for name, value in headers}]

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return started[0], started[1], body
