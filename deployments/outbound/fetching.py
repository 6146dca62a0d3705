"""One HTTP request within limits: of time, of size, and of where it may go.

Who may edit an environment chooses addresses that Tealgate's own machine then asks. That must not become a way to
the machine's credentials, so addresses of the metadata services are refused. The check is made on what the name
resolves to, and the connection goes to the very address that was checked: a name server that answers differently
the second time gains nothing. Proxies of the environment are not used, since they would resolve names themselves.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import httpx

CONNECT_SECONDS = 3.0
BODY_LIMIT = 4 * 1024 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # instance and task metadata, task credentials, Amazon's name server
        "fe80::/10",
        "fd00:ec2::/32",  # instance metadata over IPv6
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class FetchError(Exception):
    """No usable answer; the message is a sentence for people. `timed_out` when waiting longer might help."""

    def __init__(self, sentence: str, *, timed_out: bool = False) -> None:
        super().__init__(sentence)
        self.timed_out = timed_out


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`headers` by lower-case name; `body` unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Request:
    """`seconds` is the time for all of it; a body over `limit` bytes is an error."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    seconds: float = 10.0
    limit: int = BODY_LIMIT
    follow_redirects: bool = False


def fetch(request: Request) -> Answer:
    """Send it and read the whole answer, whatever its status. Raises FetchError."""
    place = place_of(request.url)
    _tls()  # not part of what the other side takes
    started = time.monotonic()
    try:
        return _exchange(request, place, started)
    except httpx.TimeoutException as exc:
        raise FetchError(f"{place} did not answer within {request.seconds:g} s.", timed_out=True) from exc
    except httpx.TooManyRedirects as exc:
        raise FetchError(f"{place} redirects in a circle.") from exc
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as exc:
        raise FetchError(f"{place} cannot be asked: an address starts with http:// or https:// and a host.") from exc
    except httpx.ConnectError as exc:
        raise FetchError(f"{place} could not be reached: {_reason(exc)}.") from exc
    except httpx.HTTPError as exc:
        raise FetchError(f"{place} gave no proper HTTP answer: {_reason(exc)}.") from exc


def place_of(url: str) -> str:
    """Host and port for messages: never the path or query, which may hold secrets."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "The address"
    return parsed.netloc.decode("ascii") or "The address"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _exchange(request: Request, place: str, started: float) -> Answer:
    timeout = httpx.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds))
    # Unpacked on request only: a packed body could be far larger than what came over the wire.
    headers = {"User-Agent": "tealgate", "Accept-Encoding": "identity", **request.headers}
    with (
        httpx.Client(transport=_Guarded(verify=_tls()), timeout=timeout, max_redirects=5) as client,
        client.stream(
            request.method,
            request.url,
            headers=headers,
            content=request.content,
            follow_redirects=request.follow_redirects,
        ) as response,
    ):
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > request.limit:
                raise FetchError(f"{place} sent more than {request.limit // 1024} KiB.")
            # httpx limits the wait for each piece; a trickle of pieces must end as well.
            if time.monotonic() - started > request.seconds:
                raise FetchError(f"{place} was not done within {request.seconds:g} s.", timed_out=True)
        lowered = {name.lower(): value for name, value in response.headers.items()}
        seconds = time.monotonic() - started
        return Answer(status=response.status_code, headers=lowered, body=body, seconds=seconds)


@cache
def _tls() -> ssl.SSLContext:
    """Loading the certificate authorities takes longer than most of the requests."""
    return httpx.create_ssl_context()


class _Guarded(httpx.HTTPTransport):
    """Resolves the name itself, refuses forbidden addresses, and connects to the address that it checked."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        addresses = _resolved(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        failure: httpx.ConnectError | None = None
        for address in addresses:
            try:
                return super().handle_request(_pinned(request, host, address))
            except httpx.ConnectError as exc:  # such as no route over IPv6: the next address may do
                failure = exc
        raise failure or httpx.ConnectError(f"no address for {host}", request=request)


def _pinned(request: httpx.Request, host: str, address: Address) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,  # with the Host header of the name
        stream=request.stream,
        # the certificate must be the name's, not the address's
        extensions={**request.extensions, "sni_hostname": host},
    )


def _resolved(host: str, port: int) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:  # UnicodeError: a part of the name is too long for DNS
        raise FetchError(f"The name {host} could not be resolved.") from exc
    # A scope (fe80::1%eth0) only comes with link-local addresses, which are refused anyway.
    addresses = tuple(dict.fromkeys(ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found))
    for address in addresses:
        if _is_forbidden(address):
            raise FetchError(f"{host} is at {address}, a link-local or metadata address: Tealgate does not go there.")
    return addresses


def _is_forbidden(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return _is_forbidden(inside)
    return any(address in network for network in _FORBIDDEN)


def _reason(exc: Exception) -> str:
    return str(exc).rstrip(".") or type(exc).__name__
