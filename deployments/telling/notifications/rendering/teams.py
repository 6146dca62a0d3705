"""As an Adaptive Card for Microsoft Teams. What others typed are text runs, in which Teams looks for no Markdown."""

import json
from collections.abc import Iterator
from typing import Any

from deployments.telling.notifications import plain
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.rendering.disarming import disarmed

#: Teams takes 28 kB, and JSON writes an emoji in twelve: so each part gets the most characters of these that fit.
_MOST_BYTES = 26_000
_LONGEST = (2_000, 1_000, 500, 200)
_COLOURS = {"waits": "Warning", "good": "Good", "bad": "Attention", "plain": "Default"}


def teams_card(content: Content, site_url: str) -> dict[str, Any]:
    """The message that carries it, as a Teams workflow takes it."""
    for most in _LONGEST:
        card = _message(content, site_url, most)
        if len(json.dumps(card)) <= _MOST_BYTES:
            break
    return card


def _message(content: Content, site_url: str, most: int) -> dict[str, Any]:
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_body(content, most)),
    }
    if address := parts.link(content, site_url):
        card["actions"] = [{"type": "Action.OpenUrl", "title": parts.link_text(content), "url": address}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "summary": parts.subject(content), "attachments": [attachment]}


def _body(content: Content, most: int) -> Iterator[dict[str, Any]]:
    yield _runs(_run(parts.subject(content), weight="Bolder", size="Large", color=_COLOURS[content.tone]))
    for sentence in parts.fitted(parts.sentences(content), most, parts.more(content)):
        yield _runs(_run(sentence))
    for label, value in parts.facts(content):
        yield _runs(_run(f"{label}: ", weight="Bolder"), _run(plain.cut(value, most)))
    for part in parts.lists(content):
        yield _runs(_run(part.title, weight="Bolder"))
        for line in parts.fitted(part.lines, most, parts.more(content)):
            yield _runs(_run(f"• {line}"))
    if log := parts.log(content):
        yield _runs(_run(parts.log_title(content), weight="Bolder"))
        for line in parts.fitted(reversed(log.split("\n")), most, "…")[::-1]:
            yield _runs(_run(line or " ", fontType="Monospace", size="Small"))


def _runs(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "TextRun", "text": disarmed(text), **looks}
