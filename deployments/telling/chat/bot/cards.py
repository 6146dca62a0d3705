"""What people press, and what stands in its place afterwards: Adaptive Cards, in whose text runs nothing is looked for.

A card with a field for text cannot be sent off in some of Teams' apps, so the first one has none: whoever presses
Reject is asked for the reason by a card that is theirs alone.
https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from deployments.delivery.models.gate import LONGEST_COMMENT
from deployments.languages.told import KEPT, told

#: The buttons' verbs.
APPROVE, REJECT = "tealgate_approve", "tealgate_reject"
#: What a button carries: the gate, the fingerprint of what was shown, and that the reason was asked for.
GATE, SEEN, ASKED, REASON, LANGUAGE = "gate", "seen", "asked", "reason", "language"
TYPE = "application/vnd.microsoft.card.adaptive"
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_SURE = "The deployment goes on once all approvals are there."


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What whoever pressed is told. `again`: the gate and fingerprint of buttons that are shown once more."""

    sentence: str
    link: str = ""
    label: str = ""
    again: tuple[int, str] | None = None
    #: whether the reason is asked for; then `again` says of what
    asks: bool = False
    #: of whoever pressed
    language: str = KEPT


def buttons(gate: int, seen: str, language: str) -> list[dict[str, Any]]:
    """Nobody approves by a slip of the thumb, so approving takes two."""
    carried = {GATE: gate, SEEN: seen} | ({LANGUAGE: language} if language != KEPT else {})
    approve, reject = told("Approve", language), told("Reject", language)
    sure = _card([_runs(told(_SURE, language))], [_execute(approve, APPROVE, carried) | {"style": "positive"}])
    return [
        {"type": "Action.ShowCard", "title": approve, "style": "positive", "card": sure},
        _execute(reject, REJECT, carried) | {"style": "destructive"},
    ]


def card(answered: Answered) -> dict[str, Any]:
    actions: list[dict[str, Any]] = []
    said = partial(told, language=answered.language)
    body = [_runs(said(answered.sentence))]
    if answered.asks and answered.again:
        body.append(_reason(answered.language))
        carried = {GATE: answered.again[0], SEEN: answered.again[1], ASKED: True}
        actions.append(_execute(said("Reject"), REJECT, carried) | {"style": "destructive"})
    elif answered.again:
        actions += buttons(*answered.again, answered.language)
    if answered.link:
        actions.insert(
            0 if not answered.asks else 1,
            {"type": "Action.OpenUrl", "title": said(answered.label), "url": answered.link},
        )
    return _card(body, actions)


def response(answered: Answered) -> dict[str, Any]:
    """What an invoke is answered; its type is compared by Teams letter by letter."""
    return {"statusCode": 200, "type": TYPE, "value": card(answered)}


def message(answered: Answered, *, code: str = "") -> dict[str, Any]:
    """What the bot says in a conversation by itself."""
    made = card(answered)
    if code:
        made["body"].append(_runs(code, size="ExtraLarge", weight="Bolder", fontType="Monospace"))
    return {
        "type": "message",
        "summary": told(answered.sentence, answered.language),
        "attachments": [{"contentType": TYPE, "content": made}],
    }


def _card(body: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": list(body), "actions": list(actions)}


def _execute(title: str, verb: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": dict(data)}


def _reason(language: str) -> dict[str, Any]:
    return {
        "type": "Input.Text", "id": REASON, "label": told("Why you reject it", language),
        "isMultiline": True, "isRequired": True, "maxLength": LONGEST_COMMENT,
        "errorMessage": told("The requester will want to know.", language),
    }  # fmt: skip


def _runs(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}
