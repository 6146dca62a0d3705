"""Texts of others on our terminal: nothing that somebody wrote into a reason may move its cursor or hide a word."""

import re
from bisect import bisect_right
from itertools import accumulate
from unicodedata import east_asian_width

_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?")
#: what is left of control characters, and those that turn the direction of writing around
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BREAK = re.compile(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def safe(text: object) -> str:
    """In one line, without whatever a terminal or a CI's log would obey. Spaces stay."""
    line = _CONTROL.sub("", _BREAK.sub(" ", _SEQUENCE.sub("", str(text))))
    line = line.replace("##[", "## [").replace("##vso[", "## vso[")
    # GitHub obeys a line that begins with ::, whoever wrote it.
    return line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line


def clean(text: object) -> str:
    """The same, with one space wherever there are some."""
    return " ".join(safe(text).split())


def clipped(text: str, width: int) -> str:
    """At most so many columns: some letters take two."""
    columns = list(accumulate(2 if east_asian_width(each) in "WF" else 1 for each in text))
    if not columns or columns[-1] <= width:
        return text
    return text[: bisect_right(columns, width - 1)] + "…"
