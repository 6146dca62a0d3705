"""Buttons of a bot's card: what they decide, as whom, and what stands in the card afterwards."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from deployments.delivery import approvals, gate_seen
from deployments.delivery.models import Approval, Gate
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.telling.chat import binding
from deployments.telling.chat.bot.cards import APPROVE, REJECT
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.telling.notifications import rendering
from deployments.telling.notifications.wording import gates
from deployments.vocabulary import GateStatus
from tests.delivery.engine.world import World
from tests.telling.chat.bot.conftest import Press, text, verbs
from tests.telling.chat.bot.microsoft import BOB


def page(gate: Gate) -> str:
    return f"http://testserver/deployments/gate/{gate.pk}/change/"


def test_a_button_approves_as_the_person_the_account_is_bound_to(gate: Gate, bob: ChatAccount, press: Press) -> None:
    card = press(APPROVE, gate)

    assert text(card) == "Approved: 1.1.0 to shop/production. It goes on."
    assert verbs(card) == [page(gate)]
    approval, event = Approval.objects.get(), Event.objects.get(kind="gate.approved")
    assert approval.person == bob.person
    assert event.by == f"approver, by a button in Microsoft Teams as {BOB} (Contoso)"
    gate.refresh_from_db()
    assert gate.status == GateStatus.SUCCEEDED


@pytest.mark.usefixtures("contoso")
def test_an_account_of_nobody_is_answered_in_the_language_of_the_message(gate: Gate, press: Press) -> None:
    card = press(APPROVE, gate, more={"language": "ko"})

    assert "이 계정의 주인을 모릅니다" in text(card)
    assert all(action["data"]["language"] == "ko" for action in card["actions"] if action["type"] == "Action.Execute")


def test_an_account_of_nobody_is_asked_whose_it_is_and_presses_again(
    gate: Gate, contoso: ChatWorkspace, press: Press, approver: User
) -> None:
    card = press(APPROVE, gate)

    assert "does not know whose account this is" in text(card)
    link, *again = verbs(card)
    assert again == [APPROVE, REJECT] and not Approval.objects.exists()
    asked = binding.read(link.partition("?code=")[2], timezone.now())
    assert (asked.account, asked.shown) == (BOB, "Bob")

    binding.bind(asked=asked, principal=Principal.person(approver), now=timezone.now())
    approve = card["actions"][1]["card"]["actions"][0]
    assert "It goes on." in text(press(APPROVE, gate, seen=approve["data"]["seen"]))


def test_the_longest_name_leads_to_the_page_that_asks_whose_it_is(
    gate: Gate, contoso: ChatWorkspace, press: Press, approver: User
) -> None:
    card = press(APPROVE, gate, **{"from": {"aadObjectId": "a" * 100, "name": "\N{ROCKET}" * 200}})
    client = Client()
    client.force_login(approver)

    asked = client.get(verbs(card)[0].removeprefix("http://testserver")).content.decode()

    assert "a" * 100 in asked and "This link is not whole" not in asked


def test_who_is_of_no_tenant_decides_nothing(gate: Gate, bob: ChatAccount, press: Press) -> None:
    assert "does not say who you are" in text(press(APPROVE, gate, **{"from": {"id": "29:1", "name": "Bob"}}))
    assert not Approval.objects.exists()


def test_whoever_rejects_is_asked_why_by_a_card_that_is_theirs(gate: Gate, bob: ChatAccount, press: Press) -> None:
    card = press(REJECT, gate)
    [reason] = [block for block in card["body"] if block["type"] == "Input.Text"]
    assert reason["id"] == "reason" and not Approval.objects.exists()
    sent_off = card["actions"][0]["data"]
    assert verbs(card) == [REJECT, page(gate)]

    # A client that sends no field along, or an empty one, is asked again.
    for more in (sent_off, sent_off | {"reason": "  "}, {"reason": "not asked for"}):
        assert "Say why you reject it" in text(press(REJECT, gate, more=more))
    assert not Approval.objects.exists()

    hostile = "<at>Everybody</at> [x](https://evil.example) <b>no</b> \N{RIGHT-TO-LEFT OVERRIDE}x"
    card = press(REJECT, gate, more=sent_off | {"reason": hostile})
    assert text(card) == "Rejected: 1.1.0 to shop/production. It is turned back."
    assert Approval.objects.get().comment == "<at>Everybody</at> [x](https://evil.example) <b>no</b> x"


def test_nobody_types_a_reason_that_would_be_refused(gate: Gate, bob: ChatAccount, press: Press, shop: World) -> None:
    shown = gate_seen.fingerprint(gate)
    assert "Input.Text" in str(press(REJECT, gate))

    bob.person.groups.set(Group.objects.filter(name="Viewers"))
    assert "You do not have the right to approve" in only_said(press(REJECT, gate))
    bob.person.groups.set(Group.objects.filter(name="Approvers"))

    Gate.objects.update(evidence={"weights": {"blue": 90}})
    assert "the evidence is not as before" in only_said(press(REJECT, gate, seen=shown))
    gate.refresh_from_db()

    shop.environment.decided_in_chat = False
    shop.environment.save()
    assert "from a chat; open the gate's page" in only_said(press(REJECT, gate))

    Gate.objects.update(status=GateStatus.SUCCEEDED, reason="approved by alice")
    assert "This gate is closed: approved by alice." in only_said(press(REJECT, gate))


def only_said(card: dict[str, Any]) -> str:
    """Nothing in it can be filled in or sent off."""
    assert [each["type"] for each in (*card["body"], *card["actions"])] == ["RichTextBlock", "Action.OpenUrl"]
    return text(card)


@pytest.mark.parametrize("half", ["\ud83d", "\udea8", "\ud800"])
def test_a_reason_that_a_phone_cuts_off_within_an_emoji_is_taken(
    gate: Gate, bob: ChatAccount, press: Press, half: str
) -> None:
    card = press(REJECT, gate, more={"asked": True, "reason": f"Too slow {half}"})

    assert "It is turned back." in text(card)
    assert Approval.objects.get().comment == "Too slow"


@pytest.mark.parametrize("reason", ["\ud83d", "\N{RIGHT-TO-LEFT OVERRIDE}", "\x07"])
def test_a_reason_of_which_nothing_can_be_read_is_none(gate: Gate, bob: ChatAccount, press: Press, reason: str) -> None:
    card = press(REJECT, gate, more={"asked": True, "reason": reason})

    assert "Say why you reject it" in text(card)
    assert not Approval.objects.exists()


def test_a_reason_calls_nobody_in_the_card_that_tells_it(gate: Gate, bob: ChatAccount, press: Press) -> None:
    press(REJECT, gate, more={"asked": True, "reason": "<at>Everybody</at> @channel"})
    content = gates.decided(Gate.objects.get(), Event.objects.get(kind="gate.rejected"))

    said = rendering.teams_card(content, "http://testserver")

    assert "Everybody" in str(said) and "entities" not in said and "text" not in said
    assert text(said["attachments"][0]["content"])


def test_a_reason_for_approving_is_not_taken_from_a_forged_button(gate: Gate, bob: ChatAccount, press: Press) -> None:
    press(APPROVE, gate, more={"asked": True, "reason": "x"})

    assert Approval.objects.get().comment == ""


def test_an_environment_that_trusts_no_chat_sends_people_to_the_page(
    gate: Gate, bob: ChatAccount, press: Press, shop: World
) -> None:
    shop.environment.decided_in_chat = False
    shop.environment.save()

    card = press(APPROVE, gate)

    assert "from a chat; open the gate's page and decide there" in text(card)
    assert verbs(card) == [page(gate)] and not Approval.objects.exists()


def test_an_old_or_forwarded_card_decides_nothing_that_it_did_not_show(
    gate: Gate, bob: ChatAccount, press: Press
) -> None:
    assert "does not say what it showed" in text(press(APPROVE, gate, seen=""))
    assert "not as before" in text(press(APPROVE, gate, seen="guessed"))

    Gate.objects.update(evidence={"weights": {"blue": 90}})
    assert "the evidence is not as before" in text(press(APPROVE, gate))
    assert not Approval.objects.exists()


def test_a_card_that_was_forwarded_gives_nobody_a_right(
    gate: Gate, bob: ChatAccount, press: Press, outsider: User
) -> None:
    eve = "99999999-0000-4000-8000-000000000009"
    elsewhere: dict[str, Any] = {
        "from": {"id": "29:2", "name": "Bob", "aadObjectId": eve},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": bob.workspace.place},
    }
    assert "does not know whose account" in text(press(APPROVE, gate, **elsewhere))

    ChatAccount.objects.create(workspace=bob.workspace, account=eve, person=outsider, bound_at=timezone.now())
    assert "You do not have the right" in text(press(APPROVE, gate, **elsewhere))
    assert not Approval.objects.exists()


def test_of_two_at_once_in_teams_and_on_the_page_the_second_hears_of_the_first(
    gate: Gate, bob: ChatAccount, press: Press, second_approver: User
) -> None:
    approvals.approve(gate=gate, principal=Principal.person(second_approver), comment="", now=timezone.now())

    assert "This gate is closed: approved by second_approver." in text(press(APPROVE, gate))
    assert Approval.objects.count() == 1


def test_a_gate_whose_time_is_over_is_not_decided(gate: Gate, bob: ChatAccount, press: Press) -> None:
    Gate.objects.update(expires_at=timezone.now())

    assert "Approved" not in text(press(APPROVE, gate))
    assert not Approval.objects.exists()


def test_one_account_counts_once_towards_two(gate: Gate, bob: ChatAccount, press: Press) -> None:
    Gate.objects.update(approvals_needed=2)
    gate.refresh_from_db()

    assert "1 of 2 approvals so far." in text(press(APPROVE, gate))
    assert "You have already decided at this gate." in text(press(APPROVE, gate))
    assert Approval.objects.count() == 1


def test_the_requester_approves_their_own_from_teams_no_more_than_on_the_page(
    gate: Gate, bob: ChatAccount, press: Press, requester: User
) -> None:
    ChatAccount.objects.update(person=requester)

    assert "You asked for this deployment, so somebody else has to decide" in text(press(APPROVE, gate))


def test_a_person_who_lost_the_right_or_left_hears_so(gate: Gate, bob: ChatAccount, press: Press) -> None:
    bob.person.groups.set(Group.objects.filter(name="Viewers"))
    assert "You do not have the right to approve" in text(press(APPROVE, gate))

    User.objects.filter(pk=bob.person_id).update(is_active=False)
    assert "does not know whose account this is" in text(press(APPROVE, gate))
    assert not Approval.objects.exists() and not ChatAccount.objects.exists()


def test_the_account_of_another_workspace_of_that_person_is_another_account(
    gate: Gate, alice: ChatAccount, contoso: ChatWorkspace, press: Press
) -> None:
    ChatAccount.objects.update(account=BOB)

    assert "does not know whose account this is" in text(press(APPROVE, gate))


@pytest.mark.parametrize("name", ["<b>Bob</b>", "\N{RIGHT-TO-LEFT OVERRIDE}boB", "x" * 500, None, 7])
def test_what_somebody_calls_themselves_does_no_harm(
    gate: Gate, contoso: ChatWorkspace, press: Press, name: Any
) -> None:
    card = press(APPROVE, gate, **{"from": {"aadObjectId": BOB, "name": name}})

    shown = binding.read(verbs(card)[0].partition("?code=")[2], timezone.now()).shown
    assert shown.isprintable() and len(shown) <= 100


def test_a_message_of_a_gate_that_is_gone_says_so(gate: Gate, bob: ChatAccount, press: Press) -> None:
    gate.delete()
    gate.pk = 4711

    assert "There is no gate 4711 any more." in text(press(APPROVE, gate, seen="x"))
