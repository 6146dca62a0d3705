"""The ways out: which adapter sends to which service, and what it is given and answers.

An adapter needs no database, takes no longer than SECONDS, and raises nothing that it can say. It is called outside of
any transaction, in a thread of its own, perhaps a second time with the same `key` where an attempt was cut off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from django.utils.module_loading import import_string

from deployments.telling.chat.bot.connector import Place
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does

#: Of one attempt.
SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    address_url: str = field(repr=False)
    content: Content
    does: Does
    thread: str
    #: of this message at this address, the same with every attempt
    key: str
    #: what the service answered to the thread's first message, {} where that was not sent
    reference: Mapping[str, Any]
    #: from 1
    attempt: int
    is_internal: bool
    site_url: str
    now: datetime
    #: a name from kinds.py
    kind: str = ""
    #: of a bot's address: by whom and where it is said
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """`said`: in sentences, without the address. `reference`: by which the service finds it again."""

    ok: bool
    said: str
    reference: Mapping[str, Any] = field(default_factory=dict)
    #: in seconds, as the service asks for
    retry_after: float | None = None
    #: the address takes nothing any more, so trying again is of no use
    gone: bool = False
    #: nothing was sent, because the service cannot change what it has: neither a failure nor something to try again
    dropped: bool = False
    #: it may have arrived although nothing says so
    maybe: bool = False
    #: the service knows it by its key, so that it is there once however often it was sent
    once: bool = False


class Adapter(Protocol):
    def send(self, outgoing: Outgoing) -> Sent: ...


#: What is told there is read by programs, and searched for in their rules.
OF_MACHINES: Final = frozenset({"eventbridge", "sns", "json", "jsons", "xml", "xmls", "form", "forms"})
#: By what the address of a bot in Teams begins.
BOT: Final = "teamsbot"
#: By what an address begins with; every other one is apprise's.
ADAPTERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("email", "mailto", "mailtos"), f"{__name__}.email.Email"),
    "eventbridge": f"{__name__}.eventbridge.EventBridge",
    "opsgenie": f"{__name__}.opsgenie.Opsgenie",
    "pagerduty": f"{__name__}.pagerduty.PagerDuty",
    "slack": f"{__name__}.slack.Slack",
    "sns": f"{__name__}.sns.Sns",
    BOT: f"{__name__}.teams_bot.TeamsBot",
    "workflow": f"{__name__}.teams.Teams",
    "workflows": f"{__name__}.teams.Teams",
}
#: A webhook of Slack's, and a mail server that an address names, are read by apprise.
_ALSO_BY_APPRISE: Final = frozenset({"slack", "mailto", "mailtos"})
DEFAULT: Final = f"{__name__}.through_apprise.ThroughApprise"


def is_by_apprise(service: str) -> bool:
    """Whether messages there take apprise, some of them or all."""
    return service not in ADAPTERS or service in _ALSO_BY_APPRISE


def adapter_of(service: str) -> Adapter:
    """Imported late: only whoever sends needs it, and a web process none of them."""
    made: Adapter = import_string(ADAPTERS.get(service, DEFAULT))()
    return made
