"""What happened on each target of a deployment, such as an instance: its lifecycle events as a compact timeline.

Only some controllers keep them. Every member may be missing.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.delivery.models import Deployment
from deployments.delivery.views.found import found
from deployments.words import counted

_ROLES = {"Blue": "original", "Green": "replacement"}


@dataclass(frozen=True, kw_only=True)
class EventView:
    name: str
    #: CodeDeploy's word, such as InProgress
    status: str
    started: datetime | None
    ended: datetime | None
    error_code: str
    script: str
    message: str
    log: str

    @property
    def failed(self) -> bool:
        return self.status == "Failed"


@dataclass(frozen=True, kw_only=True)
class TargetView:
    id: str
    #: in the order in which they were told of, from 1
    number: int
    #: CodeDeploy's word, such as InProgress
    status: str
    #: "original", "replacement", or "" where instances keep their places
    role: str
    #: such as "13 lifecycle events: 4 succeeded, 1 failed, 8 skipped"
    summary: str
    started: datetime | None
    #: None while something still runs
    ended: datetime | None
    events: tuple[EventView, ...]

    @property
    def failure(self) -> EventView | None:
        return next((event for event in self.events if event.failed), None)

    @property
    def current(self) -> EventView | None:
        return _current(self.events)


def targets(deployment: Deployment) -> tuple[TargetView, ...]:
    """Those that failed first, then in the order in which they were told of."""
    views = [_target(each, number) for number, each in enumerate(found(deployment).lifecycle, 1)]
    return tuple(sorted(views, key=lambda view: view.failure is None))


def _target(told: Mapping[str, Any], number: int) -> TargetView:
    events = tuple(_event(event) for event in told.get("events") or ())
    runs = _current(events) is not None
    return TargetView(
        id=str(told.get("target") or "unnamed"),
        number=number,
        status=str(told.get("status") or "Unknown"),
        role=_ROLES.get(str(told.get("label")), ""),
        summary=_summary(events),
        started=min((event.started for event in events if event.started), default=None),
        ended=None if runs else max((event.ended for event in events if event.ended), default=None),
        events=events,
    )


def _current(events: Sequence[EventView]) -> EventView | None:
    """The one that runs, while none has failed."""
    return next((event for event in events if event.status == "InProgress"), None)


def _summary(events: Sequence[EventView]) -> str:
    counts, current = Counter(spaced(event.status).lower() for event in events), _current(events)
    if current is not None:
        counts.pop(spaced(current.status).lower())
    told = [f"{count} {word}" for word, count in counts.items() if word != "pending"]
    now = [f"now {current.name}"] if current else []
    return ": ".join(filter(None, [counted(len(events), "lifecycle event"), ", ".join(told + now)]))


def _event(told: Mapping[str, Any]) -> EventView:
    return EventView(
        name=str(told.get("name") or "Unknown"),
        status=str(told.get("status") or "Unknown"),
        started=_moment(told.get("started")),
        ended=_moment(told.get("ended")),
        # CodeDeploy says "Success" of what went well; that stands in the status already.
        error_code="" if told.get("error_code") in (None, "Success") else spaced(str(told["error_code"])),
        script=str(told.get("script") or ""),
        message=str(told.get("message") or "") if told.get("error_code") != "Success" else "",
        log=str(told.get("log") or "").strip(),
    )


def spaced(word: str) -> str:
    """InProgress becomes "In progress"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).capitalize()


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
