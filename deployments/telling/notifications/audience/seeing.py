"""Whether somebody may still see what they were to be told, when it is their turn at last."""

from typing import Final

from django.contrib.auth.models import User

from deployments.people import holders
from deployments.telling.notifications.kinds import Kind

#: Their own, whatever they may see else.
_OWN: Final = frozenset({Kind.TEST, Kind.ADDRESS_DEAD, Kind.TOKEN_ENDS})
_OF_OPERATORS: Final = frozenset(kind for kind in Kind if kind.is_operators)


def lost(person: User | None, kind: str) -> str:
    """Why they are not told things of this kind any more, a sentence; "" where they are. None: a channel. One query.

    Rights may have ended while a message waited: for the morning, or for a service that was down.
    """
    if person is None or kind in _OWN:
        return ""
    right = "django_q.view_ormq" if kind in _OF_OPERATORS else "deployments.view_deployment"
    if holders.who_may(right).filter(pk=person.pk).exists():
        return ""
    return f"{person.get_username()} has no right any more to see what it is about."
