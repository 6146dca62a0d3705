"""Handing a parcel to its service; it needs no database."""

import functools
import threading
from dataclasses import dataclass, replace

import structlog

from deployments.outbound.messaging import posting
from deployments.telling.attempts import Attempt
from deployments.telling.notifications import plain, services
from deployments.telling.notifications.models import NotificationAddress
from deployments.telling.notifications.services import Adapter, Outgoing, Sent

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parcel:
    """One attempt: what to send, and whose it is. `refusal` instead of `outgoing` where nothing can be sent."""

    message: int
    address: int
    service: str
    attempt: Attempt
    outgoing: Outgoing | None
    refusal: str = ""
    #: whether it is not tried again either
    is_dropped: bool = False

    @property
    def row(self) -> int:
        return self.message

    @property
    def goes_to(self) -> int:
        return self.address


@dataclass(frozen=True)
class Carried:
    parcel: Parcel
    sent: Sent


def prepare() -> bool:
    """Have apprise loaded before the first message waits for it: that takes a second. No, while nothing goes by it."""
    on = NotificationAddress.objects.filter(is_on=True).order_by().values_list("service", flat=True).distinct()
    if not any(services.is_by_apprise(service) for service in on):
        return False
    threading.Thread(target=posting.prepare, name="apprise", daemon=True).start()
    return True


def send(parcel: Parcel) -> Carried:
    """Once; it raises nothing: what a service's library fails by is said as what came of it."""
    if parcel.outgoing is None:
        return Carried(parcel, Sent(ok=False, said=parcel.refusal, dropped=parcel.is_dropped))
    try:
        sent = _adapter_of(parcel.service).send(parcel.outgoing)
    except Exception as error:  # a library's own, which may quote the address
        log.error("notification.not_sent", message=parcel.message, service=parcel.service, error=type(error).__name__)
        said = f"Not sent: Tealgate's way to {parcel.service} failed ({type(error).__name__}). It is tried again."
        return Carried(parcel, Sent(ok=False, said=said, maybe=True))
    # A service's own words may hold what no database keeps, and what comes of it must be kept.
    return Carried(parcel, replace(sent, said=plain.line(sent.said)))


def not_sent(parcel: Parcel, said: str) -> Carried:
    return Carried(parcel, Sent(ok=False, said=said))


@functools.cache
def _adapter_of(service: str) -> Adapter:
    return services.adapter_of(service)
