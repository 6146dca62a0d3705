"""Who is at the other end of a request, behind so many proxies of ours."""

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
