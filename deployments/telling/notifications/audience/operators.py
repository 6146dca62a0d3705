"""Who hears of what is about Tealgate itself: whoever may see its queue, and the operators' channels."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from deployments.people import holders
from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.audience.wanting import channels, wants, with_preference
from deployments.telling.notifications.kinds import Kind

_KINDS = {kind.value: kind for kind in Kind if kind.is_operators}
#: Of the column.
_LONGEST_THREAD = 120


def kind_of(event: Event) -> Kind | None:
    """What an operators' alert is about; None for every other event, and for what another version alone knows."""
    if event.kind not in (Happened.OPERATIONS_ALERT_RAISED, Happened.OPERATIONS_ALERT_OVER):
        return None
    return _KINDS.get(event.data.get("alert", ""))


def is_over(event: Event) -> bool:
    """Whether it ends what was told before. What could not be told while it lasted is told afterwards."""
    return event.kind == Happened.OPERATIONS_ALERT_OVER and not event.data.get("afterwards")


def thread_of(event: Event) -> str:
    """What is too long for the column is told apart by its hash: such are roles that begin alike."""
    alert, about = event.data.get("alert"), str(event.data.get("about", ""))
    thread = f"operations:{alert}:{about}"
    if len(thread) > _LONGEST_THREAD:
        thread = f"operations:{alert}:{hashlib.sha256(about.encode()).hexdigest()}"
    return thread


def _is_over_by_now(event: Event) -> bool:
    """The outbox may hand on the end first: then nothing would ever resolve what is told."""
    ends = Event.objects.filter(chain=event.chain_id, number__gt=event.number, kind=Happened.OPERATIONS_ALERT_OVER)
    return any(_which(data) == _which(event.data) for data in ends.values_list("data", flat=True))


def _which(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return data.get("alert"), data.get("about")


def of(event: Event) -> Told | None:
    """With the one whose own it is, such as a token's owner."""
    kind = kind_of(event)
    if kind is None or is_over(event) or _is_over_by_now(event):
        return None
    people = with_preference(_people(event.data.get("owner", "")).order_by("pk"))
    return Told(
        kind=kind,
        key=f"event:{event.pk}",
        thread=thread_of(event),
        persons=tuple(person for person in people if wants(person, kind)),
        channels=channels(kind, None),
    )


def _people(owner: str) -> "QuerySet[User]":
    operators = holders.who_may("django_q.view_ormq").values("pk")
    return User.objects.filter(Q(pk__in=operators) | Q(username=owner, is_active=True))
