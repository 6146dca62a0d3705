"""The end of a log, in a size that a message can carry."""

from collections.abc import Sequence

from deployments.languages.told import told
from deployments.telling.notifications import plain
from deployments.words import counted

MOST_BYTES = 4_000
#: By what the line begins that says what is missing.
_SHORTENED = "(Shortened: "
#: A line is looked at no further than that, however long it is.
_LONGEST_LINE = 1_000


def shortened(lines: Sequence[str], *, most: int = MOST_BYTES) -> str:
    """The last whole lines that take at most so many bytes; a first line of it says when there were more.

    A line that is longer than all others may be is cut at its end.
    """
    whole = _last(lines, most)
    said = _what_is_missing(lines, whole)
    if not said:
        return "\n".join(whole).strip("\n")
    kept = _last(lines, most - 100)  # for the line that says so
    return "\n".join((_what_is_missing(lines, kept), *kept)).strip("\n")


def in_language(log: str, language: str) -> str:
    """What is said of it, where it was shortened; the log itself is nobody's to translate."""
    first, end, rest = log.partition("\n")
    return f"{told(first, language)}{end}{rest}" if first.startswith(_SHORTENED) else log


def _last(lines: Sequence[str], most: int) -> list[str]:
    kept: list[str] = []
    left = most
    for raw in reversed(lines):
        line = _one(raw)
        left -= len(line.encode()) + 1
        if left < 0:
            break
        kept.append(line)
    return kept[::-1]


def _one(raw: str) -> str:
    begun = raw[: 4 * _LONGEST_LINE]  # 2 MB of a line need not be looked through
    line = plain.block(begun).replace("\n", " ").rstrip()
    return plain.cut(line if len(begun) == len(raw) else f"{line}…", _LONGEST_LINE)


def _what_is_missing(lines: Sequence[str], kept: Sequence[str]) -> str:
    if len(kept) < len(lines):
        return f"(Shortened: the last {counted(len(kept), 'line')} of {len(lines)}. The page has all that was kept.)"
    if any(len(line) > _LONGEST_LINE for line in lines):
        return "(Shortened: long lines are cut. The page has all that was kept.)"
    return ""
