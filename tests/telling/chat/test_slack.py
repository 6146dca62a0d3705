"""Slack's buttons: who is believed, what they decide, and what whoever presses hears."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.utils import timezone

from deployments.delivery import approvals, gate_seen
from deployments.delivery.models import Approval, Gate
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.telling.chat import signing, taking
from deployments.telling.chat.models import ChatAccount, ChatRequest, ChatWorkspace
from deployments.telling.chat.slack import APPROVE, REJECT, value
from deployments.vocabulary import GateStatus
from tests.delivery.engine.world import World
from tests.telling.chat.conftest import Post
from tests.telling.chat.slack_server import SECRET, Slack, pressed, sent_off, signed

#: Of Slack's own page about verifying requests.
DOCUMENTED = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
    b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
    b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def test_slacks_documented_example_is_believed_for_five_minutes() -> None:
    right = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

    assert signing.is_same(signing.of_slack(SECRET, "1531420618", DOCUMENTED), right)
    assert signing.second("1531420618") == datetime(2018, 7, 12, 18, 36, 58, tzinfo=UTC)
    assert signing.is_recent(signing.second("1531420618"), datetime(2018, 7, 12, 18, 41, 58, tzinfo=UTC))
    assert not signing.is_recent(signing.second("1531420618"), datetime(2018, 7, 12, 18, 41, 59, tzinfo=UTC))


def test_one_press_approves_as_the_person_the_account_is_bound_to(
    gate: Gate, alice: ChatAccount, press: Post, slack: Slack
) -> None:
    told = press(APPROVE, gate)

    approval, event = Approval.objects.get(), Event.objects.get(kind="gate.approved")
    assert (approval.person, approval.chat) == (alice.person, "Slack as U2CERLKJA (Acme)")
    assert event.by == "approver, in Slack as U2CERLKJA (Acme)"
    assert told == (
        "Approved: 1.1.0 to shop/production. It goes on.\n"
        f"<http://testserver/deployments/gate/{gate.pk}/change/|Open the gate>"
    )
    gate.refresh_from_db()
    assert gate.status == GateStatus.SUCCEEDED


def test_an_account_of_nobody_is_asked_whose_it_is(gate: Gate, press: Post) -> None:
    told = press(APPROVE, gate)

    assert "does not know whose account this is" in told
    assert "<http://testserver/chat-accounts/?code=" in told
    assert not Approval.objects.exists()


def test_an_account_of_nobody_is_answered_in_the_language_of_the_message(gate: Gate, press: Post) -> None:
    assert "이 계정의 주인을 모릅니다" in press(APPROVE, gate, language="ko")
    assert "does not know whose account this is" in press(APPROVE, gate, language="no language")


def test_whoever_rejects_says_why_in_a_window(
    gate: Gate, alice: ChatAccount, press: Post, post: Post, slack: Slack
) -> None:
    press(REJECT, gate)
    assert not Approval.objects.exists()

    answer = post(sent_off(slack.views[0], "  "))
    assert json.loads(answer.content)["errors"] == {"reason": "Say why you reject it; the requester will want to know."}

    hostile = "<!channel> <script>alert(1)</script> @here \N{RIGHT-TO-LEFT OVERRIDE}x"
    answer = post(sent_off(slack.views[0], hostile))
    assert json.loads(answer.content) == {"response_action": "clear"}
    assert Approval.objects.get().comment == "<!channel> <script>alert(1)</script> @here x"
    gate.refresh_from_db()
    assert gate.status == GateStatus.FAILED

    # Whoever presses then reads it, and nobody is called by it.
    assert "&lt;!channel&gt; &lt;script&gt;" in press(APPROVE, gate)
    assert "<!channel>" not in "".join(slack.whispers)


def test_without_a_window_the_reason_is_given_on_the_page(
    gate: Gate, alice: ChatAccount, press: Post, slack: Slack, acme: ChatWorkspace
) -> None:
    slack.takes_views = False
    assert f"/deployments/gate/{gate.pk}/change/|Open the gate>" in press(REJECT, gate)

    ChatWorkspace.objects.update(bot_token="")
    assert "Say why you reject it on the gate's page" in press(REJECT, gate)
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"secret": "another workspace's"}, "not made with this workspace's signing secret"),
        ({"headers": {}}, "not made with this workspace's signing secret"),
        ({"ago": 301}, "more than 5 minutes"),
        ({"ago": -301}, "more than 5 minutes"),
    ],
)
def test_what_is_forged_or_old_is_not_believed(
    gate: Gate, alice: ChatAccount, post: Post, slack: Slack, said: dict[str, Any], sentence: str
) -> None:
    answer = post(pressed(slack, APPROVE, value(gate.pk, "x")), **said)

    assert answer.status_code == 401
    assert sentence in answer.content.decode()
    assert not Approval.objects.exists() and not slack.whispers


def test_a_changed_body_is_not_believed(gate: Gate, alice: ChatAccount, post: Post, slack: Slack) -> None:
    right = signed(pressed(slack, APPROVE, value(gate.pk, "x")), int(timezone.now().timestamp()))

    assert post(None, **right | {"data": right["data"].replace("alice", "mallory")}).status_code == 401


def test_what_is_played_again_does_nothing(
    gate: Gate, second_approver: User, alice: ChatAccount, post: Post, slack: Slack
) -> None:
    Gate.objects.update(approvals_needed=2)
    gate.refresh_from_db()
    again = signed(pressed(slack, REJECT, value(gate.pk, gate_seen.fingerprint(gate))), int(timezone.now().timestamp()))

    assert post(None, **again).status_code == 200
    assert post(None, **again).status_code == 409
    assert len(slack.views) == 1


def test_a_request_is_remembered_for_as_long_as_it_would_be_believed(acme: ChatWorkspace, post: Post) -> None:
    post({"team": {"id": acme.place}})
    ChatRequest.objects.update(at=timezone.now() - 4 * signing.GOOD_FOR)
    post({"team": {"id": acme.place}, "another": True})

    assert ChatRequest.objects.count() == 1


def test_whoever_tries_secrets_is_slowed_down_and_slack_is_not(
    gate: Gate, alice: ChatAccount, post: Post, press: Post
) -> None:
    answers = [post({}, secret="guessed") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "It goes on." in press(APPROVE, gate)


def test_a_big_body_is_not_read(post: Post) -> None:
    answer = post(None, data="x" * (2 * 1024 * 1024))

    assert (answer.status_code, answer.content) == (413, b"The body is bigger than 1 MB.")


@pytest.mark.parametrize("pk", ["0", "999", "9999999999999999999999"])
def test_a_workspace_that_is_unknown_or_off_is_not_listened_to(
    acme: ChatWorkspace, post: Post, client: Any, pk: str
) -> None:
    ChatWorkspace.objects.update(is_on=False)

    assert post({"team": {"id": acme.place}}).status_code == 404
    assert client.post(f"/chat/slack/{pk}", {}).status_code == 404
    assert client.get(f"/chat/slack/{acme.pk}").status_code == 405


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "actions": [{"action_id": "open_link"}]},
        {"type": "block_actions", "actions": [{"action_id": APPROVE, "value": "{"}], "response_url": "http://x"},
        {"type": "block_actions", "actions": "x", "user": 3},
        {"type": "view_submission", "view": {"callback_id": REJECT, "state": []}},
        {"type": "shortcut"},
    ],
)
def test_what_is_no_button_of_ours_is_passed_over(acme: ChatWorkspace, post: Post, payload: dict[str, Any]) -> None:
    answer = post({"team": {"id": acme.place}, **payload})

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("payload", [{"team": {"id": "T0OTHER"}}, {}, [], "x", None])
def test_another_workspace_of_the_same_app_is_told_so(acme: ChatWorkspace, post: Post, payload: Any) -> None:
    assert post(payload).status_code == 400


def test_a_secret_that_no_key_opens_is_for_the_log(
    acme: ChatWorkspace, post: Post, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "another"  # noqa: S105 - of a test

    answer = post({"team": {"id": acme.place}})

    assert answer.status_code == 503 and "its log says what to do" in answer.content.decode()
    assert "SEALING_KEYS" in caplog.text and "SEALING_KEYS" not in answer.content.decode()


def test_an_app_of_a_whole_organization_is_believed_by_that(acme: ChatWorkspace, post: Post) -> None:
    ChatWorkspace.objects.update(place="E1")

    assert post({"team": None, "enterprise": {"id": "E1"}}).status_code == 200
    assert post({"team": {"id": "T2"}, "enterprise": {"id": "E2"}}).status_code == 400


def test_an_answer_goes_to_slack_and_nowhere_else(
    gate: Gate, alice: ChatAccount, post: Post, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    payload = pressed(slack, APPROVE, value(gate.pk, "x")) | {"response_url": "http://127.0.0.1:1/secret-path"}

    with caplog.at_level(logging.WARNING):
        assert post(payload).status_code == 200

    assert "its response_url is not Slack's" in caplog.text
    assert "secret-path" not in caplog.text


def test_what_was_decided_stays_decided_where_slack_takes_no_answer(
    gate: Gate, alice: ChatAccount, press: Post, slack: Slack
) -> None:
    slack.faults.append((503, {"ok": False}, {}))

    press(APPROVE, gate)

    assert Approval.objects.get().person == alice.person


def test_an_account_of_somebody_who_left_acts_as_nobody(gate: Gate, alice: ChatAccount, press: Post) -> None:
    User.objects.filter(pk=alice.person_id).update(is_active=False)

    assert "does not know whose account this is" in press(APPROVE, gate)
    assert not Approval.objects.exists() and not ChatAccount.objects.exists()
    assert "whose account is not active" in Event.objects.get(kind="chat.unbound").message


def test_a_person_who_lost_the_right_hears_so(gate: Gate, alice: ChatAccount, press: Post) -> None:
    alice.person.groups.clear()
    assert "You do not have the right to see gates" in press(APPROVE, gate)

    alice.person.groups.set(Group.objects.filter(name="Viewers"))
    assert "You do not have the right to approve" in press(APPROVE, gate)
    assert not Approval.objects.exists()


def test_the_requester_approves_their_own_from_a_chat_no_more_than_on_the_page(
    gate: Gate, alice: ChatAccount, press: Post, requester: User
) -> None:
    ChatAccount.objects.update(person=requester)

    assert "You asked for this deployment, so somebody else has to decide" in press(APPROVE, gate)


def test_an_environment_that_trusts_no_chat_sends_people_to_the_page(
    gate: Gate, alice: ChatAccount, press: Post, shop: World
) -> None:
    shop.environment.decided_in_chat = False
    shop.environment.save()

    told = press(APPROVE, gate)

    assert "from a chat; open the gate's page and decide there" in told
    assert f"/deployments/gate/{gate.pk}/change/" in told
    assert not Approval.objects.exists()


def test_nobody_types_a_reason_that_would_be_refused(
    gate: Gate, alice: ChatAccount, press: Post, slack: Slack, shop: World
) -> None:
    shop.environment.decided_in_chat = False
    shop.environment.save()
    assert "from a chat; open the gate's page" in press(REJECT, gate)

    Gate.objects.update(status=GateStatus.SUCCEEDED, reason="approved by bob")
    assert "This gate is closed: approved by bob." in press(REJECT, gate)
    assert not slack.views


def test_an_old_message_decides_nothing(gate: Gate, alice: ChatAccount, press: Post) -> None:
    assert "does not say what it showed" in press(APPROVE, gate, seen="")

    Gate.objects.update(evidence={"weights": {"blue": 90}})
    assert "the evidence is not as before" in press(APPROVE, gate)
    assert not Approval.objects.exists()


def test_a_message_of_a_gate_that_is_gone_says_so(gate: Gate, alice: ChatAccount, press: Post) -> None:
    gate.delete()
    gate.pk = 4711

    assert "There is no gate 4711 any more." in press(APPROVE, gate, seen="x")


def test_of_two_at_once_in_chat_and_on_the_page_the_second_hears_of_the_first(
    gate: Gate, alice: ChatAccount, press: Post, second_approver: User
) -> None:
    approvals.approve(gate=gate, principal=Principal.person(second_approver), comment="", now=timezone.now())

    assert "This gate is closed: approved by second_approver." in press(APPROVE, gate)
    assert Approval.objects.count() == 1


def test_one_account_counts_once_towards_two(gate: Gate, alice: ChatAccount, press: Post) -> None:
    Gate.objects.update(approvals_needed=2)
    gate.refresh_from_db()

    assert "1 of 2 approvals so far." in press(APPROVE, gate)
    assert "You have already decided at this gate." in press(APPROVE, gate)
    assert Approval.objects.count() == 1


def test_a_secret_is_neither_logged_nor_kept_readable(acme: ChatWorkspace) -> None:
    again = ChatWorkspace.objects.get()

    assert SECRET not in repr(again.__dict__)
    assert taking.workspace(acme.pk, acme.kind) == acme  # type: ignore[arg-type]
