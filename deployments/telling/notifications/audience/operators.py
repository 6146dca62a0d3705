"""Who hears of what is about Tealgate itself: whoever may see its queue, and the operators' channels."""

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
    return f"operations:{event.data.get('alert')}:{event.data.get('about', '')}"[:_LONGEST_THREAD]


def of(event: Event) -> Told | None:
    """With the one whose own it is, such as a token's owner."""
    kind = kind_of(event)
    if kind is None or is_over(event):
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
