"""Of two events that say the same, the one that pages show. The log keeps both: each is a fact of its own.

A person asks to turn back, rejects, or nobody decides; the engine then begins with it, and names why once more, for
whoever hears only of that. Earlier versions also logged the end of the last stage beside the end of all.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from deployments.record.kinds import Kind

_WHY = (
    Kind.DEPLOYMENT_STOP_REQUESTED,
    Kind.DEPLOYMENT_ROLLBACK_REQUESTED,
    Kind.GATE_REJECTED,
    Kind.GATE_TIMED_OUT,
)


class Said(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def message(self) -> str: ...


_Event = TypeVar("_Event", bound=Said)


def once(events: Sequence[_Event]) -> Iterator[_Event]:
    """Of `events`, newest first."""
    for index, event in enumerate(events):
        later = events[index - 1] if index else None
        if not (_ends_with(event, later) or _begins_with(event, events[index + 1 :])):
            yield event


def _ends_with(event: Said, later: Said | None) -> bool:
    ends = later is not None and later.kind.startswith("deployment.") and event.kind == Kind.STAGE_SUCCEEDED
    return later is not None and ends and later.at == event.at and event.message in later.message


def _begins_with(event: Said, before: Sequence[Said]) -> bool:
    if event.kind != Kind.DEPLOYMENT_ROLLBACK_STARTED:
        return False
    why = next((each.message for each in before if each.kind in _WHY), "")
    return bool(why) and why.lower() in event.message.lower()
