"""Who is at the other end of a request, behind so many proxies of ours."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """As the outermost of our own proxies saw it.

    A client can put anything into X-Forwarded-For, but only in front of what our proxies append.
    """
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    count: int = settings.PROXY_COUNT
    if count and len(seen) >= count:
        return str(seen[-count])
    address: str = request.META.get("REMOTE_ADDR", "")
    return address


def client_network(request: HttpRequest) -> str | None:
    """What counts as one address: of IPv6 the network of 64 bits, which every customer has to choose from.

    None when the proxies in front told no address.
    """
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False).network_address)
