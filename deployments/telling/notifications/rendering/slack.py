"""As Slack's blocks. Text that others typed is plain text, or has the three signs escaped that Slack goes by."""

from collections.abc import Iterator
from typing import Any

from deployments.telling.notifications import plain
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.rendering.disarming import disarmed, in_a_code_block

#: Slack's limits: characters of a header, of a section's text, of a field; fields of a section
_HEADER, _SECTION, _FIELD, _FIELDS = 150, 3_000, 2_000, 10


def slack_text(content: Content) -> str:
    """What a notification on a phone shows."""
    return _escaped(parts.subject(content))


def slack_blocks(content: Content, site_url: str) -> list[dict[str, Any]]:
    """At most nine, of Slack's 50."""
    return list(_blocks(content, site_url))


def _blocks(content: Content, site_url: str) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "text": _plain(parts.subject(content), _HEADER)}
    if sentences := parts.sentences(content):
        yield {"type": "section", "text": _plain("\n".join(sentences), _SECTION)}
    if facts := parts.facts(content)[:_FIELDS]:
        yield {"type": "section", "fields": [_field(label, value) for label, value in facts]}
    for part in parts.lists(content):
        lines = parts.fitted((f"• {_escaped(line)}" for line in part.lines), _SECTION - 100, parts.more(content))
        yield _section("\n".join((f"*{part.title}*", *lines)))
    if log := parts.log(content):
        yield _section(f"*{parts.log_title(content)}*\n```" + "\n".join(_end_of(log, _SECTION - 100)) + "```")
    if address := parts.link(content, site_url):
        yield _section(f"*<{_signs(address)}|{_escaped(parts.link_text(content))}>*")


def _plain(text: str, most: int) -> dict[str, Any]:
    """Nothing in it is looked for: no mention, no link, no form."""
    return {"type": "plain_text", "text": plain.cut(disarmed(text), most), "emoji": False}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _marked(text)}


def _field(label: str, value: str) -> dict[str, Any]:
    return _marked(f"*{_escaped(label)}*\n{_escaped(plain.cut(value, (_FIELD - 100) // 5))}")


def _marked(text: str) -> dict[str, Any]:
    """`verbatim`: Slack makes no links and mentions of what only looks like some."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _end_of(log: str, most: int) -> list[str]:
    """Its last lines, since those say what happened."""
    lines = [_signs(in_a_code_block(line)) for line in reversed(log.split("\n"))]
    return parts.fitted(lines, most, "…")[::-1]


def _escaped(text: str) -> str:
    return _signs(disarmed(text))


def _signs(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
