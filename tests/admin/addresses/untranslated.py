"""Texts of a page that are English to whoever reads it."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

#: What HTML itself says is not to be translated, and what people typed.
_SKIPPED = {"script", "style", "code", "pre", "textarea", "kbd", "samp", "template"}
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SAID_BY = ("title", "aria-label", "placeholder", "alt", "aria-description")
_HANGUL = re.compile("[가-힣]")
_WORD = re.compile(r"(?<![\w./:@-])[A-Za-z][a-z’']{2,}(?![\w/:@-]|\.\w)")


def texts_in_english(html: str, known: Iterable[str] = ()) -> set[str]:
    """Those with a word of three letters or more and nothing Korean; `known` are names and people's own words."""
    parser = _Texts()
    parser.feed(html)
    names = set(known)
    return {text for text in parser.found if _WORD.search(text) and not _HANGUL.search(text) and text not in names}


def all_texts(html: str) -> list[str]:
    """All that people read, in the order of the page."""
    parser = _Texts()
    parser.feed(html)
    return list(parser.found)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        #: in the page's order, each once
        self.found: dict[str, None] = {}
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        icon = "material-symbols-outlined" in str(said.get("class"))
        silent = self._silent or tag in _SKIPPED or said.get("translate") == "no" or icon
        if not silent:
            self.found |= {" ".join(str(said[name]).split()): None for name in _SAID_BY if said.get(name)}
            if tag == "input" and said.get("type") in {"submit", "button", "reset"}:
                self.found[str(said.get("value") or "")] = None
        if tag not in _EMPTY:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found[" ".join(data.split())] = None

    @property
    def _silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]
