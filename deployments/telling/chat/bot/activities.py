"""What Teams sends to a bot, as far as Tealgate goes by it. All of it was typed or chosen by others."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.telling.chat import taking
from deployments.texts import printable

_TAG = re.compile(r"<at\b[^>]*>.*?</at>|<[^>]*>", re.DOTALL)
#: What follows a channel's ID where the activity is about one of its threads.
_THREAD = ";messageid="
LONGEST_ID, LONGEST_SHOWN = 200, 120
_LONGEST_TEXT = 1000
#: An invoke of a card's Action.Execute.
CARD_ACTION = "adaptiveCard/action"


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """`place`: its ID, of a channel without the thread; `thread`: with it, to answer below."""

    place: str
    thread: str
    service_url: str
    shown: str


def invoked(activity: Mapping[str, Any]) -> bool:
    """Whether its answer is what is shown."""
    return activity.get("type") == "invoke"


def account(activity: Mapping[str, Any]) -> tuple[str, str]:
    """Of whoever sends: Microsoft Entra's ID of them, and how they are called; "" for who has none."""
    sender = _object(activity.get("from"))
    return taking.account(sender.get("aadObjectId")), _text(sender.get("name"))


def tenants(activity: Mapping[str, Any]) -> set[str]:
    """All that it names."""
    sources = (_object(activity.get("channelData")), _object(activity.get("conversation")))
    said = [each for source in sources for each in (source.get("tenantId"), _object(source.get("tenant")).get("id"))]
    return {each.lower() for each in said if isinstance(each, str) and each}


def conversation(activity: Mapping[str, Any]) -> Conversation | None:
    """None where it names none."""
    said, url = _object(activity.get("conversation")), activity.get("serviceUrl")
    thread = said.get("id")
    if not isinstance(thread, str) or not isinstance(url, str) or not thread.isprintable() or not thread:
        return None
    place = thread.partition(_THREAD)[0]
    if not place or len(place) > LONGEST_ID:
        return None
    return Conversation(place=place, thread=thread[: 2 * LONGEST_ID], service_url=url, shown=_called(activity, said))


def is_added(activity: Mapping[str, Any]) -> bool:
    """Whether the bot came to a conversation just now. Teams says so by one of two activities, or by both."""
    if activity.get("type") == "installationUpdate":
        return str(activity.get("action", "")).startswith("add")
    added, me = activity.get("membersAdded"), _object(activity.get("recipient")).get("id")
    if activity.get("type") != "conversationUpdate" or not isinstance(added, list) or not me:
        return False
    return any(_object(each).get("id") == me for each in added)


def typed(activity: Mapping[str, Any]) -> str | None:
    """What somebody wrote to the bot, without the mention of it; None where nobody wrote."""
    if activity.get("type") != "message":
        return None
    text = activity.get("text")
    plain = html.unescape(_TAG.sub(" ", text[:_LONGEST_TEXT] if isinstance(text, str) else ""))
    return plain.replace("\N{NO-BREAK SPACE}", " ").strip()


def pressed(activity: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """A button's verb and its data. None for what nobody pressed: a card that is shown anew asks by the same invoke."""
    value = _object(activity.get("value"))
    action = _object(value.get("action"))
    if activity.get("name") != CARD_ACTION or value.get("trigger", "manual") != "manual":
        return None
    verb = action.get("verb")
    if action.get("type") != "Action.Execute" or not isinstance(verb, str):
        return None
    return verb, _object(action.get("data"))


def _called(activity: Mapping[str, Any], conversation: Mapping[str, Any]) -> str:
    """The team and the channel, as far as they are named."""
    names = " / ".join(_named(activity, conversation))
    if conversation.get("conversationType") == "personal":
        names = account(activity)[1] and f"{account(activity)[1]}, alone"
    return (names or "a conversation")[:LONGEST_SHOWN]


def _named(activity: Mapping[str, Any], conversation: Mapping[str, Any]) -> Iterator[str]:
    data = _object(activity.get("channelData"))
    for each in (_object(data.get("team")), _object(data.get("channel")), conversation):
        if name := _text(each.get("name")):
            yield name


def _text(value: Any) -> str:
    return printable(value.strip())[:100] if isinstance(value, str) else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
