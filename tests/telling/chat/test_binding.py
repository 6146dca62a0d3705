"""Whose an account is: said once by its person, on the page, signed in; nobody gains a right by a link."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.chat import binding
from deployments.telling.chat.binding import Asked
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from tests.telling.chat.slack_server import ALICE

NOW = timezone.now()


def code(acme: ChatWorkspace, at: datetime = NOW, shown: str = "alice.s") -> str:
    return binding.link(Asked(acme, ALICE, shown), at).partition("?code=")[2]


def test_a_link_says_which_account_for_ten_minutes(acme: ChatWorkspace) -> None:
    assert binding.read(code(acme), NOW + timedelta(minutes=9)) == Asked(acme, ALICE, "alice.s")
    with pytest.raises(Refused, match="good for ten minutes"):
        binding.read(code(acme), NOW + timedelta(minutes=10))


@pytest.mark.parametrize("changed", ["", "x", "WzEsIlUyIl0:1x:y", "\N{SNOWMAN}"])
def test_a_link_that_was_changed_opens_nothing(acme: ChatWorkspace, changed: str) -> None:
    with pytest.raises(Refused, match="not whole"):
        binding.read(changed, NOW)
    with pytest.raises(Refused, match="not whole"):
        binding.read(code(acme)[:-1] + "\N{SNOWMAN}", NOW)


def test_a_workspace_that_is_off_binds_nobody(acme: ChatWorkspace) -> None:
    ChatWorkspace.objects.update(is_on=False)

    with pytest.raises(Refused, match="Nothing from that workspace is listened to"):
        binding.read(code(acme), NOW)


def test_an_account_acts_as_one_person(acme: ChatWorkspace, approver: User, outsider: User) -> None:
    asked = Asked(acme, ALICE, "alice.s")
    account = binding.bind(asked=asked, principal=Principal.person(approver), now=NOW)

    with pytest.raises(Refused, match="bound already"):
        binding.bind(asked=asked, principal=Principal.person(outsider), now=NOW)

    assert binding.acting(acme, ALICE, NOW) == account
    event = Event.objects.get(kind="chat.bound")
    assert (event.actor, event.message) == ("approver", "Slack as U2CERLKJA (Acme) acts as approver")


def test_people_unbind_their_own_and_administrators_everybodys(
    alice: ChatAccount, outsider: User, administrator: User
) -> None:
    with pytest.raises(Refused, match="unbind somebody else's"):
        binding.unbind(account=alice, principal=Principal.person(outsider), now=NOW)

    binding.unbind(account=alice, principal=Principal.person(administrator), now=NOW)

    assert binding.acting(alice.workspace, ALICE, NOW) is None
    assert Event.objects.get(kind="chat.unbound").actor == "administrator"


def test_a_name_that_turns_text_around_is_shown_harmlessly(acme: ChatWorkspace) -> None:
    asked = binding.read(code(acme, shown="\N{RIGHT-TO-LEFT OVERRIDE}\0nimda"), NOW)

    assert asked.shown == "\N{REPLACEMENT CHARACTER}" * 2 + "nimda"
