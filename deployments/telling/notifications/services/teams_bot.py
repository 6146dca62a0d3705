"""Teams, by a bot: its message has buttons where the environment takes answers from there, and changes when it is over.

An address is teamsbot://N, the conversation's row; whom that is spoken to as comes along in `Outgoing.place`.
"""

from typing import Any, Final

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer
from deployments.telling import attempts
from deployments.telling.chat.bot import cards, connector
from deployments.telling.chat.bot.connector import Connector, NoToken
from deployments.telling.chat.models import ChatKind
from deployments.telling.notifications import rendering
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent
from deployments.texts import printable

#: What no attempt mends: 403 comes where the bot was removed or blocked, 404 where the conversation is no more. Teams
#: names what is wrong then; without a name it is something on the way there that answers so.
_GONE: Final = {
    403: "the bot is not in the conversation any more, or is blocked there; add it again",
    404: "the conversation is not there any more",
}
_UNKNOWN_BOT: Final = (
    "Teams answers 401, and does not take the bot's token: look whether the Azure bot is still there, and has its "
    "workspace's application ID"
)
#: Of a change: that message was deleted, or Teams takes no more changes of it.
_NO_CHANGE: Final = frozenset({400, 404, 405, 410})


class TeamsBot:
    def __init__(self, seconds: float = SECONDS) -> None:
        self._connector, self._seconds = Connector(), seconds

    def send(self, outgoing: Outgoing) -> Sent:
        if outgoing.place is None:
            return Sent(ok=False, said="Not sent: it is not said by which bot.")
        earlier = str(outgoing.reference.get("activity", ""))
        if outgoing.does is not Does.TELL and not earlier:
            return Sent(ok=False, said="Not sent: there is no message in Teams to change.", dropped=True)
        instead = "" if outgoing.does is Does.TELL else earlier
        try:
            answer = self._connector.said(
                outgoing.place, _message(outgoing), outgoing.now, seconds=self._seconds, instead=instead
            )
        except NoToken as error:
            return Sent(ok=False, said=f"Not sent: {error}", retry_after=error.retry_after)
        except FetchError as error:
            return Sent(ok=False, said=f"Not sent: {error}", maybe=error.timed_out)
        return _sent(answer, outgoing, instead)


def _message(outgoing: Outgoing) -> dict[str, Any]:
    content = outgoing.content
    made = rendering.teams_card(content, outgoing.site_url)
    if content.gate is not None and ChatKind.BOT in content.answered_in:
        card = made["attachments"][0]["content"]
        card["actions"] = [*cards.buttons(content.gate, content.seen, content.language), *card.get("actions", [])]
    return made


def _sent(answer: Answer, outgoing: Outgoing, instead: str) -> Sent:
    said, pause = connector.read(answer.body), attempts.asked_seconds(answer.headers, outgoing.now)
    if 200 <= answer.status < 300 and (instead or _reference(said)):
        return Sent(ok=True, said="Teams took it.", reference=_reference(said) or {"activity": instead})
    if 200 <= answer.status < 300:
        return Sent(ok=False, said=f"Not sent: Teams answers {answer.status}, and names no message.", maybe=True)
    if instead and answer.status in _NO_CHANGE:
        return Sent(ok=False, said="Not sent: Teams changes that message no more.", dropped=True)
    if answer.status == 429:
        return Sent(ok=False, said="Not sent: Teams takes no more messages for a while.", retry_after=pause)
    error = said.get("error")
    code = error.get("code") if isinstance(error, dict) else ""
    name = printable(code)[:60] if isinstance(code, str) else ""
    is_gone = bool(name) and answer.status in _GONE
    why = _GONE[answer.status] if is_gone else _why(answer.status)
    return Sent(
        ok=False, said=f"Not sent: {why} ({name})." if name else f"Not sent: {why}.", retry_after=pause,
        gone=is_gone, maybe=answer.status >= 500,
    )  # fmt: skip


def _why(status: int) -> str:
    return _UNKNOWN_BOT if status == 401 else f"Teams answers {status}"


def _reference(said: Any) -> dict[str, str]:
    found = said.get("id")
    return {"activity": printable(found)[:200]} if isinstance(found, str) and found else {}
