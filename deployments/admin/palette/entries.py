"""What is offered, and in which order: the group with the best entry first, the best of each on top."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import groupby
from typing import TypeVar

MOST_IN_GROUP = 6
MOST_GROUPS = 6

Row = TypeVar("Row")


class Group(IntEnum):
    """In the order of those that fit equally well."""

    ACTIONS = 1
    GATES = 2
    ENVIRONMENTS = 3
    RELEASES = 4
    DEPLOYMENTS = 5
    APPLICATIONS = 6
    PEOPLE = 7
    PAGES = 8

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Group.ACTIONS: "Actions",
    Group.GATES: "Gates",
    Group.ENVIRONMENTS: "Environments",
    Group.RELEASES: "Releases",
    Group.DEPLOYMENTS: "Deployments",
    Group.APPLICATIONS: "Applications",
    Group.PEOPLE: "People",
    Group.PAGES: "Pages",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    group: Group
    title: str
    #: what tells it from others: its state, where it is live, who asked
    hint: str
    #: a page; nothing is ever done by opening it
    link: str
    icon: str
    #: the moment with which the hint ends
    at: datetime | None = None
    score: int = 0


@dataclass(frozen=True)
class Section:
    label: str
    entries: tuple[Entry, ...]


def best(scored: Iterable[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """As many as are shown of those that fit, so that no more are put into words; equals as they come."""
    return sorted((each for each in scored if each[0]), key=lambda each: -each[0])[:MOST_IN_GROUP]


def ranked(found: Iterable[Entry]) -> tuple[Section, ...]:
    """The same page twice is once; equals stay in the order in which they were found."""
    best: dict[tuple[str, str], Entry] = {}
    for entry in found:
        best.setdefault((entry.link, entry.title), entry)
    by_group = sorted(best.values(), key=lambda entry: (entry.group, -entry.score))
    groups = [tuple(members)[:MOST_IN_GROUP] for _, members in groupby(by_group, key=lambda entry: entry.group)]
    groups.sort(key=lambda entries: (-entries[0].score, entries[0].group))
    return tuple(Section(entries[0].group.label, entries) for entries in groups[:MOST_GROUPS])
