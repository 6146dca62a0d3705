"""Messages that can be answered: Slack's with buttons that change when it is over, and Teams' with what to type."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from deployments.delivery import gate_seen
from deployments.delivery.models import Gate
from deployments.telling.chat import slack as buttons
from deployments.telling.chat import teams as sentences
from deployments.telling.chat.models import ChatAccount, ChatKind, ChatWorkspace
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Outgoing
from deployments.telling.notifications.services.slack import Slack
from deployments.telling.notifications.services.teams import Teams, workflow
from deployments.telling.notifications.wording import gates
from tests.delivery.engine.world import World
from tests.telling.chat.conftest import Post
from tests.telling.chat.slack_server import Slack as SlackServer
from tests.telling.chat.slack_server import pressed
from tests.telling.forge.server import Answer, Forge, ok, served

CONTENT = Content(
    subject="Waits for you: 1.1.0 to <!channel>", path="/deployments/gate/7/change/", gate=7, seen="a_b",
    answered_in=(ChatKind.SLACK, ChatKind.TEAMS), tone="waits",
)  # fmt: skip


class Api(Forge):
    """Slack's API, or a workflow of Teams'."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        self.says: dict[str, Any] = {"ok": True, "channel": "C1", "ts": "1.5"}

    def answered(self, method: str, path: str, query: dict[str, str], body: Any, headers: Any) -> Answer:
        self.bodies.append(body | {"authorization": headers["Authorization"]})
        return ok(self.says)


@pytest.fixture
def api() -> Any:
    api = Api()
    with served(api):
        yield api


def outgoing(url: str = "slack://xoxb-1/%2BC1/", **said: Any) -> Outgoing:
    usual: dict[str, Any] = {
        "content": CONTENT, "does": Does.TELL, "thread": "gate:7", "key": "event:1", "reference": {}, "attempt": 1,
        "is_internal": True, "site_url": "https://tealgate.example", "now": timezone.now(),
    }  # fmt: skip
    return Outgoing(address_url=url, **usual | said)


def test_a_bot_posts_buttons_and_remembers_where(api: Api) -> None:
    sent = Slack(api.base).send(outgoing())

    assert (sent.ok, sent.reference) == (True, {"channel": "C1", "ts": "1.5"})
    [body] = api.bodies
    assert api.calls == [("POST", "/chat.postMessage")]
    assert (body["channel"], body["authorization"]) == ("C1", "Bearer xoxb-1")
    approve, reject = body["blocks"][-1]["elements"]
    assert approve["value"] == reject["value"] == buttons.value(7, "a_b")
    assert [approve["action_id"], reject["action_id"]] == [buttons.APPROVE, buttons.REJECT]
    assert approve["confirm"]["title"]["text"] == "Approve?"
    assert "<!channel>" not in body["text"]


def test_a_chat_that_is_not_believed_is_offered_nothing(api: Api) -> None:
    Slack(api.base).send(outgoing(content=replace(CONTENT, answered_in=(ChatKind.TEAMS,))))
    Teams("http").send(
        outgoing(
            f"workflows://{api.base.removeprefix('http://')}/ab1/",
            content=replace(CONTENT, answered_in=(ChatKind.SLACK,)),
        )
    )

    assert "actions" not in {block["type"] for block in api.bodies[0]["blocks"]}
    assert "@Tealgate" not in str(api.bodies[1])


def test_what_is_over_changes_the_message_and_takes_its_buttons_away(api: Api) -> None:
    over = Content(subject="Approved: 1.1.0 to shop/production", path="/deployments/gate/7/change/")

    sent = Slack(api.base).send(outgoing(content=over, does=Does.UPDATE, reference={"channel": "C1", "ts": "1.5"}))

    assert sent.ok and api.calls == [("POST", "/chat.update")]
    assert (api.bodies[0]["channel"], api.bodies[0]["ts"]) == ("C1", "1.5")
    assert all(block["type"] != "actions" for block in api.bodies[0]["blocks"])


def test_a_message_that_slack_never_took_is_not_changed(api: Api) -> None:
    assert Slack(api.base).send(outgoing(does=Does.UPDATE)).dropped
    assert not api.calls


@pytest.mark.parametrize(
    ("error", "sentence", "gone"),
    [
        ("token_revoked", "the bot's token was revoked", True),
        ("not_in_channel", "invite it there", False),
        ("<b>new\n", "Slack says <b>new", False),
    ],
)
def test_a_refusal_in_a_200_is_no_success(api: Api, error: str, sentence: str, gone: bool) -> None:
    api.says = {"ok": False, "error": error}

    sent = Slack(api.base).send(outgoing())

    assert (sent.ok, sent.gone) == (False, gone)
    assert sentence in sent.said and "\n" not in sent.said and "xoxb" not in sent.said


