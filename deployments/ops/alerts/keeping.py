"""The alerts that are open, against what is seen: raised once, and over once, whoever looks at the same time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from deployments.ops.models import OperatorAlert
from deployments.record.append import Chain, append_event
from deployments.record.models import Event
from deployments.telling.notifications.kinds import Kind
from deployments.words import duration_words

#: Their events' chain in the log.
OPERATIONS: Final = Chain("operations")


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that is not well. `about` tells several of a kind apart; `said`: sentences, with what to do."""

    kind: Kind
    said: str
    since: datetime
    about: str = ""
    #: of what grows more urgent by itself, such as days that are left: another one is told anew
    step: int = 0
    #: who hears of it beside the operators; a user's name
    owner: str = ""


def keep(found: Iterable[Found], *, kinds: Collection[Kind], now: datetime) -> list[Event]:
    """Raise what is new, end what is open of these `kinds` and was not found; what was written in the log."""
    seen = {(each.kind.value, each.about): each for each in found}
    there = {(each.kind, each.about): each for each in OperatorAlert.objects.filter(kind__in=kinds, over_at=None)}
    raised = [raise_(each, now) for key, each in seen.items() if key not in there]
    urged = [_urge(there[key], each, now) for key, each in seen.items() if key in there]
    ended = [end(alert, now) for key, alert in there.items() if key not in seen]
    return [event for event in (*raised, *urged, *ended) if event]


def raise_(found: Found, now: datetime) -> Event | None:
    """None where another one was faster."""
    try:
        with transaction.atomic():
            OperatorAlert.objects.create(
                kind=found.kind, about=found.about, said=found.said, step=found.step, since=found.since, seen_at=now
            )
            return append_event(OPERATIONS, "operations.alert_raised", found.said, now=now, data=_told(found))
    except IntegrityError:
        return None


def end(alert: OperatorAlert, now: datetime) -> Event | None:
    """None where another one was faster."""
    lasted = duration_words((now - alert.since).total_seconds())
    with transaction.atomic():
        if not OperatorAlert.objects.filter(pk=alert.pk, over_at=None).update(over_at=now):
            return None
        data = {"alert": alert.kind, "about": alert.about, "since": alert.since.isoformat()}
        return append_event(
            OPERATIONS, "operations.alert_over", f"Over after {lasted}: {alert.said}", now=now, data=data
        )


def tell_afterwards(found: Found, *, until: datetime, now: datetime) -> Event | None:
    """What nobody could be told while it lasted; None where another one that went through the same has told it."""
    with transaction.atomic():
        same = OperatorAlert.objects.filter(kind=found.kind, about=found.about, over_at__gte=found.since)
        event = append_event(
            OPERATIONS, "operations.alert_over", found.said, now=now, data=_told(found, afterwards=True)
        )
        if same.exists():  # asked under the chain's lock, so that two who went through it do not both tell
            transaction.set_rollback(True)
            return None
        OperatorAlert.objects.create(
            kind=found.kind, about=found.about, said=found.said, since=found.since, seen_at=until, over_at=until
        )
        return event


def _urge(alert: OperatorAlert, found: Found, now: datetime) -> Event | None:
    """It is open, and more urgent than it was told."""
    if alert.step == found.step:
        return None
    with transaction.atomic():
        known = OperatorAlert.objects.filter(pk=alert.pk, over_at=None, step=alert.step)
        if not known.update(step=found.step, said=found.said, seen_at=now):
            return None
        return append_event(OPERATIONS, "operations.alert_raised", found.said, now=now, data=_told(found))


def _told(found: Found, *, afterwards: bool = False) -> dict[str, Any]:
    told = {"alert": found.kind.value, "about": found.about, "since": found.since.isoformat(), "owner": found.owner}
    return {**told, "step": found.step, "afterwards": afterwards}
