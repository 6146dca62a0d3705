"""What operators are told of Tealgate itself."""

from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.words import full_stop

#: Of all alerts, those that are over too.
_PAGE = "/deployments/operatoralert/"


def alert(event: Event, kind: Kind) -> Content:
    """Raised, over, or told afterwards as nobody could be told while it lasted."""
    is_over = event.kind == Happened.OPERATIONS_ALERT_OVER
    about = str(event.data.get("about", ""))
    subject = f"Tealgate: {kind.meaning} ({about})" if about else f"Tealgate: {kind.meaning}"
    lasted, was = _lasted(event)
    return Content(
        subject=f"That is over: {subject}" if is_over else subject,
        sentences=(full_stop(lasted or was),),
        facts=(("It was", was),) if lasted else (),
        path=_PAGE,
        link_text="See all alerts",
        tone="good" if is_over else "bad",
    )


def _lasted(event: Event) -> tuple[str, str]:
    """Such as "Over after 14 min", and what was told; what is over asks for nothing any more, so it stands apart."""
    if event.message.startswith("Over after "):
        lasted, _, was = event.message.partition(": ")
        return lasted, was
    return "", event.message
