"""Teams: a mention of an outgoing webhook, signed with its security token, and the sentence that answers it."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.delivery import gate_seen
from deployments.delivery.models import Approval, Gate
from deployments.record.models import Event
from deployments.telling.chat import signing, teams
from deployments.telling.chat.models import ChatAccount, ChatKind, ChatWorkspace
from deployments.vocabulary import GateStatus

#: A security token of Microsoft's own sample.
TOKEN = "vqF0En+Z0ucuRTM/01o2GuhMH3hKKk/N2bOmlM31zaA="
TENANT, BOB = "1234abcd-1234-12ab-12ab-35b75f16f1e1", "1234567d-1234-462a-8952-35b75f16f1e1"


@pytest.fixture
def contoso(db: None) -> ChatWorkspace:
    return ChatWorkspace.objects.create(name="Contoso", kind=ChatKind.TEAMS, place=TENANT, secret=TOKEN)


@pytest.fixture
def bob(contoso: ChatWorkspace, approver: User) -> ChatAccount:
    return ChatAccount.objects.create(workspace=contoso, account=BOB, person=approver, bound_at=timezone.now())


def activity(text: str, **changed: Any) -> dict[str, Any]:
    """As the Bot Framework's reference has it."""
    return {
        "type": "message",
        "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
        "from": {"id": "29:1test", "name": "Bob", "aadObjectId": BOB},
        "conversation": {"isGroup": True, "conversationType": "channel", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "text": f"<at>Tealgate</at>&nbsp;{text}\n",
        **changed,
    }


def said(workspace: ChatWorkspace, activity: Any, token: str = TOKEN) -> Any:
    body = json.dumps(activity)
    digest = base64.b64encode(hmac.new(base64.b64decode(token), body.encode(), hashlib.sha256).digest()).decode()
    return Client(enforce_csrf_checks=True).post(
        f"/chat/teams/{workspace.pk}",
        body,
        content_type="application/json",
        headers={"Authorization": f"HMAC {digest}"},
    )


def told(workspace: ChatWorkspace, text: str, **changed: Any) -> str:
    """What stands below it in the channel; nobody is called by it."""
    answer = json.loads(said(workspace, activity(text, **changed)).content)
    assert (answer["type"], answer["textFormat"]) == ("message", "plain")
    return str(answer["text"])


def marked(gate: Gate) -> str:
    return teams.hint(gate.pk, gate_seen.fingerprint(gate)).removeprefix("approve ")


def test_a_mention_approves_as_the_person_the_account_is_bound_to(gate: Gate, bob: ChatAccount) -> None:
    assert told(bob.workspace, f"Approve {marked(gate)}") == "Approved: 1.1.0 to shop/production. It goes on."

    assert Approval.objects.get().person == bob.person
    assert Event.objects.get(kind="gate.approved").by == f"approver, in Teams as {BOB} (Contoso)"


def test_a_rejection_needs_a_reason_behind_it(gate: Gate, bob: ChatAccount) -> None:
    assert "Say why you reject it" in told(bob.workspace, f"reject {marked(gate)}")

    assert "Rejected: 1.1.0" in told(bob.workspace, f"reject {marked(gate)} because of &lt;b&gt;errors&lt;/b&gt;")
    assert Approval.objects.get().comment == "because of <b>errors</b>"
    gate.refresh_from_db()
    assert gate.status == GateStatus.FAILED


def test_a_reason_that_is_cut_off_within_an_emoji_is_taken(gate: Gate, bob: ChatAccount) -> None:
    assert "Rejected: 1.1.0" in told(bob.workspace, f"reject {marked(gate)} errors \ud83d")
    assert Approval.objects.get().comment == "errors"


def test_an_old_message_decides_nothing(gate: Gate, bob: ChatAccount) -> None:
    before = marked(gate)
    Gate.objects.update(evidence={"weights": {"blue": 90}})

    answer = told(bob.workspace, f"approve {before}")

    assert "not as before. Look again" in answer and f"/deployments/gate/{gate.pk}/change/" in answer
    assert not Approval.objects.exists()


def test_an_account_of_nobody_is_asked_whose_it_is(gate: Gate, contoso: ChatWorkspace) -> None:
    assert "http://testserver/chat-accounts/?code=" in told(contoso, f"approve {marked(gate)}")
    assert not Approval.objects.exists()


@pytest.mark.parametrize("text", ["", "hello", "approve", "approve 17", "approve everything", "approve x-3f9a2c"])
def test_what_is_no_answer_is_told_how_to_answer(bob: ChatAccount, text: str) -> None:
    assert "such as: approve 17-3f9a2c" in told(bob.workspace, text)


@pytest.mark.parametrize("token", [base64.b64encode(b"another").decode(), "vqF0En"])
def test_what_another_webhook_signed_is_not_believed(gate: Gate, bob: ChatAccount, token: str) -> None:
    ChatWorkspace.objects.update(secret=bob.workspace.secret)  # sealed anew
    if len(token) < 8:  # a token here that is none signs nothing
        row = ChatWorkspace.objects.get()
        row.secret, token = token, TOKEN
        row.save()

    answer = said(bob.workspace, activity(f"approve {marked(gate)}"), token)

    assert answer.status_code == 401
    assert not Approval.objects.exists()


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", "yesterday", "2026-11-29T10:00:00", None, 5])
def test_what_is_old_or_has_no_time_is_not_believed(gate: Gate, bob: ChatAccount, at: Any) -> None:
    assert said(bob.workspace, activity(f"approve {marked(gate)}", timestamp=at)).status_code == 401
    assert not Approval.objects.exists()


def test_seven_digits_of_a_second_are_read() -> None:
    assert signing.moment("2026-11-29T21:10:36.2310000Z")


def test_what_is_played_again_does_nothing(gate: Gate, bob: ChatAccount) -> None:
    Gate.objects.update(approvals_needed=2)
    again = activity(f"approve {marked(gate)}")

    assert [said(bob.workspace, again).status_code for _ in range(2)] == [200, 409]


def test_another_tenant_and_a_sender_without_an_id_decide_nothing(gate: Gate, bob: ChatAccount) -> None:
    elsewhere = activity(f"approve {marked(gate)}", channelData={"tenant": {"id": "other"}}, conversation=None)

    assert said(bob.workspace, elsewhere).status_code == 400
    assert "does not say who you are" in told(bob.workspace, f"approve {marked(gate)}", **{"from": {"name": "Bob"}})
    assert not Approval.objects.exists()


def test_a_slack_is_not_believed_at_the_address_of_teams(gate: Gate, acme: ChatWorkspace) -> None:
    assert said(acme, activity(f"approve {marked(gate)}")).status_code == 404


def test_a_clock_a_little_ahead_is_believed(gate: Gate, bob: ChatAccount) -> None:
    ahead = (timezone.now() + timedelta(minutes=4)).isoformat()

    assert "It goes on." in told(bob.workspace, f"approve {marked(gate)}", timestamp=ahead)
