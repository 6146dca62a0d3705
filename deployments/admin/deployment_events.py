"""The events of a deployment, folded by the stage in which they happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from deployments.delivery.views import stages
from deployments.delivery.views.deployment import EventLine
from deployments.record.kinds import Kind
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
    told = groupby(_told_once(events), key=lambda event: event.stage)
    return tuple(_group(stage, tuple(found)) for stage, found in told)


def _told_once(events: Sequence[EventLine]) -> Iterator[EventLine]:
    """The end of the last stage is the end of all; earlier versions logged both, in the same words."""
    yield from events[:1]
    for later, event in pairwise(events):
        ends = later.kind.startswith("deployment.") and event.kind == Kind.STAGE_SUCCEEDED
        if not (ends and later.at == event.at and event.message in later.message):
            yield event


def _group(stage: str, events: tuple[EventLine, ...]) -> Group:
    return Group(
        key=f"events-{events[-1].id}",
        title=stages.title(stage) if stage else "Before it began",
        aws_title=stage_label(stage) if stage else "",
        events=events,
    )
