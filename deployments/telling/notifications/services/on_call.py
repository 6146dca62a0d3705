"""What services for whoever is on call have in common: one incident for one trouble, found again by its key."""

from typing import Final
from urllib.parse import urlsplit

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Outgoing, Sent

#: What wakes somebody up. A gate that waits or a release that is live is no incident.
_WAKES: Final = frozenset({Kind.ROLLBACK_FAILED, Kind.STUCK, *(kind for kind in Kind if kind.is_operators)})
SERVICES: Final = frozenset({"opsgenie", "pagerduty"})
#: Each message of theirs is an incident or an event of its own, and never one of many.
APART: Final = SERVICES | {"eventbridge"}
#: What is sent there a second time by its key changes nothing, so nobody notes whether it arrived the first time.
BY_KEY: Final = SERVICES | {"sns"}
LONGEST_KEY: Final = 255


def hears(service: str, kind: str) -> bool:
    """Whether what is told as this kind goes to such a service; to all others everything does."""
    return service not in SERVICES or kind in _WAKES


def refused(outgoing: Outgoing) -> Sent | None:
    """Why nothing of it goes there; None where it does. What ends a trouble may be a release that is live."""
    if outgoing.does == Does.TELL and outgoing.kind not in _WAKES and outgoing.kind != Kind.TEST:
        return Sent(ok=True, said="Not sent: whoever is on call is told of troubles only.", dropped=True)
    if outgoing.does == Does.TELL and outgoing.content.tone == "good":
        return Sent(ok=True, said="Not sent: it was over before it could be told.", dropped=True)
    if outgoing.does == Does.UPDATE and not outgoing.reference:
        return Sent(ok=True, said="Not sent: there is no incident that it would change.", dropped=True)
    return None


def key(outgoing: Outgoing) -> str:
    """The same for all that is told of one trouble; another Tealgate may tell the same service."""
    place = urlsplit(outgoing.site_url).netloc or "tealgate"
    return f"{place}/{outgoing.thread}"[:LONGEST_KEY]


def severity(outgoing: Outgoing) -> str:
    """In PagerDuty's words."""
    if outgoing.kind == Kind.TEST:
        return "info"
    ends_soon = (Kind.CERTIFICATE_ENDS, Kind.TOKEN_ENDS, Kind.QUEUE_NOT_READ)
    return "warning" if outgoing.kind in ends_soon else "critical"
