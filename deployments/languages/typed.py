"""Sentences of the rooms that end with what a person typed, which is told as it was written, whatever it looks like."""

import re
from functools import cache

from deployments.languages.shapes import shape

#: Their last value is the person's.
IDS = (
    "Approved by {0}: {1}",
    "Rejected by {0}: {1}",
    "{0} requested by {1}: {2}",
    "{0} asked for by {1}: {2}",
    "Locked{0}: {1}",
    "{0} is locked{1} since {2} UTC: {3}",
    "Retired: {0}",
    "{0} was retired{1} at {2} UTC: {3}.",
    "Nobody has to approve: {0}",
    "{0} said at {1} UTC that nobody has to approve: {2}.",
)
#: What the rooms say behind a person's words begins so, though it may have few letters.
BEHIND = "Next: "
#: No name goes on behind a full stop or the like, and none is "1 of 2", by how many it was approved.
_NAME = r"(?!\d+ of \d+:)(?:(?![.!?:;…]\s)[^\n]){0,160}?"
_BEGINS = r"(?:^|(?<=[.!?:;)] )|(?<=\n)|(?<=\d\d UTC ))"


def begins(text: str) -> int | None:
    """Where the first such sentence begins; it may begin small, within another one."""
    found = _any().search(text)
    return found.start() if found else None


def values_in(text: str) -> tuple[str, tuple[str, ...], bool] | None:
    """The id, its values, and whether it begins otherwise than the id does: with a small letter."""
    for message_id, pattern in _patterns():
        if (found := pattern.fullmatch(text)) is not None:
            return message_id, found.groups(), text[0].islower() and message_id[0].isupper()
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(_pattern(each, ends=True), re.DOTALL)) for each in IDS)


@cache
def _any() -> re.Pattern[str]:
    return re.compile(f"{_BEGINS}(?:{'|'.join(_pattern(each, ends=False) for each in IDS)})")


def _pattern(message_id: str, *, ends: bool) -> str:
    """`ends`: with groups and with the person's words, which else are left out."""
    first, *literals = (re.escape(literal) for literal in shape(message_id).literals)
    if message_id[0].isalpha():
        first = f"[{message_id[0]}{message_id[0].lower()}]{first[1:]}"
    name = f"({_NAME})" if ends else _NAME
    said = first + "".join(f"{name}{literal}" for literal in literals[:-1])
    return f"{said}(.+){literals[-1]}" if ends else said
