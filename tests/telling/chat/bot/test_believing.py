"""Who is believed at a bot's door: every way by which somebody else could speak as Microsoft, and what they learn."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from deployments.catalog.models import IssuerKeys
from deployments.delivery import gate_seen
from deployments.delivery.models import Approval, Gate
from deployments.identity import issuers
from deployments.telling.chat.bot import hosts
from deployments.telling.chat.bot.cards import APPROVE
from deployments.telling.chat.models import ChatAccount, ChatRequest, ChatWorkspace
from tests.fakes.issuer import pem, rsa_key, signed
from tests.telling.chat.bot.conftest import Send, activity, button
from tests.telling.chat.bot.microsoft import DOCUMENT, ISSUER, KEYS, TENANT, Microsoft, served

REFUSED = b"This is not what Microsoft's Bot Connector sends to this bot."


@pytest.fixture
def approving(microsoft: Microsoft, gate: Gate, bob: ChatAccount) -> Callable[..., dict[str, Any]]:
    """What approves, if it is believed."""

    def approving(**changed: Any) -> dict[str, Any]:
        carried = {"gate": gate.pk, "seen": gate_seen.fingerprint(gate)}
        return {name: each for name, each in button(microsoft, APPROVE, carried, **changed).items() if each is not None}

    return approving


Approving = Callable[..., dict[str, Any]]


def moment(later: timedelta) -> int:
    return int((timezone.now() + later).timestamp())


def test_what_the_bot_connector_signs_is_believed(approving: Approving, send: Send, microsoft: Microsoft) -> None:
    assert send(approving()).status_code == 200
    assert Approval.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another bot"},
        {"aud": None},
        {"aud": ["another bot"]},
        {"iss": "https://sts.windows.net/1234/"},
        {"iss": None},
        {"exp": timedelta(minutes=-6)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 10**400},
        {"nbf": 10**400},
        {"iat": -(10**400)},
        {"nbf": timedelta(minutes=6)},
        {"serviceurl": "https://smba.trafficmanager.net/emea/"},
        {"serviceurl": None},
        {"serviceurl": 5},
    ],
)
def test_a_token_for_something_else_is_not_believed(approving: Approving, send: Send, claims: dict[str, Any]) -> None:
    told = {name: moment(each) if isinstance(each, timedelta) else each for name, each in claims.items()}

    answer = send(approving(), **told)

    assert (answer.status_code, answer.content) == (401, REFUSED)
    assert not Approval.objects.exists()


def test_clocks_may_be_five_minutes_apart(approving: Approving, send: Send) -> None:
    assert send(approving(), exp=moment(timedelta(minutes=-4))).status_code == 200
    assert send(approving(), nbf=moment(timedelta(minutes=4))).status_code == 200


def by_nobody(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", "none", headers={"kid": "one"})


def by_the_public_key(claims: dict[str, Any]) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    text = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{part(claims)}"
    digest = hmac.digest(pem(rsa_key()), text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def by_another_key(claims: dict[str, Any]) -> str:
    return signed(claims, rsa_key(1), "one")


@pytest.mark.parametrize("forge", [by_nobody, by_the_public_key, by_another_key])
def test_what_microsoft_did_not_sign_is_not_believed(
    approving: Approving, send: Send, microsoft: Microsoft, forge: Callable[[dict[str, Any]], str]
) -> None:
    answer = send(approving(), token=forge(microsoft.claims(timezone.now())))

    assert (answer.status_code, answer.content) == (401, REFUSED)
    assert not Approval.objects.exists()


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer x.y.z", "HMAC x", "Bearer \xe9", "Basic x"])
def test_without_a_token_nobody_is_believed(approving: Approving, send: Send, authorization: str) -> None:
    answer = send(approving(), authorization=authorization)

    assert (answer.status_code, answer.content) == (401, REFUSED)


@pytest.mark.parametrize("endorsements", [[], ["skype", "webchat"], "msteams", None])
def test_a_key_that_is_not_good_for_teams_signs_nothing(
    approving: Approving, send: Send, microsoft: Microsoft, endorsements: Any
) -> None:
    microsoft.endorsements = endorsements

    assert send(approving()).status_code == 401
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"serviceUrl": "https://smba.trafficmanager.net/amer/"},
        {"serviceUrl": None},
        {"serviceUrl": 5},
        {"channelId": "webchat"},
        {"channelId": None},
        {"channelData": {"tenant": {"id": "another"}}, "conversation": {"id": "x"}},
        {"channelData": {"tenant": {"id": "another"}}},
        {"channelData": None, "conversation": None},
        {"id": None},
        {"id": ""},
        {"id": "x" * 301},
    ],
)
def test_a_body_that_does_not_go_with_its_token_is_not_believed(
    approving: Approving, send: Send, changed: dict[str, Any]
) -> None:
    answer = send(approving(**changed))

    assert (answer.status_code, answer.content) == (401, REFUSED)
    assert not Approval.objects.exists()


def test_a_service_that_no_setting_names_is_not_believed_though_it_is_signed(approving: Approving, send: Send) -> None:
    elsewhere = "https://tealgate.trafficmanager.net/amer/"

    assert send(approving(serviceUrl=elsewhere), serviceurl=elsewhere).status_code == 401


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://smba.trafficmanager.net/amer/", True),
        ("https://smba.trafficmanager.net:443/teams", True),
        ("https://smba.infra.gcc.teams.microsoft.com/teams", True),
        ("http://smba.trafficmanager.net/amer/", False),
        ("https://smba.trafficmanager.net:8443/amer/", False),
        ("https://evil.trafficmanager.net/amer/", False),
        ("https://smba.trafficmanager.net.example.com/", False),
        ("https://smba.trafficmanager.net@example.com/", False),
        ("https://x@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net/?x", False),
        (" https://smba.trafficmanager.net/", False),
        ("https://smba.traffic\tmanager.net/", False),
        ("https://smba.trafficmanager.net/a\r\nX: y", False),
        ("https://smba.trafficmanager.net/\\@example.com/", False),
        ("https://smba.trafficmanager.net/\ud800", False),
        ("https://smba.trafficmanager.net/\N{CYRILLIC SMALL LETTER A}", False),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1:8000/", False),
        ("https://[::1", False),
        ("https://smba.trafficmanager.net:x/", False),
        (f"https://smba.trafficmanager.net/{'x' * 300}", False),
        ("", False),
    ],
)
def test_a_bot_speaks_to_hosts_that_are_named_whole(url: str, is_good: bool) -> None:
    assert (hosts.refusal(url) == "") is is_good


def test_what_is_played_again_does_nothing(approving: Approving, send: Send, microsoft: Microsoft) -> None:
    Gate.objects.update(approvals_needed=2)
    token, again = microsoft.token(timezone.now()), approving()

    assert [send(again, token=token).status_code for _ in range(2)] == [200, 409]
    assert send(again).status_code == 409  # with another token, too
    assert send(approving(), token=token).status_code == 200


def test_two_conversations_may_have_a_message_of_the_same_millisecond(send: Send, microsoft: Microsoft) -> None:
    here, there = ({"id": place, "tenantId": TENANT} for place in ("19:a@thread.tacv2", "19:b@thread.tacv2"))
    one = activity(microsoft, id="1711000000000", type="typing", conversation=here)

    answers = [send(each).status_code for each in (one, one | {"conversation": there}, one)]

    assert answers == [200, 200, 409]


def test_it_is_remembered_for_as_long_as_its_token_would_be_believed(approving: Approving, send: Send) -> None:
    again = approving()
    send(again, exp=moment(timedelta(hours=1)))
    kept = ChatRequest.objects.get()

    assert kept.at >= timezone.now() + timedelta(hours=1, minutes=4)


def test_a_new_key_is_asked_for_once_a_minute(approving: Approving, send: Send, microsoft: Microsoft) -> None:
    send(approving())
    microsoft.keys = {"two": rsa_key(1)}
    asked = [path for _, path in microsoft.calls].count(KEYS)

    answer = send(approving(), kid="two")
    assert answer.status_code == 503 and 0 < int(answer.headers["Retry-After"]) <= 60
    assert [path for _, path in microsoft.calls].count(KEYS) == asked

    IssuerKeys.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert send(approving(), kid="two").status_code == 200


def test_while_microsoft_does_not_say_its_keys_nobody_new_is_believed(
    approving: Approving, send: Send, microsoft: Microsoft
) -> None:
    microsoft.faults["keys"].append((503, {}, {}))

    answer = send(approving())

    assert answer.status_code == 503 and "cannot check now" in answer.content.decode()
    assert not Approval.objects.exists()


@pytest.mark.parametrize("document", [{"issuer": "https://login.example.com"}, {"jwks_uri": 5}])
def test_keys_of_a_document_that_is_not_of_this_issuer_are_not_taken(
    approving: Approving, send: Send, microsoft: Microsoft, document: dict[str, Any]
) -> None:
    microsoft.document = document

    assert send(approving()).status_code == 503
    assert KEYS not in [path for _, path in microsoft.calls]


def test_keys_are_taken_from_no_other_host(approving: Approving, send: Send, microsoft: Microsoft) -> None:
    with served() as another:
        microsoft.document = {"jwks_uri": f"{another.url}{KEYS}"}

        assert send(approving()).status_code == 503
        assert not another.calls


def test_of_a_key_nothing_is_kept_that_no_database_keeps(microsoft: Microsoft) -> None:
    odd = {"kty": "RSA", "kid": "a\0b", "n": "\ud800", "e": "AQAB", "endorsements": ["\0", "msteams", 5]}
    document = {"issuer": ISSUER, "jwks_uri": f"{microsoft.url}{KEYS}"}
    microsoft.faults["keys"].extend([(200, document, {}), (200, {"keys": [odd]}, {})])

    [kept] = issuers.keys_at(f"{microsoft.url}{DOCUMENT}", ISSUER, plain=True)

    assert kept == {"kty": "RSA", "e": "AQAB", "endorsements": ["msteams"]}


def test_no_key_is_asked_for_on_behalf_of_another_issuer(
    approving: Approving, send: Send, microsoft: Microsoft
) -> None:
    send(approving(), iss="https://evil.example.com")

    assert not microsoft.calls and not IssuerKeys.objects.exists()


def test_keys_without_tls_are_asked_on_this_machine_only(
    approving: Approving, send: Send, settings: LazySettings, microsoft: Microsoft
) -> None:
    settings.TEAMS_KEYS_URL = "http://login.example.com/v1/.well-known/openidconfiguration"

    assert send(approving()).status_code == 503
    assert "starts with https://" in IssuerKeys.objects.get().trouble


def test_a_bot_without_an_application_believes_nobody(approving: Approving, send: Send) -> None:
    ChatWorkspace.objects.update(app_id="")

    assert send(approving(), aud="").status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_activity_is_not_read(send: Send, body: bytes) -> None:
    assert send(body).status_code == 400


def test_a_big_body_is_not_read(send: Send) -> None:
    assert send(b"x" * (2 * 1024 * 1024)).status_code == 413


def test_why_is_in_the_log_and_the_token_is_not(
    approving: Approving, send: Send, microsoft: Microsoft, caplog: pytest.LogCaptureFixture
) -> None:
    token = microsoft.token(timezone.now(), aud="another bot")

    with caplog.at_level(logging.WARNING):
        send(approving(), token=token)

    assert "It is for another bot." in caplog.text
    assert token not in caplog.text and token.split(".")[1] not in caplog.text


def test_whoever_tries_tokens_is_slowed_down(approving: Approving, send: Send) -> None:
    answers = [send(approving(), token="x.y.z").status_code for _ in range(6)]

    assert answers == [401] * 5 + [429]
    assert send(approving()).status_code == 200


def test_a_bot_that_is_off_or_of_another_kind_is_not_listened_to(
    approving: Approving, send: Send, contoso: ChatWorkspace, microsoft: Microsoft
) -> None:
    assert Client().get(f"/chat/teams-bot/{contoso.pk}").status_code == 405
    for door in ("slack", "teams"):
        assert Client().post(f"/chat/{door}/{contoso.pk}", {}).status_code == 404
    ChatWorkspace.objects.update(is_on=False)
    assert send(approving()).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "task/fetch"},
        {"name": "adaptiveCard/action", "value": None},
        {"value": {"action": "x"}},
        {"value": {"action": {"type": "Action.Submit", "verb": APPROVE, "data": {"gate": 1, "seen": "x"}}}},
        {"value": {"action": {"type": "Action.Execute", "verb": "other", "data": {"gate": 1, "seen": "x"}}}},
        {"value": {"action": {"type": "Action.Execute", "verb": APPROVE, "data": {"gate": True, "seen": "x"}}}},
        {"value": {"action": {"type": "Action.Execute", "verb": APPROVE, "data": {"gate": 2**31, "seen": "x"}}}},
        {"value": {"action": {"type": "Action.Execute", "verb": APPROVE, "data": {"gate": 1, "seen": 5}}}},
        {"value": {"action": {"type": "Action.Execute", "verb": APPROVE, "data": "x"}}},
    ],
)
def test_what_is_no_button_of_ours_is_said_so(approving: Approving, send: Send, changed: dict[str, Any]) -> None:
    assert send(approving(**changed)).status_code == 501


def test_a_card_that_is_only_shown_anew_decides_nothing(approving: Approving, send: Send) -> None:
    again = approving()
    again["value"]["trigger"] = "automatic"

    assert send(again).status_code == 501
    assert not Approval.objects.exists()


def test_what_happens_in_a_conversation_is_taken_and_no_more(send: Send, microsoft: Microsoft) -> None:
    for more in ({"type": "messageReaction"}, {"type": "typing"}, {"type": "conversationUpdate", "membersAdded": "x"}):
        assert send(activity(microsoft, **more)).status_code == 200
    assert send(activity(microsoft, conversation={"tenantId": TENANT})).status_code == 200
    assert not microsoft.said
