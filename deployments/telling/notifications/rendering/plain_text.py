"""As plain text: the half of a mail that everybody can read, and what services get that know no form."""

import textwrap
import unicodedata
from collections.abc import Callable, Iterator

from deployments.telling.notifications.content import Content
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.rendering.disarming import disarmed

_COLUMNS = 72
#: Where a service allows less, `most` says so.
LONGEST = 12_000


def subject(content: Content) -> str:
    """Of a message that is no mail."""
    return disarmed(parts.subject(content))


def text(content: Content, site_url: str, *, most: int = LONGEST) -> str:
    """Without the subject. At most so many characters, of which the link is never left out."""
    return _written(content, site_url, most, disarmed)


def mail_subject(content: Content) -> str:
    return parts.subject(content)


def mail_text(content: Content, site_url: str) -> str:
    """Nobody is called by a mail, so what was typed stays as it is."""
    return _written(content, site_url, LONGEST, str)


def _written(content: Content, site_url: str, most: int, harmless: Callable[[str], str]) -> str:
    link = _link(content, site_url)
    body = parts.fitted(_body(content, harmless), most - len(link), f"[{parts.more(content)}]")
    # Services refuse a message without a body.
    return ("\n".join(body).strip("\n") or harmless(parts.subject(content))) + link


def _link(content: Content, site_url: str) -> str:
    address = parts.link(content, site_url)
    return f"\n\n{parts.link_text(content)}:\n{address}\n" if address else "\n"


def _body(content: Content, harmless: Callable[[str], str]) -> Iterator[str]:
    for sentence in parts.sentences(content):
        yield from _wrapped(harmless(sentence))
    if facts := parts.facts(content):
        yield ""
        width = max(_columns(label) for label, _ in facts) + 2
        for label, value in facts:
            yield from _wrapped(
                harmless(value), first=f"{label}:{' ' * (width - 1 - _columns(label))}", then=" " * width
            )
    for part in parts.lists(content):
        yield from ("", part.title)
        for line in part.lines:
            yield from _wrapped(harmless(line), first="  - ", then="    ")
    if log := parts.log(content):
        yield from ("", parts.log_title(content))
        yield from (f"    {harmless(line)}" for line in log.split("\n"))


def _columns(text: str) -> int:
    """On a screen, where a letter of Korean takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrapped(text: str, first: str = "", then: str = "") -> Iterator[str]:
    """Soft: a long word, such as an address, stays whole."""
    for typed in text.split("\n"):
        yield from textwrap.wrap(
            typed, _COLUMNS, initial_indent=first, subsequent_indent=then, break_long_words=False,
            break_on_hyphens=False,
        ) or [""]  # fmt: skip
        first = then
