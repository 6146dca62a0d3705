"""Who is handed events in these tests. What they took is kept here, since a setting can only name functions."""

from collections.abc import Callable

from deployments.record.models import Event

#: (receiver, the event's message), in order
taken: list[tuple[str, str]] = []
#: what happens to a receiver once it has taken an event, by its name
afterwards: dict[str, Callable[[], object]] = {}


def messenger(event: Event) -> None:
    _take("messenger", event)


def archive(event: Event) -> None:
    _take("archive", event)


def _take(name: str, event: Event) -> None:
    taken.append((name, event.message))
    afterwards.get(name, lambda: None)()


def forget() -> None:
    taken.clear()
    afterwards.clear()


MESSENGER, ARCHIVE = f"{__name__}.messenger", f"{__name__}.archive"
