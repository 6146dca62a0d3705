"""How a conversation that the bot is in becomes an address: the bot shows a code there, and whoever may types it here.

The code proves that they read along. It is good for half an hour and for one address; a new one ends the one before.
"""

from datetime import datetime, timedelta
from secrets import choice
from typing import Final

from django.utils.crypto import salted_hmac

from deployments.refused import Refused
from deployments.telling.chat.bot import hosts
from deployments.telling.chat.bot.activities import Conversation
from deployments.telling.chat.bot.connector import Bot, Place
from deployments.telling.chat.models import ChatKind, ChatPlace, ChatWorkspace

GOOD_FOR: Final = timedelta(minutes=30)
#: Teams says by two activities that a bot was added, and repeats what was answered late: one code is shown.
_SHOWN_ONCE_IN: Final = timedelta(minutes=1)
#: Without those that look alike.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_EACH: Final = 5
_UNKNOWN: Final = (
    "No conversation shows this code now. Write “here” to the bot in Teams: it shows a new one for half an hour."
)


def offered(workspace: ChatWorkspace, conversation: Conversation, now: datetime, *, asked: bool) -> str:
    """The code to show there. "" where one was shown just now and nobody `asked` for another."""
    known = {"service_url": conversation.service_url, "shown": conversation.shown}
    row, _ = ChatPlace.objects.update_or_create(workspace=workspace, place=conversation.place, defaults=known)
    return code_for(row, now, asked=asked)


def code_for(row: ChatPlace, now: datetime, *, asked: bool) -> str:
    """As `offered`, of a row as it was a moment ago: another worker may hear of the same at once."""
    code = "-".join("".join(choice(_LETTERS) for _ in range(_EACH)) for _ in range(2))
    rows = ChatPlace.objects.filter(pk=row.pk)
    if not asked:
        rows = rows.exclude(code_ends_at__gt=now + GOOD_FOR - _SHOWN_ONCE_IN)
    return code if rows.update(code_digest=_digest(code), code_ends_at=now + GOOD_FOR) else ""


def redeemed(code: str, now: datetime) -> ChatPlace:
    """The conversation that shows it, which shows it to nobody else any more. Raises Refused, at the field url."""
    good = ChatPlace.objects.filter(code_digest=_digest(code), code_ends_at__gt=now, workspace__is_on=True)
    row = good.select_related("workspace").first()
    if row is None or not good.filter(pk=row.pk).update(code_digest="", code_ends_at=None):
        raise Refused(_UNKNOWN, field="url")
    return row


def moved(workspace: ChatWorkspace, conversation: Conversation) -> None:
    """Microsoft may serve a known conversation from elsewhere."""
    there = ChatPlace.objects.filter(workspace=workspace, place=conversation.place)
    there.exclude(service_url=conversation.service_url).update(service_url=conversation.service_url)


def reached(pk: int) -> Place:
    """By whom and where messages get there. Raises Refused: it is gone, off, or its secret cannot be read."""
    row = ChatPlace.objects.select_related("workspace").filter(pk=pk).first()
    if row is None:
        raise Refused("its bot was deleted in Tealgate. Delete this address, or lead it to another bot's conversation.")
    if not row.workspace.is_on or row.workspace.kind != ChatKind.BOT:
        raise Refused(f"{row.workspace} is off. Whoever may turns it on at Chat workspaces.")
    if wrong := hosts.refusal(row.service_url):
        raise Refused(wrong)
    return Place(bot=bot_of(row.workspace), conversation=row.place, service_url=row.service_url)


def bot_of(workspace: ChatWorkspace) -> Bot:
    """Raises Unreadable."""
    return Bot(app_id=workspace.app_id, tenant=workspace.place, secret=workspace.secret)


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return salted_hmac("deployments.telling.chat.bot.placing", plain, algorithm="sha256").hexdigest()
