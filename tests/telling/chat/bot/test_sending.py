"""What a bot says in Teams: its message and its change, its token, and everything that goes wrong on the way."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from deployments import logs
from deployments.delivery.models import Gate
from deployments.telling.chat.bot.connector import Bot, Place
from deployments.telling.chat.models import ChatAccount, ChatKind, ChatWorkspace
from deployments.telling.notifications import services
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Outgoing, Sent
from deployments.telling.notifications.services.teams_bot import TeamsBot
from deployments.telling.notifications.wording import gates
from tests.telling.chat.bot.conftest import Press, text, verbs
from tests.telling.chat.bot.microsoft import APP, CHANNEL, SECRET, TENANT, Microsoft

CONTENT = Content(
    subject="Waits for you: 1.1.0 to <at>Everybody</at>", path="/deployments/gate/7/change/", link_text="Look", gate=7,
    seen="a_b", answered_in=(ChatKind.BOT,), tone="waits",
)  # fmt: skip
NOW = timezone.now()


@pytest.fixture
def place(microsoft: Microsoft) -> Place:
    bot = Bot(app_id=APP, tenant=TENANT, secret=SECRET)
    return Place(bot=bot, conversation=CHANNEL, service_url=microsoft.service_url)


def outgoing(place: Place | None, **said: Any) -> Outgoing:
    usual: dict[str, Any] = {
        "content": CONTENT, "does": Does.TELL, "thread": "gate:7", "key": "event:1", "reference": {}, "attempt": 1,
        "is_internal": False, "site_url": "https://tealgate.example", "now": NOW, "place": place,
    }  # fmt: skip
    return Outgoing(address_url="teamsbot://1", **usual | said)


def test_a_bot_posts_a_card_with_buttons_and_remembers_which(place: Place, microsoft: Microsoft) -> None:
    sent = TeamsBot().send(outgoing(place))

    assert sent == Sent(ok=True, said="Teams took it.", reference={"activity": "171"})
    [(conversation, instead, said)] = microsoft.said
    assert (conversation, instead) == (CHANNEL, "")
    card = said["attachments"][0]["content"]
    assert verbs(card) == ["tealgate_approve", "tealgate_reject", "https://tealgate.example/deployments/gate/7/change/"]
    assert card["actions"][1]["data"] == {"gate": 7, "seen": "a_b"}
    assert "Input.Text" not in json.dumps(card)  # no app of Teams' fails to send it off
    assert text(card) and "entities" not in said


def test_a_chat_that_is_not_believed_is_offered_nothing(place: Place, microsoft: Microsoft) -> None:
    TeamsBot().send(outgoing(place, content=replace(CONTENT, answered_in=(ChatKind.TEAMS, ChatKind.SLACK))))

    assert verbs(microsoft.said[0][2]["attachments"][0]["content"]) == [
        "https://tealgate.example/deployments/gate/7/change/"
    ]


@pytest.mark.parametrize("does", [Does.UPDATE, Does.RESOLVE])
def test_what_is_over_changes_the_message_and_takes_its_buttons_away(
    place: Place, microsoft: Microsoft, does: Does
) -> None:
    over = Content(subject="Approved: 1.1.0 to shop/production", path="/deployments/gate/7/change/")

    sent = TeamsBot().send(outgoing(place, content=over, does=does, reference={"activity": "17/11"}))

    assert sent.ok and sent.reference == {"activity": "17/11"}
    [(conversation, instead, said)] = microsoft.said
    assert (conversation, instead) == (CHANNEL, "17/11")
    assert "tealgate_" not in json.dumps(said)


def test_a_message_that_teams_never_took_is_not_changed(place: Place, microsoft: Microsoft) -> None:
    assert TeamsBot().send(outgoing(place, does=Does.UPDATE)).dropped
    assert not microsoft.calls


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_message_that_was_deleted_there_is_not_changed_any_more(
    place: Place, microsoft: Microsoft, status: int
) -> None:
    microsoft.faults["said"].append((status, {"error": {"code": "ActivityNotFoundInConversation"}}, {}))

    sent = TeamsBot().send(outgoing(place, does=Does.UPDATE, reference={"activity": "1"}))

    assert sent.dropped and not sent.gone


def test_a_token_is_asked_for_once_and_anew_before_its_end(place: Place, microsoft: Microsoft) -> None:
    bot = TeamsBot()
    for minutes in (0, 10, 54, 56):
        assert bot.send(outgoing(place, now=NOW + timedelta(minutes=minutes))).ok

    assert len(microsoft.asked) == 2


def test_a_length_that_comes_as_text_is_read(place: Place, microsoft: Microsoft) -> None:
    microsoft.lasts, bot = "3599", TeamsBot()

    assert [bot.send(outgoing(place)).ok for _ in range(2)] == [True, True]
    assert len(microsoft.asked) == 1


@pytest.mark.parametrize("lasts", [0, -1, "3599.5", "\N{SUPERSCRIPT TWO}", "9" * 5000, True, None, 10**9])
def test_a_token_of_unknown_length_is_used_once(place: Place, microsoft: Microsoft, lasts: Any) -> None:
    microsoft.lasts, bot = lasts, TeamsBot()

    assert [bot.send(outgoing(place)).ok for _ in range(2)] == [True, True]
    assert len(microsoft.asked) == 2


def test_a_new_secret_asks_for_a_new_token(place: Place, microsoft: Microsoft) -> None:
    bot = TeamsBot()
    bot.send(outgoing(place))

    sent = bot.send(outgoing(replace(place, bot=replace(place.bot, secret="another"))))

    assert not sent.ok and len(microsoft.asked) == 2


def test_a_token_that_is_not_taken_any_more_is_forgotten(place: Place, microsoft: Microsoft) -> None:
    bot = TeamsBot()
    bot.send(outgoing(place))
    microsoft.forget_tokens()

    first, second = bot.send(outgoing(place)), bot.send(outgoing(place))

    assert (first.ok, first.gone, second.ok) == (False, False, True)
    assert "401" in first.said and "look whether the Azure bot" in first.said


def test_a_day_of_tokens_that_are_not_taken_leaves_none_to_be_looked_for_in_the_log(
    place: Place, microsoft: Microsoft
) -> None:
    bot, redact = TeamsBot(), logs.Redact(())
    for _ in range(2):
        microsoft.faults["said"].append((401, {}, {}))
        bot.send(outgoing(place))
    bot.send(outgoing(place))
    assert redact(None, "", {"event": "token-1 token-2 token-3"}) == {"event": "token-1 token-2 [redacted]"}

    bot.send(outgoing(place, now=NOW + timedelta(hours=2)))
    assert redact(None, "", {"event": "token-3 token-4"}) == {"event": "token-3 [redacted]"}


def test_a_refusal_of_an_old_token_leaves_the_new_one(place: Place, microsoft: Microsoft) -> None:
    bot = TeamsBot()
    bot.send(outgoing(place))
    microsoft.forget_tokens()
    microsoft.meanwhile = lambda: bot.send(outgoing(place, now=NOW + timedelta(hours=2)))

    assert not bot.send(outgoing(place)).ok
    assert bot.send(outgoing(place)).ok and len(microsoft.asked) == 2


def test_a_secret_that_is_not_taken_is_said_without_it_and_tried_again(place: Place, microsoft: Microsoft) -> None:
    wrong = replace(place, bot=replace(place.bot, secret="wrong~secret"))

    sent = TeamsBot().send(outgoing(wrong))

    assert (sent.ok, sent.gone) == (False, False)
    assert "does not take the bot's secret (invalid_client, AADSTS7000215)" in sent.said
    assert "wrong~secret" not in sent.said and "wrong~secret" not in repr(wrong)
    assert not microsoft.said


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        ((429, {}, {"Retry-After": "30"}), 30),
        ((503, {}, {}), None),
        ((200, b"<html>", {}), None),
        ((200, {"access_token": "two\nlines", "expires_in": 3599}, {}), None),
        ((200, {"access_token": 5}, {}), None),
        ((302, {}, {"Location": "http://127.0.0.1:1/"}), None),
        ("lost", None),
    ],
)
def test_without_a_token_nothing_is_said_and_nothing_arrived(
    place: Place, microsoft: Microsoft, answer: Any, pause: float | None
) -> None:
    microsoft.faults["token"].append(answer)

    sent = TeamsBot().send(outgoing(place))

    assert (sent.ok, sent.gone, sent.maybe, sent.retry_after) == (False, False, False, pause)
    assert not microsoft.said and "\n" not in sent.said
    assert "token for the bot" in sent.said or "take the bot's secret" in sent.said


@pytest.mark.parametrize(
    ("answer", "gone", "maybe", "pause"),
    [
        ((403, {"error": {"code": "BotNotInConversationRoster"}}, {}), True, False, None),
        ((403, {"error": {"code": "MessageWritesBlocked"}}, {}), True, False, None),
        ((404, {"error": {"code": "ConversationNotFound"}}, {}), True, False, None),
        ((403, b"<html>", {}), False, False, None),
        ((404, b"<html>", {}), False, False, None),
        ((404, {"error": {"code": ""}}, {}), False, False, None),
        ((404, {"error": {"code": 404}}, {}), False, False, None),
        ((429, {}, {"Retry-After": "7"}), False, False, 7),
        ((412, {"error": "x"}, {"Retry-After": "2"}), False, False, 2),
        ((413, b"too big", {}), False, False, None),
        ((502, b"<html>", {}), False, True, None),
        ((200, b"<html>", {}), False, True, None),
        ((200, {"id": 5}, {}), False, True, None),
        ((200, [], {}), False, True, None),
        ((302, {}, {"Location": "http://127.0.0.1:1/"}), False, False, None),
    ],
)
def test_what_teams_does_not_take(
    place: Place, microsoft: Microsoft, answer: Any, gone: bool, maybe: bool, pause: float | None
) -> None:
    microsoft.faults["said"].append(answer)

    sent = TeamsBot().send(outgoing(place))

    assert (sent.ok, sent.gone, sent.maybe, sent.retry_after) == (False, gone, maybe, pause)
    assert "token-1" not in sent.said and CHANNEL not in sent.said


def test_a_service_that_hangs_may_have_taken_it(place: Place, microsoft: Microsoft) -> None:
    bot = TeamsBot(seconds=1.0)
    bot.send(outgoing(place))
    microsoft.faults["said"].append("hang")

    sent = bot.send(outgoing(place))

    assert (sent.ok, sent.maybe) == (False, True) and "did not answer within" in sent.said


def test_a_private_address_is_given_no_token_but_where_a_setting_says_so(
    place: Place, microsoft: Microsoft, settings: LazySettings
) -> None:
    settings.TEAMS_HOSTS = ["smba.trafficmanager.net"]

    sent = TeamsBot().send(outgoing(place))

    assert "private address" in sent.said and not microsoft.said


def test_an_address_without_a_bot_says_so() -> None:
    assert "not said by which bot" in TeamsBot().send(outgoing(None)).said


def test_the_address_of_a_bot_is_this_adapters() -> None:
    assert isinstance(services.adapter_of("teamsbot"), TeamsBot) and not services.is_by_apprise("teamsbot")


def test_from_the_message_to_the_decision(
    gate: Gate, contoso: ChatWorkspace, bob: ChatAccount, place: Place, microsoft: Microsoft, press: Press
) -> None:
    content = gates.waits(gate, timezone.now())
    assert content and content.answered_in == (ChatKind.BOT,)
    TeamsBot().send(outgoing(place, content=content))
    approve = microsoft.said[0][2]["attachments"][0]["content"]["actions"][0]["card"]["actions"][0]

    card = press(approve["verb"], gate, more=approve["data"])

    assert "It goes on." in text(card)
