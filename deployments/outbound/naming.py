"""Whether the host of an address is known here: asked before anything is sent to it, and within a limit of time."""

import httpx

from deployments.outbound.addresses import Address, resolved
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import place_of

#: As long as somebody looks at a page that asks.
SECONDS = 3.0
_PORTS = {"http": 80, "https": 443}


def addresses_of(url: str, *, seconds: float) -> tuple[Address, ...]:
    """What its host stands for, as a request would find it: by /etc/hosts and DNS, a name like bücher.example in
    Punycode. Raises FetchError: no address, unknown, not known in time, or one where Tealgate does not go."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise _unfit(url) from exc
    if not parsed.host or parsed.scheme not in _PORTS:
        raise _unfit(url)
    return resolved(parsed.raw_host.decode("ascii"), parsed.port or _PORTS[parsed.scheme], seconds=seconds)


def _unfit(url: str) -> FetchError:
    return FetchError(f"{place_of(url)} cannot be asked: an address starts with http:// or https:// and a host.")
