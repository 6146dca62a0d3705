"""A Slack on loopback: its API, and the addresses at which it takes answers; and what it sends, signed as it says."""

import hashlib
import hmac
import itertools
import json
from typing import Any
from urllib.parse import urlencode

from tests.telling.forge.server import Answer, Forge, ok

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, ALICE = "T1DC2JH3J", "U2CERLKJA"
#: Slack counts them: no two are the same.
_presses = itertools.count(12321423423)


class Slack(Forge):
    def __init__(self) -> None:
        super().__init__()
        #: what whoever pressed was told
        self.whispers: list[str] = []
        self.views: list[dict[str, Any]] = []
        self.takes_views = True

    def answered(self, method: str, path: str, query: dict[str, str], body: Any, headers: Any) -> Answer:
        if path == "/api/views.open":
            assert headers["Authorization"] == "Bearer xoxb-bot"
            self.views.append(body["view"])
            return ok({"ok": self.takes_views, "error": "" if self.takes_views else "expired_trigger_id"})
        assert (body["response_type"], body["replace_original"]) == ("ephemeral", False)
        self.whispers.append(body["text"])
        return ok("ok")


def pressed(slack: Slack, button: str, value: str, *, account: str = ALICE, team: str = TEAM) -> dict[str, Any]:
    """Of a message's buttons, as Slack's reference of block_actions has it."""
    return {
        "type": "block_actions",
        "user": {"id": account, "username": "alice.s", "name": "alice.s", "team_id": team},
        "team": {"id": team, "domain": "acme"},
        "api_app_id": "A02",
        "trigger_id": f"{next(_presses)}.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "response_url": f"{slack.base.removesuffix('/api')}/actions/{team}/1/x",
        "actions": [{"type": "button", "action_id": button, "block_id": "answer", "value": value}],
    }


def sent_off(view: dict[str, Any], reason: str, *, account: str = ALICE) -> dict[str, Any]:
    """A window, as Slack's reference of view_submission has it."""
    values = {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": account, "username": "alice.s"},
        "view": {**view, "id": "V1", "state": {"values": values}},
    }


def signed(payload: Any, seconds: int, secret: str = SECRET) -> dict[str, Any]:
    """What django's test client posts."""
    body = urlencode({"payload": json.dumps(payload)})
    digest = hmac.new(secret.encode(), f"v0:{seconds}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "data": body,
        "content_type": "application/x-www-form-urlencoded",
        "headers": {"X-Slack-Request-Timestamp": str(seconds), "X-Slack-Signature": f"v0={digest}"},
    }