def test_slack_says_when_to_come_again(api: Api) -> None:
    api.faults.append((429, {"ok": False}, {"Retry-After": "30"}))

    sent = Slack(api.base).send(outgoing())

    assert (sent.ok, sent.retry_after) == (False, 30)


def test_a_server_that_fails_may_have_taken_it(api: Api) -> None:
    api.faults.append((503, None, {}))

    assert Slack(api.base).send(outgoing()).maybe


def test_a_private_address_is_asked_only_where_that_is_said(api: Api) -> None:
    sent = Slack(api.base).send(outgoing(is_internal=False))

    assert "private address" in sent.said and not api.calls


def test_a_workflow_is_given_a_card_with_what_to_type(api: Api) -> None:
    sent = Teams("http").send(outgoing(f"workflows://{api.base.removeprefix('http://')}/ab1/?sig=s3cret"))

    assert sent.ok and api.calls == [("POST", "/workflows/ab1/triggers/manual/paths/invoke")]
    body = str(api.bodies[0]["attachments"][0]["content"]["body"])
    assert f"@Tealgate {sentences.hint(7, 'a_b')}" in body
    assert sentences.hint(7, "a_b").startswith("approve 7-")


@pytest.mark.parametrize(("status", "gone"), [(404, True), (429, False), (502, False)])
def test_a_workflow_that_refuses_is_said_without_its_address(api: Api, status: int, gone: bool) -> None:
    api.faults.append((status, None, {"Retry-After": "7"}))

    sent = Teams("http").send(outgoing(f"workflows://{api.base.removeprefix('http://')}/ab1/?sig=s3cret"))

    assert (sent.ok, sent.gone, sent.retry_after) == (False, gone, 7)
    assert "s3cret" not in sent.said


def test_a_workflow_changes_nothing_that_it_posted(api: Api) -> None:
    assert Teams("http").send(outgoing("workflows://x/ab1/?sig=s", does=Does.UPDATE)).dropped
    assert not api.calls


@pytest.mark.parametrize(
    "url",
    [
        "workflows://prod-1.westeurope.logic.azure.com:443/ab1/?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s",
        "workflows://x.a.environment.api.powerplatform.com/ab1/?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s&pa=yes&route=3",
    ],
)
def test_a_workflows_address_leads_where_apprise_would_post(url: str) -> None:
    host, _, rest = url.removeprefix("workflows://").partition("/ab1/")
    before = "/powerautomate/automations/direct/cu/3" if "route" in rest else ""
    query = rest.removesuffix("&pa=yes&route=3")

    assert workflow(url) == f"https://{host}{before}/workflows/ab1/triggers/manual/paths/invoke{query}"


def test_only_an_environment_that_takes_answers_offers_them(gate: Gate, acme: ChatWorkspace, shop: World) -> None:
    content = gates.waits(gate, timezone.now())
    assert content and content.answered_in == (ChatKind.SLACK,)
    assert Content.of_json(content.as_json()) == content

    shop.environment.decided_in_chat = False
    shop.environment.save()
    content = gates.waits(Gate.objects.get(), timezone.now())
    assert content and content.answered_in == ()


def test_from_the_message_to_the_decision(
    gate: Gate, acme: ChatWorkspace, alice: ChatAccount, api: Api, slack: SlackServer, post: Post
) -> None:
    content = gates.waits(gate, timezone.now())
    assert content
    Slack(api.base).send(replace(outgoing(), content=content))
    [approve, _] = api.bodies[0]["blocks"][-1]["elements"]

    post(pressed(slack, approve["action_id"], approve["value"]))

    gate.refresh_from_db()
    assert not gate.is_open and "It goes on." in slack.whispers[-1]
    assert content.seen == gate_seen.fingerprint(gate)


@pytest.mark.parametrize("wait", ["9" * 400, "Fri, 02 Jan 2026 00:00:30 GMT"])
def test_a_pause_that_a_chat_asks_for_is_read_as_everywhere_else(api: Api, wait: str) -> None:
    api.faults.extend([(429, {"ok": False}, {"Retry-After": wait})] * 2)
    at = datetime(2026, 1, 2, tzinfo=UTC)

    by_slack = Slack(api.base).send(outgoing(now=at))
    by_teams = Teams("http").send(outgoing(f"workflows://{api.base.removeprefix('http://')}/ab1/", now=at))

    expected = 30 if wait.startswith("Fri, 02") else None
    assert [sent.retry_after for sent in (by_slack, by_teams)] == [expected, expected]
