"""Certificates, seen as everybody sees them: by a TLS handshake with our own address, and with those of environments.

Of an environment these are its production and test URL and the receivers of its webhooks, as far as they are https.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from deployments import logs
from deployments.catalog.models import Environment, Webhook
from deployments.catalog.models.retiring import IN_USE
from deployments.ops.models import Certificate
from deployments.outbound import certificate
from deployments.outbound.errors import FetchError

log = logs.get(__name__)

EVERY: Final = timedelta(hours=6)
#: Of what environments name.
EVERY_DAY: Final = timedelta(days=1)
#: Seconds after which no further one is looked at in one go: one that hangs takes three times certificate.SECONDS.
LONGEST: Final = 10.0
#: Of the column that tells alerts apart.
_LONGEST_HOST: Final = 190


class Place(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def is_due(now: datetime) -> bool:
    return bool(_due(now, named()))


def look(now: datetime) -> None:
    """At those that are due, the longest unseen first: a few in one go."""
    found = named()
    Certificate.objects.exclude(host__in=map(str, found)).delete()  # nobody names it any more
    ends = time.monotonic() + LONGEST
    for place in _due(now, found):
        _look(place, now)
        if time.monotonic() > ends:
            return


def named() -> dict[Place, tuple[str, ...]]:
    """The environments that name each place; none for our own. Two queries."""
    own = _place(settings.SITE_URL)
    found: dict[Place, set[str]] = {own: set()} if own else {}
    for url, environment in _urls():
        if (place := _place(url)) and place != own:
            found.setdefault(place, set()).add(environment)
    return {place: tuple(sorted(environments)) for place, environments in found.items()}


def _urls() -> Iterator[tuple[str, str]]:
    for environment in Environment.objects.filter(IN_USE).select_related("application"):
        yield environment.production_url, str(environment)
        yield environment.test_url, str(environment)
    hooks = Webhook.objects.filter(environment__retired_at__isnull=True, url__startswith="https:")
    for hook in hooks.select_related("environment__application"):
        yield hook.url, str(hook.environment)


def _place(url: str) -> Place | None:
    """None where it speaks no TLS, or is no address at all."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return None
    return Place(host, port) if parts.scheme == "https" and host and len(host) <= _LONGEST_HOST else None


def _due(now: datetime, found: dict[Place, tuple[str, ...]]) -> list[Place]:
    seen = dict(Certificate.objects.values_list("host", "looked_at"))
    waits = [
        (seen.get(str(place)), place)
        for place, environments in found.items()
        if _is_late(seen.get(str(place)), now, EVERY_DAY if environments else EVERY)
    ]
    return [place for at, place in sorted(waits, key=lambda each: each[0] or datetime.min.replace(tzinfo=UTC))]


def _is_late(at: datetime | None, now: datetime, every: timedelta) -> bool:
    return at is None or not now - every < at <= now


def _look(place: Place, now: datetime) -> None:
    """What it shows, or why it could not be seen: many networks do not let a host reach itself by its outer name."""
    try:
        ends_at = certificate.ends_at(*place)
    except FetchError as error:
        log.warning("certificate.not_seen", host=str(place), said=str(error))
        Certificate.objects.update_or_create(host=str(place), defaults={"looked_at": now, "said": str(error)})
        return
    Certificate.objects.update_or_create(host=str(place), defaults={"looked_at": now, "ends_at": ends_at, "said": ""})
