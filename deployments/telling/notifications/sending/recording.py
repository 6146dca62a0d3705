"""What came of a message, written down: on its row, and at its address, which rests while it fails."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from deployments import leased
from deployments.telling.attempts import LONGEST_ASKED, TRIED_FOR, pause_after
from deployments.telling.notifications.models import Message, MessageStatus, NotificationAddress
from deployments.telling.notifications.sending import dead
from deployments.telling.notifications.sending.carrying import Carried

log = structlog.get_logger(__name__)

#: Between two attempts at an address that fails: as long again as it has failed, within these.
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


def record(carried: Carried, holder: str, now: datetime) -> bool:
    """Write down what came of it; whether it came through. Nothing is written where somebody else holds it by now."""
    try:
        return _recorded(carried, holder, now)
    except (OperationalError, InterfaceError):  # nothing can be recorded now
        raise
    except Exception as error:  # else it would be sent again for ever, without a pause and without a word
        log.error("notification.not_recorded", message=carried.parcel.message, error=type(error).__name__)
        return _recorded(_without_the_answer(carried, error), holder, now)


def _recorded(carried: Carried, holder: str, now: datetime) -> bool:
    parcel, sent = carried.parcel, carried.sent
    held = Message.objects.filter(pk=parcel.message, lease_token=holder, status=MessageStatus.WAITING)
    with transaction.atomic():
        # The address's row first, as whoever turns it on or deletes it does: else two would wait for each other.
        address = NotificationAddress.objects.select_for_update().filter(pk=parcel.address).first()
        if address is None:
            return False
        leads_elsewhere = parcel.outgoing is not None and parcel.outgoing.address_url != address.url
        columns = _tried_anew(sent.said, now) if leads_elsewhere and not sent.ok else _columns(carried, address, now)
        if not held.update(**columns, **leased.FREE):
            return False
        if not leads_elsewhere:
            _note_at_address(carried, address, now)
    log.info("notification.attempted", message=parcel.message, service=parcel.service, ok=sent.ok)
    return sent.ok


def _without_the_answer(carried: Carried, error: Exception) -> Carried:
    """Whether it came through still counts: nobody is told twice because of what a service says of it."""
    said = f"What {carried.parcel.service} said of it could not be written down ({type(error).__name__})."
    return Carried(carried.parcel, replace(carried.sent, said=said, reference={}, retry_after=None))


def _columns(carried: Carried, address: NotificationAddress, now: datetime) -> dict[str, object]:
    parcel, sent = carried.parcel, carried.sent
    columns: dict[str, object] = {"said": sent.said, "due_at": now}
    if sent.once:
        columns["maybe_twice"] = False
    elif sent.maybe:
        columns["maybe_twice"] = True
    if sent.dropped:
        return columns | {"status": MessageStatus.DROPPED}
    if sent.ok:
        return columns | {"status": MessageStatus.SENT, "reference": dict(sent.reference)}
    if parcel.attempt.by_hand:
        return columns | {"status": MessageStatus.FAILED}
    if sent.gone:
        return columns
    if parcel.attempt.tried_for >= TRIED_FOR:
        end = f"Given up after {parcel.attempt.number} attempts in {TRIED_FOR.days} days."
        return columns | {"status": MessageStatus.FAILED, "said": f"{sent.said} {end}"}
    asked = _asked(sent.retry_after)
    return columns | {"due_at": now + pause_after(parcel.attempt, asked=asked, longest=LONGEST_REST)}


def _tried_anew(said: str, now: datetime) -> dict[str, object]:
    return {"said": f"{said} The address leads elsewhere by now.", "due_at": now}


def _note_at_address(carried: Carried, address: NotificationAddress, now: datetime) -> None:
    parcel, sent = carried.parcel, carried.sent
    rows = NotificationAddress.objects.filter(pk=address.pk)
    if sent.dropped:
        return
    if sent.ok:
        if address.failing_since:  # what waits for its next attempt need not wait any longer
            address.messages.filter(status=MessageStatus.WAITING, attempts__gt=0, due_at__gt=now).update(due_at=now)
        rows.update(failing_since=None, rests_until=None, delivered_at=now)
    elif sent.gone:
        dead.turn_off(address, "It takes nothing any more.", sent.said, now)
    elif not parcel.attempt.by_hand:
        since = address.failing_since or now
        rows.update(failing_since=since, rests_until=now + _rest(now - since, sent.retry_after))
        if now - since >= TRIED_FOR:
            dead.turn_off(address, f"Nothing came through for {TRIED_FOR.days} days.", sent.said, now)


def _rest(failing_for: timedelta, retry_after: float | None) -> timedelta:
    """So a thousand messages that wait knock once, and not a thousand times, while the service is down."""
    return max(min(max(failing_for, SHORTEST_REST), LONGEST_REST), _asked(retry_after))


def _asked(seconds: float | None) -> timedelta:
    """A service may ask for more seconds than a timedelta holds."""
    return timedelta(seconds=min(max(seconds or 0, 0), LONGEST_ASKED.total_seconds()))
