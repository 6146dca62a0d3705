"""Slack, by a bot: its message has buttons where the environment takes answers from there, and changes when it is over.

An incoming webhook (slack://T…/B…/…) has neither and is apprise's, as is an address of several channels at once.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from deployments.languages.told import told
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.telling import attempts
from deployments.telling.chat import slack as buttons
from deployments.telling.chat.models import ChatKind
from deployments.telling.notifications import rendering
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent, adapter_of
from deployments.texts import printable

_API: Final = "https://slack.com/api"
_GOV: Final = "https://slack-gov.com/api"
_LIMIT: Final = 256 * 1024
#: What mends itself by nothing that is sent again.
_GONE: Final[Mapping[str, str]] = {
    "account_inactive": "the bot's account was deleted",
    "invalid_auth": "the bot's token is not right",
    "is_archived": "the channel is archived",
    "missing_scope": "the bot lacks the scope chat:write",
    "not_authed": "there is no bot's token",
    "token_expired": "the bot's token is over",
    "token_revoked": "the bot's token was revoked",
}
#: What people can mend in Slack while it is tried again.
_MENDED: Final[Mapping[str, str]] = {
    "channel_not_found": "there is no such channel, or the bot is not in it; invite it there",
    "not_in_channel": "the bot is not in the channel; invite it there",
}
_NO_CHANGE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


class Slack:
    def __init__(self, api: str = "") -> None:
        """`api`: another one than the address says."""
        self._api = api

    def send(self, outgoing: Outgoing) -> Sent:
        parts = urlsplit(outgoing.address_url)
        token, place = parts.netloc.rpartition("@")[2], _place(parts.path)
        if not token.startswith(("xoxb-", "xoxp-")) or not place or "/" in place:
            return adapter_of("").send(outgoing)
        if outgoing.does is not Does.TELL and not outgoing.reference.get("ts"):
            return Sent(ok=False, said="Not sent: there is no message in Slack to change.", dropped=True)
        api = self._api or (_GOV if parse_qs(parts.query).get("mode") == ["gov"] else _API)
        method = "chat.postMessage" if outgoing.does is Does.TELL else "chat.update"
        try:
            answer = _asked(f"{api}/{method}", token, _message(outgoing, place), outgoing.is_internal)
        except FetchError as error:
            return Sent(ok=False, said=f"Not sent: {error}", maybe=error.timed_out)
        return _sent(answer, outgoing)


def _message(outgoing: Outgoing, place: str) -> dict[str, Any]:
    content = outgoing.content
    blocks = [*rendering.slack_blocks(content, outgoing.site_url), *_answers(content)]
    said = {"text": rendering.slack_text(content), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    if outgoing.does is Does.TELL:
        return {"channel": place, **said}
    return {"channel": outgoing.reference.get("channel") or place, "ts": outgoing.reference["ts"], **said}


def _answers(content: Content) -> list[dict[str, Any]]:
    """Nobody approves by a slip of the thumb, so Slack asks once more; a rejection asks for its reason."""
    if content.gate is None or ChatKind.SLACK not in content.answered_in:
        return []
    value, said = buttons.value(content.gate, content.seen, content.language), partial(told, language=content.language)
    sure = {
        "title": _plain(said("Approve?")), "text": _plain(said("The deployment goes on once all approvals are there.")),
        "confirm": _plain(said("Approve")), "deny": _plain(said("Back")),
    }  # fmt: skip
    approve = _button(said("Approve"), buttons.APPROVE, value) | {"style": "primary", "confirm": sure}
    reject = _button(said("Reject"), buttons.REJECT, value) | {"style": "danger"}
    return [{"type": "actions", "block_id": "answer", "elements": [approve, reject]}]


def _button(text: str, action: str, value: str) -> dict[str, Any]:
    return {"type": "button", "text": _plain(text), "action_id": action, "value": value}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _place(path: str) -> str:
    """As apprise writes it: +C… and @U… are IDs, #name a channel."""
    said = unquote(path).strip("/")
    return said[1:] if said[:1] in ("+", "@") else said


def _asked(url: str, token: str, said: Mapping[str, Any], is_internal: bool) -> Answer:
    """Raises FetchError."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {token}"}
    content = json.dumps(said).encode()
    return fetch(
        Request(
            url=url, method="POST", headers=headers, content=content, seconds=SECONDS, limit=_LIMIT,
            public=not is_internal,
        )
    )  # fmt: skip


def _sent(answer: Answer, outgoing: Outgoing) -> Sent:
    if answer.status == 429:
        return Sent(
            ok=False, said="Not sent: Slack takes no more messages for a while.",
            retry_after=attempts.asked_seconds(answer.headers, outgoing.now),
        )  # fmt: skip
    said = _object(answer.body)
    if answer.status >= 500 or said is None:
        return Sent(ok=False, said=f"Not sent: Slack answers {answer.status}.", maybe=answer.status >= 500)
    if said.get("ok") is True:
        found = {name: printable(str(said[name])) for name in ("channel", "ts") if said.get(name)}
        return Sent(ok=True, said="Slack took it.", reference=found)
    return _refused(printable(str(said.get("error", "")))[:60])


def _refused(error: str) -> Sent:
    """Slack refuses by a 200 with an error's name in it."""
    if error in _NO_CHANGE:
        return Sent(ok=False, said="Not sent: Slack changes that message no more.", dropped=True)
    why = _GONE.get(error) or _MENDED.get(error) or f"Slack says {error or 'no'}"
    return Sent(ok=False, said=f"Not sent: {why}.", gone=error in _GONE)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
