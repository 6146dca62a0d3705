"""What a bot hears besides buttons: that it was added somewhere, and what is written to it. It answers with a code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from deployments import logs
from deployments.outbound.errors import FetchError
from deployments.telling.chat.bot import activities, cards, placing
from deployments.telling.chat.bot.activities import Conversation
from deployments.telling.chat.bot.cards import Answered
from deployments.telling.chat.bot.connector import Connector, NoToken, Place
from deployments.telling.chat.models import ChatWorkspace

#: Teams waits 15 seconds before it sends the same once more.
SECONDS: Final = 5.0
_HERE: Final = "here"
_CODE: Final = (
    "Tealgate can tell this conversation what happens. Within half an hour, type this code there: at a channel, or at "
    "My notifications for yourself, Add an address, Microsoft Teams, a bot."
)
_HELP: Final = (
    "Write “here” and Tealgate shows a code by which this conversation is told. Gates are decided by buttons."
)
#: Of this process.
CONNECTOR: Final = Connector()
log = logs.get(__name__)


def take(workspace: ChatWorkspace, activity: Mapping[str, Any], now: datetime) -> None:
    """Answer in the conversation, where there is something to answer. Raises Unreadable (the secret)."""
    conversation = activities.conversation(activity)
    if conversation is None:
        return
    placing.moved(workspace, conversation)
    typed = activities.typed(activity)
    asked = typed is not None and typed.lower().strip(" .!") == _HERE
    if asked or activities.is_added(activity):
        if code := placing.offered(workspace, conversation, now, asked=asked):
            _said(workspace, conversation, cards.message(Answered(sentence=_CODE), code=code), now)
    elif typed is not None:
        _said(workspace, conversation, cards.message(Answered(sentence=_HELP)), now)


def _said(workspace: ChatWorkspace, conversation: Conversation, message: Mapping[str, Any], now: datetime) -> None:
    """Where Teams does not take it, whoever asked writes once more."""
    place = Place(bot=placing.bot_of(workspace), conversation=conversation.thread, service_url=conversation.service_url)
    try:
        status = CONNECTOR.said(place, message, now, seconds=SECONDS).status
        trouble = "" if 200 <= status < 300 else f"Teams answers {status}."
    except (FetchError, NoToken) as error:
        trouble = str(error)
    if trouble:
        log.warning("no answer to the chat", workspace=str(workspace), why=trouble)
