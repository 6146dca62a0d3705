"""Whether somebody is still to be told what they were to be told, when it is their turn at last.

Rights may have ended while a message waited: for the morning, or for a service that was down.
"""

from typing import Final

from django.contrib.auth.models import User

from deployments.delivery.models import Gate
from deployments.people import holders
from deployments.telling.notifications.audience import deciders
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does, Message

#: Their own, whatever they may see else.
_OWN: Final = frozenset({Kind.TEST, Kind.ADDRESS_DEAD, Kind.TOKEN_ENDS})
_OF_OPERATORS: Final = frozenset(kind for kind in Kind if kind.is_operators)
_ASKS: Final = frozenset({Kind.GATE_WAITS, Kind.GATE_REMINDER})


def lost(message: Message) -> str:
    """Why its person is not told it any more, a sentence; "" where they are, and for a channel.

    `message`: with its address and that one's person. One query; three more for a gate that waits.
    """
    person = message.address.person
    if person is None or message.kind in _OWN:
        return ""
    right = "django_q.view_ormq" if message.kind in _OF_OPERATORS else "deployments.view_deployment"
    if not holders.who_may(right).filter(pk=person.pk).exists():
        return f"{person.get_username()} has no right any more to see what it is about."
    return _asked_in_vain(message, person) if message.kind in _ASKS and message.does == Does.TELL else ""


def _asked_in_vain(message: Message, person: User) -> str:
    """Also where nobody has taken in yet that the gate was decided."""
    gates = Gate.objects.filter(notices=message.notice_id).select_related("deployment")
    gate = gates.prefetch_related("groups", "approvals").first()
    if gate is None:  # its notice is gone
        return ""
    if not gate.is_open:
        return "its gate waits for nobody any more."
    if person.pk in gate.deciders.decided:
        return f"{person.get_username()} has decided at its gate."
    return "" if deciders.is_one(gate, person) else f"{person.get_username()} may not decide at its gate any more."
