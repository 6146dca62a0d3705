"""What a name resolves to, and where Tealgate does not go.

Who may edit an environment chooses addresses that Tealgate's own machine then asks. That must not become a way to
the machine's credentials, so addresses of the metadata services are refused, also where an IPv6 address only wraps
them: what translates it on the way (NAT64, 6to4, Teredo) would go there.
"""

import ipaddress
import queue
import socket
import threading
from collections.abc import Iterator
from typing import Any

from deployments.outbound.errors import FetchError, PrivateAddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LOOPBACK = ipaddress.IPv6Address("::1")
_UNSPECIFIED = ipaddress.IPv6Address("::")
_FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # instance and task metadata, task credentials, Amazon's name server
        "fe80::/10",
        "fd00:ec2::/32",  # instance metadata over IPv6
        "64:ff9b:1::/48",  # NAT64 of a site's own: where in it the IPv4 address stands is known to that site only
    )
)
#: What Python's tables call global, some of them until a later version: IANA does not.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4's relays, which are no more
        "100:0:0:1::/64",  # a prefix for tests and nothing else
        "3fff::/20",  # for documentation
        "5f00::/16",  # segments of a network's own routing
        "fec0::/10",  # a site's own, which some still use
    )
)
_COMPATIBLE = ipaddress.IPv6Network("::/96")
#: An IPv4 address in the last 32 bits.
_ENDING_IN_IPV4 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "64:ff9b::/96",  # NAT64
        "::ffff:0:0:0/96",  # IPv4-translated, of SIIT
    )
)
#: The interface identifiers of ISATAP, which end in an IPv4 address under any prefix.
_ISATAP = (0x00005EFE, 0x02005EFE)


def resolved(host: str, port: int, *, seconds: float, public: bool = False) -> tuple[Address, ...]:
    """All that the name stands for. Raises FetchError: unknown, not known in time, or one is forbidden.

    `public`: one that the Internet does not reach is forbidden, too, and raises PrivateAddress.
    """
    literal = _literal(host)
    addresses = (literal,) if literal else _looked_up(host, port, seconds)
    for address in addresses:
        if is_forbidden(address):
            raise FetchError(f"{host} is at {address}, a link-local or metadata address: Tealgate does not go there.")
        if public and not is_public(address):
            raise PrivateAddress(
                f"{host} is at {address}, a private address, which only the network around here reaches."
            )
    return addresses


def is_public(address: Address) -> bool:
    """An address that only wraps another one is as public as that."""
    inside = _wrapped(address) if isinstance(address, ipaddress.IPv6Address) else ()
    return not address.is_multicast and all(_is_global(each) for each in (address, *inside))


def _is_global(address: Address) -> bool:
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


def is_forbidden(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return _stands_in(address)
    if _is_ipv4_compatible(address):
        return True
    return _stands_in(address) or any(_stands_in(inside) for inside in _wrapped(address))


def literal_refusal(host: str, *, public: bool) -> str:
    """Why an address written as numbers is not gone to; "" for names, which are looked up when they are asked."""
    address = _literal(host)
    if address and is_forbidden(address):
        return f"{host} is a link-local or metadata address: Tealgate does not go there."
    if address and public and not is_public(address):
        return f"{host} is a private address, which only the network around here reaches."
    return ""


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looked_up(host: str, port: int, seconds: float) -> tuple[Address, ...]:
    # A scope (fe80::1%eth0) only comes with link-local addresses, which are refused anyway.
    found = (str(each[4][0]).split("%")[0] for each in _answered(host, port, seconds))
    return tuple(dict.fromkeys(ipaddress.ip_address(each) for each in found))


def _answered(host: str, port: int, seconds: float) -> list[Any]:
    """In a thread of its own, because nothing else ends getaddrinfo while a name server keeps it waiting."""
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as exc:  # raised again where somebody waits for it
            answers.put(exc)

    threading.Thread(target=look_up, daemon=True, name=f"resolving {host}").start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except queue.Empty as exc:
        raise FetchError(f"The name {host} was not resolved in time.", timed_out=True) from exc
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        raise FetchError(f"The name {host} could not be resolved: no name server answered.") from answer
    if isinstance(answer, OSError | UnicodeError):  # UnicodeError: a part of the name is too long for DNS
        raise FetchError(f"The name {host} could not be resolved.") from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


def _stands_in(address: Address) -> bool:
    return any(address in network for network in _FORBIDDEN)


def _is_ipv4_compatible(address: ipaddress.IPv6Address) -> bool:
    """::a.b.c.d, which no network uses any more and some systems still translate."""
    return address in _COMPATIBLE and address not in (_LOOPBACK, _UNSPECIFIED)


def _wrapped(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    yield from address.teredo or ()
    last, before = int(address) & 0xFFFFFFFF, int(address) >> 32 & 0xFFFFFFFF
    if before in _ISATAP or any(address in network for network in _ENDING_IN_IPV4):
        yield ipaddress.IPv4Address(last)
