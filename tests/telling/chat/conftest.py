"""A gate that waits, and a workspace from which it is answered."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.delivery import gate_seen
from deployments.delivery.models import Gate
from deployments.ops import rate
from deployments.telling.chat import slack as buttons
from deployments.telling.chat.models import ChatAccount, ChatKind, ChatWorkspace
from tests.delivery import stages
from tests.delivery.engine.world import Clock, World
from tests.telling.chat.slack_server import ALICE, SECRET, TEAM, Slack, pressed, signed
from tests.telling.forge.server import served

Post = Callable[..., Any]


@pytest.fixture
def gate(shop: World) -> Gate:
    """Of an environment that takes answers from chats; the door asks the real clock."""
    shop.clock = Clock(timezone.now())
    shop.environment.decided_in_chat = True
    shop.environment.save()
    return stages.at_gate(shop)


@pytest.fixture
def slack() -> Iterator[Slack]:
    slack = Slack()
    with served(slack, "/api"):
        yield slack


@pytest.fixture(autouse=True)
def nobody_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "BY_ADDRESS", rate.Bucket(burst=5, per_second=0.001))


@pytest.fixture
def acme(slack: Slack, db: None) -> ChatWorkspace:
    return ChatWorkspace.objects.create(
        name="Acme", kind=ChatKind.SLACK, place=TEAM, secret=SECRET, bot_token="xoxb-bot", api_url=slack.base
    )


@pytest.fixture
def alice(acme: ChatWorkspace, approver: User) -> ChatAccount:
    """The approver's account there."""
    return ChatAccount.objects.create(
        workspace=acme, account=ALICE, shown="alice.s", person=approver, bound_at=timezone.now()
    )


@pytest.fixture
def post(acme: ChatWorkspace) -> Post:
    """As Slack sends it: no session, no form's token."""

    def post(payload: Any, *, secret: str = SECRET, ago: int = 0, **changed: Any) -> Any:
        said = signed(payload, int(timezone.now().timestamp()) - ago, secret) | changed
        return Client(enforce_csrf_checks=True).post(f"/chat/slack/{acme.pk}", **said)

    return post


@pytest.fixture
def press(post: Post, slack: Slack) -> Post:
    """What whoever pressed was told."""

    def press(button: str, gate: Gate, *, seen: str | None = None, language: str = "en", **said: Any) -> str:
        carried = buttons.value(gate.pk, gate_seen.fingerprint(gate) if seen is None else seen, language)
        answer = post(pressed(slack, button, carried, **said))
        assert (answer.status_code, answer.content) == (200, b"")
        return slack.whispers[-1] if slack.whispers else ""

    return press
