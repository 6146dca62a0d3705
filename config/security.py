"""Small things that Django leaves to the project."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict

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
        said = (request.path, *_members(request.GET), *request.COOKIES.values(), *_members(request.POST))
        if any("\0" in text for text in said):
            raise SuspiciousOperation("A request with a null character.")
        return get_response(request)

    return middleware


def _members(data: QueryDict) -> Iterator[str]:
    for name, values in data.lists():
        yield name
        yield from values


def client_address(request: HttpRequest) -> str:
    """Who is at the other end, as the outermost of our own proxies saw it.

    A client can put anything into X-Forwarded-For, but only in front of what our proxies append.
    """
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    count: int = settings.PROXY_COUNT
    if count and len(seen) >= count:
        return str(seen[-count])
    address: str = request.META.get("REMOTE_ADDR", "")
    return address
