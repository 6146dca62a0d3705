"""A bot of Contoso's, Bob's account there, and what Teams sends."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.delivery import gate_seen
from deployments.delivery.models import Gate
from deployments.telling.chat.models import ChatAccount, ChatKind, ChatWorkspace
from tests.telling.chat.bot.microsoft import APP, BOB, CHANNEL, ISSUER, SECRET, TENANT, Microsoft, served

Send = Callable[..., Any]
Press = Callable[..., dict[str, Any]]
#: Teams counts them: no two are the same.
_numbers = itertools.count(1)


@pytest.fixture
def microsoft(settings: LazySettings) -> Iterator[Microsoft]:
    with served() as found:
        settings.TEAMS_ISSUER = ISSUER
        settings.TEAMS_KEYS_URL = f"{found.url}/v1/.well-known/openidconfiguration"
        settings.TEAMS_LOGIN_URL = found.url
        settings.TEAMS_HOSTS = [found.url, "smba.trafficmanager.net"]
        yield found


@pytest.fixture
def contoso(microsoft: Microsoft, db: None) -> ChatWorkspace:
    return ChatWorkspace.objects.create(name="Contoso", kind=ChatKind.BOT, place=TENANT, app_id=APP, secret=SECRET)


@pytest.fixture
def bob(contoso: ChatWorkspace, approver: User) -> ChatAccount:
    """The approver's account there."""
    return ChatAccount.objects.create(
        workspace=contoso, account=BOB, shown="Bob", person=approver, bound_at=timezone.now()
    )


def activity(microsoft: Microsoft, **changed: Any) -> dict[str, Any]:
    """As the Bot Framework's reference has it; a change to None leaves a member out."""
    made = {
        "type": "message",
        "id": f"f:{next(_numbers)}",
        "timestamp": timezone.now().isoformat(),
        "channelId": "msteams",
        "serviceUrl": microsoft.service_url,
        "from": {"id": "29:1test", "name": "Bob", "aadObjectId": BOB},
        "recipient": {"id": f"28:{APP}", "name": "Tealgate"},
        "conversation": {
            "isGroup": True, "conversationType": "channel", "tenantId": TENANT, "id": f"{CHANNEL};messageid=1711",
        },
        "channelData": {
            "tenant": {"id": TENANT}, "team": {"id": CHANNEL, "name": "Operations"}, "channel": {"id": CHANNEL},
        },
        **changed,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def button(microsoft: Microsoft, verb: str, data: Any, **changed: Any) -> dict[str, Any]:
    action = {"type": "Action.Execute", "verb": verb, "data": data, "title": "Approve"}
    value = {"action": action, "trigger": "manual"}
    return activity(microsoft, type="invoke", name="adaptiveCard/action", value=value) | changed


@pytest.fixture
def send(microsoft: Microsoft, contoso: ChatWorkspace) -> Send:
    """As the Bot Connector posts it."""

    def send(said: Any, *, token: str | None = None, authorization: str | None = None, **claims: Any) -> Any:
        token = microsoft.token(timezone.now(), **claims) if token is None else token
        return Client(enforce_csrf_checks=True).post(
            f"/chat/teams-bot/{contoso.pk}",
            said if isinstance(said, bytes) else json.dumps(said),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}" if authorization is None else authorization},
        )

    return send


@pytest.fixture
def press(microsoft: Microsoft, send: Send) -> Press:
    """The card that whoever pressed sees afterwards."""

    def press(verb: str, gate: Gate, *, seen: str | None = None, more: Any = None, **changed: Any) -> dict[str, Any]:
        carried = {"gate": gate.pk, "seen": gate_seen.fingerprint(gate) if seen is None else seen, **(more or {})}
        answer = send(button(microsoft, verb, carried, **changed))
        assert answer.status_code == 200, answer.content
        said = answer.json()
        assert (said["statusCode"], said["type"]) == (200, "application/vnd.microsoft.card.adaptive")
        assert said["value"]["type"] == "AdaptiveCard"
        return dict(said["value"])

    return press


def text(card: dict[str, Any]) -> str:
    """All that stands in it, without its buttons. Nothing in it is looked for marks and mentions."""
    runs = [run for block in card["body"] if block["type"] == "RichTextBlock" for run in block["inlines"]]
    assert all(run["type"] == "TextRun" for run in runs)
    return " ".join(run["text"] for run in runs)


def verbs(card: dict[str, Any]) -> list[str]:
    """Of its buttons, also of those that take a second press; a link's address."""
    inner = [each for action in card["actions"] for each in (action.get("card") or {"actions": [action]})["actions"]]
    return [each.get("verb") or each["url"] for each in inner]
