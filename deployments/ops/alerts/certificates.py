"""The certificate of our own address, seen as everybody sees it: by a TLS handshake with SITE_URL's host."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from deployments import logs
from deployments.ops.models import Certificate
from deployments.outbound import certificate
from deployments.outbound.errors import FetchError

log = logs.get(__name__)

EVERY: Final = timedelta(hours=6)


def is_due(now: datetime) -> bool:
    if not (place := _place()):
        return False
    return not Certificate.objects.filter(host=f"{place[0]}:{place[1]}", looked_at__gt=now - EVERY).exists()


def look(now: datetime) -> None:
    """What it shows, or why it could not be seen: many networks do not let a host reach itself by its outer name."""
    if not (place := _place()):
        return
    host = f"{place[0]}:{place[1]}"
    Certificate.objects.exclude(host=host).delete()  # of another SITE_URL
    try:
        ends_at = certificate.ends_at(*place)
    except FetchError as error:
        log.warning("certificate.not_seen", host=host, said=str(error))
        Certificate.objects.update_or_create(host=host, defaults={"looked_at": now, "said": str(error)})
        return
    Certificate.objects.update_or_create(host=host, defaults={"looked_at": now, "ends_at": ends_at, "said": ""})


def _place() -> tuple[str, int] | None:
    """None where SITE_URL speaks no TLS."""
    parts = urlsplit(settings.SITE_URL)
    return (parts.hostname, parts.port or 443) if parts.scheme == "https" and parts.hostname else None
