"""What a webhook can be about, in words: each a group of kinds of events."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Group(NamedTuple):
    meaning: str
    #: what such kinds begin with, before the dot
    kinds: tuple[str, ...]


GROUPS: Mapping[str, Group] = {
    "deployments": Group("Deployments: asked for, stages, smoke checks, ends", ("deployment", "stage", "checks")),
    "gates": Group("Gates: opened, approved, rejected, timed out", ("gate",)),
    "releases": Group("Releases: registered", ("release",)),
    "settings": Group("Applications, environments, forges: settings, locks", ("environment", "application", "forge")),
    "aws": Group("Writes on AWS", ("aws",)),
    "people": Group("People, tokens, trust in CIs, webhooks, notification channels, chats",
                    ("person", "group", "token", "trust", "webhook", "notification", "chat")),
    "operations": Group("Operators' alerts: worker, queue, database, credentials", ("operations",)),
}  # fmt: skip


def is_about(kind: str, chosen: Collection[str]) -> bool:
    """Whether a kind of event belongs to one of the groups; without any it does."""
    if not chosen:
        return True
    begins = kind.partition(".")[0]
    return any(begins in GROUPS[name].kinds for name in chosen if name in GROUPS)
