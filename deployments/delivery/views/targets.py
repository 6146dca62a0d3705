"""What happened on each target of a deployment, such as an instance: its lifecycle events as a compact timeline.

Read from `Deployment.targets`, which only some controllers keep. Every member may be missing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.delivery.models import Deployment
from deployments.words import counted

#: AWS's words for a target's and an event's status; what is not here is shown all the same.
_TONES = {"Succeeded": "good", "Failed": "bad", "InProgress": "busy", "Ready": "attention"}
_ICONS = {"Succeeded": "check", "Failed": "close", "InProgress": "progress_activity", "Skipped": "remove"}
_ROLES = {"Blue": "original", "Green": "replacement"}


@dataclass(frozen=True, kw_only=True)
class EventView:
    name: str
    status: str
    started: datetime | None
    ended: datetime | None
    error_code: str
    script: str
    message: str
    log: str

    @property
    def tone(self) -> str:
        return _TONES.get(self.status, "quiet")

    @property
    def icon(self) -> str:
        return _ICONS.get(self.status, "")

    @property
    def word(self) -> str:
        return spaced(self.status)

    @property
    def failed(self) -> bool:
        return self.status == "Failed"

    @property
    def was_run(self) -> bool:
        return self.started is not None


@dataclass(frozen=True, kw_only=True)
class TargetView:
    id: str
    number: int
    status: str
    role: str
    events: tuple[EventView, ...]

    @property
    def tone(self) -> str:
        return _TONES.get(self.status, "quiet")

    @property
    def word(self) -> str:
        return spaced(self.status)

    @property
    def summary(self) -> str:
        """Such as "13 lifecycle events: 4 succeeded, 1 failed, 8 skipped"."""
        counts = Counter(event.word.lower() for event in self.events)
        if self.current is not None:
            counts.pop(self.current.word.lower())
        told = [f"{count} {word}" for word, count in counts.items() if word != "pending"]
        now = [f"now {self.current.name}"] if self.current else []
        return ": ".join(filter(None, [counted(len(self.events), "lifecycle event"), ", ".join(told + now)]))

    @property
    def failure(self) -> EventView | None:
        return next((event for event in self.events if event.failed), None)

    @property
    def current(self) -> EventView | None:
        """The one that runs, while none has failed."""
        return next((event for event in self.events if event.status == "InProgress"), None)

    @property
    def started(self) -> datetime | None:
        return min((event.started for event in self.events if event.started), default=None)

    @property
    def ended(self) -> datetime | None:
        """None while something still runs."""
        if self.current is not None:
            return None
        return max((event.ended for event in self.events if event.ended), default=None)


def targets(deployment: Deployment) -> tuple[TargetView, ...]:
    """Those that failed first, then in the order in which they were told of."""
    told: Iterable[Mapping[str, Any]] = deployment.targets or ()
    views = [_target(each, number) for number, each in enumerate(told, 1)]
    return tuple(sorted(views, key=lambda view: view.failure is None))


def _target(told: Mapping[str, Any], number: int) -> TargetView:
    return TargetView(
        id=str(told.get("target") or "unnamed"),
        number=number,
        status=str(told.get("status") or "Unknown"),
        role=_ROLES.get(str(told.get("label")), ""),
        events=tuple(_event(event) for event in told.get("events") or ()),
    )


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
