"""Which tags name a version: letters as they stand, and what changes from tag to tag in braces.

    {version}     1.4.2: three numbers, as semantic versioning has them
    {prerelease}  1.4.2-rc.1, and 1.4.2 as well
    {number}      of a build: 1207
    {sha}         a commit: 7 to 64 hex digits

What stands in the braces is the release's version; with several, the whole tag is.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_VERSION = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
#: name to what may stand there
PLACEHOLDERS = {
    "version": _VERSION,
    "prerelease": _VERSION + r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    "number": r"(?:0|[1-9][0-9]{0,17})",
    "sha": r"[0-9a-f]{7,64}",
}
_PARTS = re.compile(r"\{([^{}]*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9_.-]*")
LONGEST_VERSION = 80

#: of two versions of one pattern the greater one is newer
Order = tuple[Any, ...]


@dataclass(frozen=True)
class Pattern:
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence."""
        text = text.strip()
        names = _PARTS.findall(text)
        if not names:
            raise ValueError(f"A pattern has one of {_known()} in it, such as v{{version}}.")
        for name in names:
            if name not in PLACEHOLDERS:
                raise ValueError(f"There is no {{{name}}}; there are {_known()}.")
        if twice := [name for name in PLACEHOLDERS if names.count(name) > 1]:
            raise ValueError(f"{{{twice[0]}}} stands there twice; once is enough.")
        rest = _PARTS.sub("", text)
        if not _LITERAL.fullmatch(rest):
            raise ValueError(f"Tags have letters, digits and . _ - only, and {text} has something else.")
        if "}{" in text:
            raise ValueError("Put something between two braces, such as a dash: nobody could tell where one ends.")
        return cls(text)

    def version(self, tag: str) -> str:
        """Which version a tag names; "" for a tag that is none, such as latest or one of a signature."""
        found = self._expression.fullmatch(tag)
        if found is None:
            return ""
        version = found.group(1) if found.lastindex == 1 else tag
        return version if version[:1].isalnum() and len(version) <= LONGEST_VERSION else ""

    def tag(self, version: str) -> str:
        """The other way round."""
        return _PARTS.sub(lambda _: version, self.text) if self._expression.groups == 1 else version

    def commit(self, tag: str) -> str:
        """What stands for {sha}; "" without it."""
        return self._part("sha", tag)

    def order(self, version: str) -> Order | None:
        """By numbers, not letters: rc.9 is older than rc.10. None where nothing of it has an order, as of commits."""
        tag = self.tag(version)
        for name in ("version", "prerelease"):
            if said := self._part(name, tag):
                return _order(said)
        number = self._part("number", tag)
        return (int(number),) if number else None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        parts = _PARTS.split(self.text)
        inner = [f"({PLACEHOLDERS[part]})" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
        return re.compile("".join(inner), re.ASCII)

    def _part(self, name: str, tag: str) -> str:
        found, names = self._expression.fullmatch(tag), _PARTS.findall(self.text)
        return found.group(names.index(name) + 1) if found and name in names else ""


def _order(version: str) -> Order:
    """Of semantic versioning: what comes before a release is older than it."""
    numbers, dash, before = version.partition("-")
    release = tuple(int(each) for each in numbers.split("."))
    parts = before.split(".") if dash else ()
    return (release, not dash, tuple((0, int(each), "") if each.isdecimal() else (1, 0, each) for each in parts))


def _known() -> str:
    return ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
