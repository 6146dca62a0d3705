"""As Markdown: for Discord, Telegram, Mattermost and what else knows it."""

import re
from collections.abc import Iterator

from deployments.telling.notifications.content import Content
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.rendering.disarming import disarmed, in_a_code_block

#: Discord takes 2000 characters.
LONGEST = 1_900
#: What CommonMark lets a backslash stand before; "&" is left, as none of those services shows an entity as a sign.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>~|#!])")
#: What begins a list or a heading only at the beginning of a line.
_AT_THE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|[-+=]|$)", re.MULTILINE)
_FENCE = "```"


def markdown(content: Content, site_url: str, *, most: int = LONGEST) -> str:
    """Without the subject. At most so many characters, of which the link is never left out."""
    link = _link(content, site_url)
    more = f"_{_escaped(parts.more(content))}_"
    body = parts.fitted(_body(content), most - len(link) - len(_FENCE) - 1, more)
    whole = "\n".join(body).strip("\n")
    if whole.count(_FENCE) % 2:  # the end of the log's block is among what was left out
        whole = whole.removesuffix(more) + f"{_FENCE}\n{more}"
    return (whole or _escaped(parts.subject(content))) + link  # services refuse a message without a body


def _link(content: Content, site_url: str) -> str:
    address = parts.link(content, site_url)
    return f"\n\n[{_escaped(parts.link_text(content))}]({address})" if address else ""


def _body(content: Content) -> Iterator[str]:
    for sentence in parts.sentences(content):
        yield from (*_escaped(sentence).split("\n"), "")
    for label, value in parts.facts(content):
        yield f"**{_escaped(label)}:** {_escaped(' '.join(value.split()))}  "
    for part in parts.lists(content):
        yield from ("", f"**{part.title}**", "")
        yield from (f"- {_escaped(line)}" for line in part.lines)
    if log := parts.log(content):
        yield from ("", f"**{parts.log_title(content)}**", "", _FENCE, *in_a_code_block(log).split("\n"), _FENCE)


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", _AT_THE_START.sub(_kept_literal, disarmed(text)))


def _kept_literal(found: re.Match[str]) -> str:
    """A backslash before the last sign: before a digit it would be shown."""
    return f"{found[1]}{found[2][:-1]}\N{ZERO WIDTH SPACE}{found[2][-1]}"
