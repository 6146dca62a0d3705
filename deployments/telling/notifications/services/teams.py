"""Teams, by a workflow that posts a card. A card has a link; what answers it is typed, since no button is signed."""

import json
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from deployments.languages.told import told
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Request, fetch
from deployments.telling import attempts
from deployments.telling.chat import teams
from deployments.telling.chat.models import ChatKind
from deployments.telling.notifications import rendering
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent

_LIMIT: Final = 64 * 1024
#: The workflow was deleted or its address made anew.
_GONE: Final = frozenset({401, 404, 410})


class Teams:
    def __init__(self, scheme: str = "https") -> None:
        self._scheme = scheme

    def send(self, outgoing: Outgoing) -> Sent:
        if outgoing.does is Does.UPDATE and not outgoing.content.is_news:
            return Sent(ok=False, said="Not sent: a workflow cannot change what it posted.", dropped=True)
        card = rendering.teams_card(outgoing.content, outgoing.site_url)
        _add_hint(card, outgoing.content)
        url, content = workflow(outgoing.address_url, self._scheme), json.dumps(card).encode()
        request = Request(
            url=url, method="POST", headers={"Content-Type": "application/json"}, content=content, seconds=SECONDS,
            limit=_LIMIT, public=not outgoing.is_internal,
        )  # fmt: skip
        try:
            answer = fetch(request)
        except FetchError as error:
            return Sent(ok=False, said=f"Not sent: {error}", maybe=error.timed_out)
        if 200 <= answer.status < 300:
            return Sent(ok=True, said="The workflow took it.")
        return Sent(
            ok=False, said=f"Not sent: the workflow answers {answer.status}.", gone=answer.status in _GONE,
            retry_after=attempts.asked_seconds(answer.headers, outgoing.now),
            maybe=answer.status >= 500,
        )  # fmt: skip


def workflow(url: str, scheme: str = "https") -> str:
    """The address to post to, from apprise's way to write it: workflows://HOST/WORKFLOW/?sig=…[&pa=yes][&route=…]."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    automate, route = said.pop("pa", "") == "yes", said.pop("route", "")
    usual = {
        "api-version": "2022-03-01-preview" if automate else "2016-06-01",
        "sp": "/triggers/manual/run",
        "sv": "1.0",
    }
    before = "/powerautomate/automations/direct" if automate else ""
    before += f"/cu/{route}" if before and route else ""
    where = f"{scheme}://{parts.netloc}{before}/workflows/{parts.path.strip('/')}/triggers/manual/paths/invoke"
    return f"{where}?{urlencode({**usual, **said})}"


def _add_hint(card: dict[str, Any], content: Content) -> None:
    """What to type, where that would be believed."""
    if content.gate is None or ChatKind.TEAMS not in content.answered_in:
        return
    said = f"Answer here: @Tealgate {teams.hint(content.gate, content.seen)} (or reject, and why)."
    run = {"type": "TextRun", "text": told(said, content.language), "weight": "Bolder"}
    card["attachments"][0]["content"]["body"].append({"type": "RichTextBlock", "inlines": [run]})
