"""What Tealgate thinks of a request, and which header or setting said so: for whoever puts proxies in front of it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from deployments.ops.client_address import client_address


@dataclass(frozen=True)
class Line:
    what: str
    value: str
    #: where it is from
    said_by: str
    #: what is wrong with it, and what to do; "" when nothing is
    wrong: str = ""


def lines(request: HttpRequest) -> list[Line]:
    return [_scheme(request), _host(request), _client(request), _path(request)]


def _scheme(request: HttpRequest) -> Line:
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    if settings.PROXY_COUNT and forwarded:
        said_by = f"X-Forwarded-Proto: {forwarded}"
    elif settings.PROXY_COUNT:
        said_by = "the connection, for no proxy sent X-Forwarded-Proto"
    else:
        said_by = "the connection; PROXY_COUNT is 0"
    wanted = settings.SITE_URL.partition(":")[0]
    wrong = "" if request.scheme == wanted else (
        f"SITE_URL says {wanted}. The proxy in front has to send X-Forwarded-Proto, and nginx to have its address in "
        "TRUSTED_PROXIES."
    )  # fmt: skip
    return Line("URL scheme", request.scheme or "", said_by, wrong)


def _host(request: HttpRequest) -> Line:
    host = request.get_host()
    known = settings.SITE_URL.partition("://")[2].partition("/")[0]
    same = split_domain_port(host)[0] == split_domain_port(known)[0]
    wrong = "" if same else f"SITE_URL says {known}: links in messages lead there."
    return Line("Host", host, "Host", wrong)


def _client(request: HttpRequest) -> Line:
    forwarded = request.headers.get("X-Forwarded-For", "")
    count, peer = settings.PROXY_COUNT, request.META.get("REMOTE_ADDR", "") or "a socket of this machine"
    address = client_address(request)
    if count and address != request.META.get("REMOTE_ADDR", ""):
        said_by = f"X-Forwarded-For: {forwarded}, {count} from its end"
    else:
        said_by = f"the connection, from {peer}; PROXY_COUNT is {count}"
    hops = len([part for part in forwarded.split(",") if part.strip()])
    wrong = "" if hops >= count else (
        f"PROXY_COUNT is {count}, and X-Forwarded-For has {hops}: all who come this way share one address, and "
        "one person's wrong passwords close the door for all of them."
    )  # fmt: skip
    return Line("Your address", address, said_by, wrong)


def _path(request: HttpRequest) -> Line:
    below = getattr(settings, "FORCE_SCRIPT_NAME", None) or "/"
    return Line("Path prefix", below, "SITE_URL")
