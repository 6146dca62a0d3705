"""Small things that Django leaves to the project."""

from collections.abc import Callable, Iterator

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render

LONGEST_ORIGIN = 200
_OF_ORIGINS = REASON_BAD_ORIGIN.partition("%")[0]

# The admin's theme evaluates Alpine expressions that stand in its templates, hence the two unsafe words.
# What is left still keeps other sites from framing pages, and keeps data and forms from leaving.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response

    return middleware


def no_null_characters(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nobody types one, and PostgreSQL keeps none: it would end as an error of the server, wherever it comes first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        said = (request.path, *_members(request.GET), *request.COOKIES.values(), *_members(_form(request)))
        if any("\0" in text for text in said):
            raise SuspiciousOperation("A request with a null character.")
        return get_response(request)

    return middleware


def _form(request: HttpRequest) -> QueryDict:
    """The API and chats take none, whatever the body is called: once read as one it could not be read as it came."""
    return QueryDict() if request.path_info.startswith(("/api/", "/chat/")) else request.POST


def _members(data: QueryDict) -> Iterator[str]:
    for name, values in data.lists():
        yield name
        yield from values


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Which of the two it is: a form that is out of date, or one from an address that is not known as ours."""
    origin = request.META.get("HTTP_ORIGIN", "") if reason.startswith(_OF_ORIGINS) else ""
    return render(request, "403_csrf.html", {"origin": origin[:LONGEST_ORIGIN]}, status=403)
