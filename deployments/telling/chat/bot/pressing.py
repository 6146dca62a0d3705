"""A button of a bot's card in Teams: who pressed what, and what stands in the card afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.languages.told import KEPT
from deployments.people.language import chosen_by, known
from deployments.refused import Refused
from deployments.telling.chat import answering, binding
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.bot import activities, cards
from deployments.telling.chat.bot.cards import Answered
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.vocabulary import Verdict

_VERDICTS = {cards.APPROVE: Verdict.APPROVE, cards.REJECT: Verdict.REJECT}
_OPEN = "Open the gate"
_WHY = (
    "Say why you reject it; the requester will want to know. Where this cannot be sent off, do so on the gate's page."
)


@dataclass(frozen=True, kw_only=True)
class Pressed:
    verdict: Verdict
    gate: int
    #: the fingerprint of what the message showed
    seen: str
    #: of the message, for whoever nobody knows yet
    language: str = KEPT
    #: None where it was not asked for yet
    reason: str | None = None


def take(workspace: ChatWorkspace, activity: Mapping[str, Any], now: datetime) -> Answered | None:
    """Do what was asked; what is shown for it. None for what is no button of ours."""
    pressed = _pressed(activity)
    if pressed is None:
        return None
    account, shown = activities.account(activity)
    if not account:
        said = "Teams does not say who you are. Open the gate's page and decide there."
        gate = answering.gate_url(pressed.gate)
        return Answered(sentence=said, link=gate, label=_OPEN, language=pressed.language)
    bound = binding.acting(workspace, account, now)
    if bound is None:
        return _unknown(Asked(workspace, account, shown), pressed, now)
    return _decided(bound, pressed, now)


def _unknown(asked: Asked, pressed: Pressed, now: datetime) -> Answered:
    return Answered(
        sentence="Tealgate does not know whose account this is. Say so once within ten minutes, signed in; then press "
        "again.",
        link=binding.link(asked, now),
        label="This account is mine",
        again=(pressed.gate, pressed.seen),
        language=pressed.language,
    )


def _decided(account: ChatAccount, pressed: Pressed, now: datetime) -> Answered:
    link, again = answering.gate_url(pressed.gate), (pressed.gate, pressed.seen)
    language = chosen_by(account.person) or KEPT
    try:
        if pressed.verdict is Verdict.REJECT and not (pressed.reason or "").strip():
            answering.require(account=account, gate=pressed.gate, seen=pressed.seen, now=now)
            return Answered(sentence=_WHY, link=link, label=_OPEN, again=again, asks=True, language=language)
        said = answering.answer(
            account=account, gate=pressed.gate, seen=pressed.seen, verdict=pressed.verdict,
            comment=pressed.reason or "", now=now,
        )  # fmt: skip
    except Refused as refused:
        said = refused.sentence
    return Answered(sentence=said, link=link, label=_OPEN, language=language)


def _pressed(activity: Mapping[str, Any]) -> Pressed | None:
    found = activities.pressed(activity)
    verdict = _VERDICTS.get(found[0]) if found else None
    if found is None or verdict is None:
        return None
    data = found[1]
    gate, seen, reason = data.get(cards.GATE), data.get(cards.SEEN), data.get(cards.REASON)
    if not isinstance(gate, int) or isinstance(gate, bool) or not 0 < gate < 2**31 or not isinstance(seen, str):
        return None
    is_asked = verdict is Verdict.REJECT and data.get(cards.ASKED) is True and isinstance(reason, str)
    language = known(data.get(cards.LANGUAGE))
    return Pressed(verdict=verdict, gate=gate, seen=seen, language=language, reason=str(reason) if is_asked else None)
