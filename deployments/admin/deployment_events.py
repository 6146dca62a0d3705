"""The events of a deployment, folded by the stage in which they happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from deployments.delivery.views import said_once, stages
from deployments.delivery.views.deployment import EventLine
from deployments.words import stage_label


@dataclass(frozen=True, kw_only=True)
class Group:
    #: the same as long as events are added to it
    key: str
    title: str
    aws_title: str
    #: newest first
    events: tuple[EventLine, ...]


def grouped(events: Sequence[EventLine]) -> tuple[Group, ...]:
    """Newest first, as `events` are; a stage that was come back to has a group of its own for that."""
    told = groupby(said_once.once(events), key=lambda event: event.stage)
    return tuple(_group(stage, tuple(found)) for stage, found in told)


def _group(stage: str, events: tuple[EventLine, ...]) -> Group:
    return Group(
        key=f"events-{events[-1].id}",
        title=stages.title(stage) if stage else "Before it began",
        aws_title=stage_label(stage) if stage else "",
        events=events,
    )
