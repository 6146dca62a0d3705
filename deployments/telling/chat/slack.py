"""Slack's buttons: what was pressed, and by whom."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.delivery.models.gate import LONGEST_COMMENT
from deployments.languages.told import KEPT, told
from deployments.people.language import chosen_by, known
from deployments.refused import Refused
from deployments.telling.chat import answering, binding, speaking, taking
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.vocabulary import Verdict

#: The buttons' `action_id`, and their window's `callback_id`.
APPROVE, REJECT = "tealgate_approve", "tealgate_reject"
_REASON = "reason"


@dataclass(frozen=True)
class Pressed:
    """A button of a message, or a window that was sent off."""

    account: str
    shown: str
    verdict: Verdict
    gate: int
    #: the fingerprint of what the message showed
    seen: str
    #: of the message, for whoever nobody knows yet
    language: str = KEPT
    comment: str = ""
    response_url: str = ""
    trigger: str = ""


def value(gate: int, seen: str, language: str = KEPT) -> str:
    """What a button carries; by itself it is worth nothing."""
    carried = {"gate": gate, "seen": seen} | ({"language": language} if language != KEPT else {})
    return json.dumps(carried, separators=(",", ":"))


def take(workspace: ChatWorkspace, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Do what was asked; what Slack is answered, where that is more than that it came.

    Whatever is no button of ours is passed over, such as a press of a link.
    """
    pressed = _button(payload) or _window(payload)
    if pressed is None:
        return None
    account = binding.acting(workspace, pressed.account, now)
    if account is None:
        return _unknown(workspace, pressed, now)
    language = chosen_by(account.person) or KEPT
    try:
        return _done(workspace, account, pressed, language, now)
    except Refused as refused:
        return _refused(workspace, pressed, told(refused.sentence, language), language)


def _done(
    workspace: ChatWorkspace, account: ChatAccount, pressed: Pressed, language: str, now: datetime
) -> dict[str, Any] | None:
    if pressed.verdict is Verdict.REJECT and pressed.trigger:
        answering.require(account=account, gate=pressed.gate, seen=pressed.seen, now=now)
        _asked_why(workspace, pressed, language)
        return None
    said = answering.answer(
        account=account, gate=pressed.gate, seen=pressed.seen, verdict=pressed.verdict, comment=pressed.comment, now=now
    )
    if not pressed.response_url:
        return {"response_action": "clear"}
    _whisper(workspace, pressed, told(said, language), language)
    return None


def _unknown(workspace: ChatWorkspace, pressed: Pressed, now: datetime) -> dict[str, Any] | None:
    if not pressed.response_url:
        sentence = "Tealgate does not know any more whose account this is. Press Reject again."
        return _wrong(told(sentence, pressed.language))
    link = binding.link(Asked(workspace, pressed.account, pressed.shown), now)
    sentence = (
        "Tealgate does not know whose account this is. Say so once within ten minutes, signed in; then press again."
    )
    label = told("This account is mine", pressed.language)
    speaking.whisper(workspace, pressed.response_url, told(sentence, pressed.language), link=link, label=label)
    return None


def _asked_why(workspace: ChatWorkspace, pressed: Pressed, language: str) -> None:
    """In a window of Slack's, or else on the page."""
    if not speaking.opened(workspace, pressed.trigger, _reason_window(pressed, language)):
        sentence = "Say why you reject it on the gate's page; the requester will want to know."
        _whisper(workspace, pressed, told(sentence, language), language)


def _refused(workspace: ChatWorkspace, pressed: Pressed, sentence: str, language: str) -> dict[str, Any] | None:
    if not pressed.response_url:
        return _wrong(sentence)
    _whisper(workspace, pressed, sentence, language)
    return None


def _whisper(workspace: ChatWorkspace, pressed: Pressed, sentence: str, language: str) -> None:
    """With the way to the gate's page."""
    link, label = answering.gate_url(pressed.gate), told("Open the gate", language)
    speaking.whisper(workspace, pressed.response_url, sentence, link=link, label=label)


def _wrong(sentence: str) -> dict[str, Any]:
    return {"response_action": "errors", "errors": {_REASON: sentence}}


def _reason_window(pressed: Pressed, language: str) -> dict[str, Any]:
    box = {"type": "plain_text_input", "action_id": _REASON, "multiline": True, "max_length": LONGEST_COMMENT}
    return {
        "type": "modal",
        "callback_id": REJECT,
        "private_metadata": value(pressed.gate, pressed.seen),
        "title": {"type": "plain_text", "text": told("Reject", language)},
        "submit": {"type": "plain_text", "text": told("Reject", language)},
        "close": {"type": "plain_text", "text": told("Back", language)},
        "blocks": [
            {
                "type": "input",
                "block_id": _REASON,
                "label": {"type": "plain_text", "text": told("Why you reject it", language)},
                "element": box,
            }
        ],
    }


def _button(payload: Mapping[str, Any]) -> Pressed | None:
    actions = payload.get("actions")
    if payload.get("type") != "block_actions" or not isinstance(actions, list) or not actions:
        return None
    action = actions[0] if isinstance(actions[0], dict) else {}
    verdict = {APPROVE: Verdict.APPROVE, REJECT: Verdict.REJECT}.get(str(action.get("action_id")))
    url, trigger = payload.get("response_url"), payload.get("trigger_id")
    if verdict is None or not isinstance(url, str) or not url:
        return None
    trigger = trigger if isinstance(trigger, str) and verdict is Verdict.REJECT else ""
    return _pressed(payload, verdict, action.get("value"), response_url=url, trigger=trigger)


def _window(payload: Mapping[str, Any]) -> Pressed | None:
    view = payload.get("view")
    if payload.get("type") != "view_submission" or not isinstance(view, dict) or view.get("callback_id") != REJECT:
        return None
    said: Any = view
    for name in ("state", "values", _REASON, _REASON, "value"):
        said = said.get(name) if isinstance(said, dict) else None
    comment = said if isinstance(said, str) else ""
    return _pressed(payload, Verdict.REJECT, view.get("private_metadata"), comment=comment)


def _pressed(payload: Mapping[str, Any], verdict: Verdict, carried: Any, **more: str) -> Pressed | None:
    user, said = payload.get("user"), _carried(carried)
    account = taking.account(user.get("id")) if isinstance(user, dict) else ""
    if not isinstance(user, dict) or not account or said is None:
        return None
    shown = str(user.get("username") or user.get("name") or "")
    gate, seen, language = said
    return Pressed(account=account, shown=shown, verdict=verdict, gate=gate, seen=seen, language=language, **more)


def _carried(text: Any) -> tuple[int, str, str] | None:
    """Gate, fingerprint and language."""
    try:
        said = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    gate = said.get("gate")
    if not isinstance(gate, int) or not 0 < gate < 2**31:
        return None
    return gate, str(said.get("seen") or ""), known(said.get("language"))
