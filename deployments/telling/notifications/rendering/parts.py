"""What all forms have in common: the parts of a message in their order, and its link."""

from collections.abc import Iterable
from dataclasses import dataclass

from deployments.languages.told import told
from deployments.telling.notifications import log_tails, plain
from deployments.telling.notifications.content import Content

#: characters of a mail's subject, and of what most services show of a title
LONGEST_SUBJECT = 150
#: of one sentence or value, and of a line in a list; what is longer is on the page
_LONGEST_SENTENCE, _LONGEST_LINE = 1_200, 400


@dataclass(frozen=True)
class Part:
    title: str
    lines: tuple[str, ...]


def subject(content: Content) -> str:
    """One line, so that it can be a header."""
    return plain.cut(plain.line(content.subject[: 4 * LONGEST_SUBJECT]), LONGEST_SUBJECT)


def sentences(content: Content) -> list[str]:
    return [said for each in content.sentences if (said := _bounded(each))]


def facts(content: Content) -> list[tuple[str, str]]:
    said = ((plain.line(label), _bounded(value)) for label, value in content.facts)
    return [(label, value) for label, value in said if value]


def lists(content: Content) -> list[Part]:
    """Without those that are empty."""
    parts = (
        Part(told("Evidence", content.language), _lines(content.evidence)),
        Part(told("What changes", content.language), _lines(content.changes)),
    )
    return [part for part in parts if part.lines]


def log(content: Content) -> str:
    shortened = log_tails.shortened(content.log_tail.split("\n")).strip("\n")
    return log_tails.in_language(shortened, content.language)


def log_title(content: Content) -> str:
    return told("The end of the log", content.language)


def more(content: Content) -> str:
    """Said where some of it is left out."""
    return told("There is more on the page.", content.language)


def link(content: Content, site_url: str) -> str:
    """The address of the page; "" where there is none."""
    return f"{site_url.rstrip('/')}{content.path}" if content.path else ""


def link_text(content: Content) -> str:
    return plain.line(content.link_text) or told("Open the page", content.language)


def _bounded(typed: str) -> str:
    return plain.cut(plain.block(typed[: 4 * _LONGEST_SENTENCE]).strip(), _LONGEST_SENTENCE)


def _lines(typed: Iterable[str]) -> tuple[str, ...]:
    return tuple(plain.cut(said, _LONGEST_LINE) for each in typed if (said := plain.line(each[: 4 * _LONGEST_LINE])))


def fitted(lines: Iterable[str], most: int, more: str) -> list[str]:
    """As many lines as take at most so many characters with their newlines; then `more`, if some are left out."""
    kept: list[str] = []
    left = most
    for line in lines:
        if len(line) + 1 > left:
            return [*_room_for(more, kept, left), more]
        kept.append(line)
        left -= len(line) + 1
    return kept


def _room_for(more: str, kept: list[str], left: int) -> list[str]:
    while kept and left < len(more):
        left += len(kept.pop()) + 1
    return kept
