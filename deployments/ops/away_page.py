"""What a page answers while the database is away: that it is, instead of an error of ours and its traceback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from deployments import logs
from deployments.ops import outages
from deployments.words import in_one_line

log = logs.get(__name__)

#: Whoever sent a form has to look first whether it was taken.
RETRY_SECONDS = 5


class AwayPage:
    """Middleware: a 503 with a sentence for whatever a view raised because the database did not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, outages.AWAY):
            return None
        log.error("the database does not answer", during="a page", error=in_one_line(error))
        response = render(None, "503.html", status=503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        response.headers["Cache-Control"] = "no-store"
        return response
