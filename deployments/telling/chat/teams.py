"""Teams' outgoing webhook: "@Tealgate approve 17-3f9a2c", and a sentence in answer, which all of the channel sees.

A card that a workflow posts cannot press anything here so that it could be believed; only a mention is signed.
"""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deployments.refused import Refused
from deployments.telling.chat import answering, binding, taking
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.vocabulary import Verdict

_TAG = re.compile(r"<at\b[^>]*>.*?</at>|<[^>]*>", re.DOTALL)
_COMMAND = re.compile(r"(approve|reject)\s+(\d{1,9})-([0-9a-f]{6})\b[\s:,]*(.*)", re.IGNORECASE | re.DOTALL)
_HELP = (
    "Say “approve” or “reject” with what the message says, such as: approve 17-3f9a2c. A rejection needs a reason "
    "behind it."
)


def hint(gate: int, seen: str) -> str:
    """What a message says of how to answer it."""
    return f"approve {gate}-{answering.mark(seen)}"


def take(workspace: ChatWorkspace, activity: Mapping[str, Any], now: datetime) -> str:
    """Do what was asked; a sentence of what came of it."""
    sender = activity.get("from")
    account = taking.account(sender.get("aadObjectId")) if isinstance(sender, dict) else ""
    if not isinstance(sender, dict) or not account:
        return "Teams does not say who you are. Open the gate's page and decide there."
    bound = binding.acting(workspace, account, now)
    if bound is None:
        link = binding.link(Asked(workspace, account, str(sender.get("name") or "")), now)
        return f"Tealgate does not know whose account this is. Say so once within ten minutes, signed in: {link}"
    said = _COMMAND.fullmatch(_plain(activity.get("text")))
    return _decided(bound, said, now) if said else _HELP


def _decided(account: ChatAccount, said: re.Match[str], now: datetime) -> str:
    verdict = Verdict.APPROVE if said[1].lower() == "approve" else Verdict.REJECT
    gate, seen = int(said[2]), said[3].lower()
    try:
        return answering.answer(account=account, gate=gate, seen=seen, verdict=verdict, comment=said[4], now=now)
    except Refused as refused:
        return f"{refused.sentence} {answering.gate_url(gate)}"


def _plain(text: Any) -> str:
    """What was typed, without the mention of Tealgate itself."""
    return (
        html.unescape(_TAG.sub(" ", text if isinstance(text, str) else "")).replace("\N{NO-BREAK SPACE}", " ").strip()
    )
