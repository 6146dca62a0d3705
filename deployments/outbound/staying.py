"""Redirects that stay where the question was put: at one address, whatever name it is asked under.

A redirect to production would have the live release checked in the place of the new one, and one to anywhere else
could lead to what only Tealgate's machine reaches. So a place is never left: of where a redirect leads, only path and
query are taken, when the rest names the place that was asked.
"""

import time
from dataclasses import replace
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch, place_of

MOST = 5
REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}


def fetch_staying(request: Request) -> Answer:
    """The last answer: a redirect only if it leads away, or back to what was asked before. Raises FetchError.

    `request.seconds` is the time for all of them.
    """
    ends, started, asked = time.monotonic() + request.seconds, time.monotonic(), {request.url}
    for _ in range(MOST + 1):
        answer = fetch(replace(request, seconds=max(ends - time.monotonic(), 0)))
        url = led_to(request, answer)
        if not url or url in asked:
            return replace(answer, seconds=time.monotonic() - started)
        asked.add(url)
        request = replace(request, url=url)
    raise FetchError(f"{place_of(request.url)} redirects more than {MOST} times.")


def led_to(request: Request, answer: Answer) -> str:
    """The address at the same place that a redirect means; "" for no redirect, or one to somewhere else."""
    location = answer.headers.get("location", "")
    if answer.status not in REDIRECTS or not location:
        return ""
    try:
        here, as_seen = urlsplit(request.url), _as_seen(request)
        wanted = urlsplit(urljoin(as_seen.geturl(), location))
        if not _is_at(wanted, (here, as_seen)):
            return ""
    except ValueError:  # a port that is no number, a bracket that is not closed
        return ""
    return here._replace(path=wanted.path or "/", query=wanted.query, fragment="").geturl()


def _as_seen(request: Request) -> SplitResult:
    """The address that the application was asked under, going by the headers."""
    headers, url = httpx.Headers(request.headers), urlsplit(request.url)
    return url._replace(
        scheme=headers.get("X-Forwarded-Proto", url.scheme).lower(), netloc=headers.get("Host", url.netloc)
    )


def _is_at(wanted: SplitResult, places: tuple[SplitResult, SplitResult]) -> bool:
    """Mixed as well: a load balancer adds its own port to the name that it was asked under."""
    return (
        wanted.username is None
        and wanted.scheme in {place.scheme for place in places}
        and wanted.hostname in {place.hostname for place in places}
        and _port(wanted) in {_port(place) for place in places}
    )


def _port(url: SplitResult) -> int | None:
    return url.port or _PORTS.get(url.scheme)
