"""One log line a request."""

import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from deployments import logs
from deployments.ops import aws_calls
from deployments.ops.client_address import client_address

log = logs.get(__name__)

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._=;:-]{8,128}$")

View = Callable[[HttpRequest], HttpResponse]


def request_log(get_response: View) -> View:
    """Binds a request id, the proxy's when it sent one, and tells how the request went."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        started = time.monotonic()
        with logs.bind(request_id=request_id):
            response = get_response(request)
            _tell(request, response, time.monotonic() - started)
            aws_calls.flush()
        response.headers["X-Request-ID"] = request_id
        return response

    return middleware


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    tell = log.warning if response.status_code >= 500 else log.info
    tell(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(seconds * 1000),
        person=_person(request),
        client=client_address(request),
    )


def _person(request: HttpRequest) -> str:
    """Or a token. Only when somebody asked already: a log line should not cost a query."""
    if token := getattr(request, "tealgate_token", ""):
        return f"token {token}"
    user = getattr(request, "_cached_user", None)
    return user.get_username() if user is not None and user.is_authenticated else ""
