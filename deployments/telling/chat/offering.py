"""Where a gate can be answered from a message: in which chats, where anybody there would be believed."""

from deployments.delivery import gate_seen
from deployments.delivery.models import Gate
from deployments.telling.chat.models import ChatKind, ChatWorkspace


def ways(gate: Gate) -> tuple[ChatKind, ...]:
    """() where the environment takes no answers from chats; that is looked at again when somebody answers."""
    if not gate.deployment.environment.decided_in_chat:
        return ()
    kinds = ChatWorkspace.objects.filter(is_on=True).order_by("kind").values_list("kind", flat=True).distinct()
    return tuple(ChatKind(kind) for kind in kinds)


def shown(gate: Gate) -> str:
    """The fingerprint of what a message shows, by which it is answered."""
    return gate_seen.fingerprint(gate)
