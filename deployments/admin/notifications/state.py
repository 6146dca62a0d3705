"""How it stands with addresses and messages, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from deployments.telling.notifications.models import Message, MessageStatus, NotificationAddress
from deployments.words import duration_words


@dataclass(frozen=True, kw_only=True)
class State:
    word: str
    tone: str
    #: what to know besides; "" where the word says it all
    sentence: str = ""


_UNTRIED = State(word="Not tried yet", tone="quiet", sentence="Send a test to see whether it gets there.")


@dataclass(frozen=True)
class Standing:
    address: NotificationAddress
    state: State

    @property
    def is_untried(self) -> bool:
        return self.state == _UNTRIED


def standings(addresses: Iterable[NotificationAddress], now: datetime) -> list[Standing]:
    """Each with its state, by one more query for each to which nothing comes through."""
    return [Standing(row, address_state(row, _tried(row), now)) for row in addresses]


def address_state(address: NotificationAddress, tried: Message | None, now: datetime) -> State:
    """`tried`: what did not come through, and is tried again or not."""
    if not address.is_on:
        return State(word="Off", tone="bad" if address.off_reason else "quiet", sentence=address.off_reason)
    if address.failing_since:
        return State(word="Failing", tone="warn", sentence=_failing(address.failing_since, tried, now))
    if address.delivered_at:
        return State(word="Good", tone="good")
    if tried:
        return State(word="Does not get there", tone="bad", sentence=tried.said)
    return _UNTRIED


def message_state(message: Message, now: datetime) -> State:
    match MessageStatus(message.status):
        case MessageStatus.SENT:
            twice = "It may have come twice: an attempt was cut off, and nobody knows." if message.maybe_twice else ""
            return State(word="Came through", tone="good", sentence=twice)
        case MessageStatus.FAILED:
            return State(word="Failed", tone="bad", sentence=message.said)
        case MessageStatus.DROPPED:
            return State(word="Not needed any more", tone="quiet", sentence=message.said)
        case MessageStatus.WAITING if message.attempts:
            return State(word="Tried again", tone="warn", sentence=f"{message.said} {_again(message, now)}".strip())
        case MessageStatus.WAITING if message.due_at > now:
            return State(word="Waits", tone="quiet", sentence=f"Sent in {_in(message.due_at, now)}.")
        case _:
            return State(word="Being sent", tone="busy")


def _tried(address: NotificationAddress) -> Message | None:
    """What is tried again next where it fails; what failed last where nothing ever came through."""
    tried = address.messages.filter(attempts__gt=0)
    if address.is_on and address.failing_since:
        return tried.filter(status=MessageStatus.WAITING).order_by("due_at").first()
    if address.is_on and not address.delivered_at:
        return tried.filter(status=MessageStatus.FAILED).order_by("-pk").first()
    return None


def _failing(since: datetime, tried: Message | None, now: datetime) -> str:
    said = f" {tried.said} {_again(tried, now)}" if tried else ""
    return f"Nothing came through since {since:%Y-%m-%d %H:%M} UTC.{said}"


def _again(message: Message, now: datetime) -> str:
    return f"Tried again in {_in(message.due_at, now)}." if message.due_at > now else "Tried again now."


def _in(due: datetime, now: datetime) -> str:
    return duration_words((due - now).total_seconds())
