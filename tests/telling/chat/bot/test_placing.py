"""How a conversation in Teams becomes an address: by a code that is shown there, and typed here by who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.chat.bot import placing
from deployments.telling.chat.models import ChatPlace, ChatWorkspace
from deployments.telling.notifications import addresses, channels
from deployments.telling.notifications.models import MessageStatus, NotificationAddress, NotificationChannel
from deployments.telling.notifications.sending import carrying, claiming, recording
from tests.telling.chat.bot.conftest import Send, activity, text
from tests.telling.chat.bot.microsoft import APP, BOB, CHANNEL, TENANT, Microsoft

NOW = timezone.now()
HERE = {"text": f"<at>Tealgate</at>&nbsp;Here\n"}  # noqa: F541 - as Teams writes it


@pytest.fixture
def channel(administrator: User) -> NotificationChannel:
    wanted = channels.Wanted(name="Operations", kinds=["gate_waits"])
    return channels.add(wanted=wanted, principal=Principal.person(administrator), now=NOW)


@pytest.fixture
def shown(send: Send, microsoft: Microsoft) -> Callable[..., str]:
    """The code that a conversation shows after this."""

    def shown(**changed: Any) -> str:
        assert send(activity(microsoft, **changed or HERE)).status_code == 200
        card = microsoft.said[-1][2]["attachments"][0]["content"]
        return text(card).split()[-1]

    return shown


Shown = Callable[..., str]


def add(code: str, of: Any, by: User) -> NotificationAddress:
    said: dict[str, Any] = {"shown": "", "principal": Principal.person(by), "now": timezone.now()}
    return addresses.add(of=of, url=f"teamsbot://{code}", **said)


def test_a_code_makes_an_address_of_the_conversation_that_shows_it(
    shown: Shown, channel: NotificationChannel, administrator: User, microsoft: Microsoft
) -> None:
    row = add(shown().lower(), channel, administrator)

    place = ChatPlace.objects.get()
    assert (row.service, row.url, row.shown) == ("teamsbot", f"teamsbot://{place.pk}", "Teams: Operations")
    assert (place.place, place.service_url) == (CHANNEL, microsoft.service_url)
    # It is answered in the thread in which it was asked.
    assert microsoft.said[0][0] == f"{CHANNEL};messageid=1711"


def test_it_is_told_there(
    shown: Shown, channel: NotificationChannel, administrator: User, microsoft: Microsoft
) -> None:
    row = add(shown(), channel, administrator)
    message = addresses.send_test(address=row, principal=Principal.person(administrator), now=timezone.now())

    [parcel] = claiming.claim("worker", timezone.now(), under_way=[], most=1)
    assert recording.record(carrying.send(parcel), "worker", timezone.now())

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT and message.reference == {"activity": "172"}
    assert microsoft.said[-1][0] == CHANNEL and "A test from Tealgate" in str(microsoft.said[-1][2])


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: ChatWorkspace.objects.update(is_on=False), "Contoso is off."),
        (lambda: ChatWorkspace.objects.all().delete(), "its bot was deleted in Tealgate."),
        (lambda: ChatPlace.objects.update(service_url="https://evil.trafficmanager.net/"), "TEAMS_HOSTS does not name"),
    ],
)
def test_an_address_whose_bot_does_not_speak_there_any_more_says_so(
    shown: Shown, channel: NotificationChannel, administrator: User, microsoft: Microsoft, broken: Any, sentence: str
) -> None:
    row = add(shown(), channel, administrator)
    addresses.send_test(address=row, principal=Principal.person(administrator), now=timezone.now())
    broken()
    said = len(microsoft.said)

    [parcel] = claiming.claim("worker", timezone.now(), under_way=[], most=1)

    assert parcel.outgoing is None and sentence in parcel.refusal
    assert len(microsoft.said) == said


def test_a_secret_that_no_key_opens_is_said_and_tried_again(
    shown: Shown, channel: NotificationChannel, administrator: User, settings: LazySettings
) -> None:
    row = add(shown(), channel, administrator)
    addresses.send_test(address=row, principal=Principal.person(administrator), now=timezone.now())
    NotificationAddress.objects.filter(pk=row.pk).update(url=row.url)
    settings.SECRET_KEY = "another"  # noqa: S105 - of a test

    [parcel] = claiming.claim("worker", timezone.now(), under_way=[], most=1)

    assert "SEALING_KEYS" in parcel.refusal and not parcel.is_dropped


@pytest.mark.parametrize(
    "added",
    [
        {"type": "installationUpdate", "action": "add"},
        {"type": "installationUpdate", "action": "add-upgrade"},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:9"}, {"id": f"28:{APP}"}]},
    ],
)
def test_a_bot_that_is_added_shows_a_code(shown: Shown, added: dict[str, Any]) -> None:
    assert placing.redeemed(shown(**added), timezone.now()).place == CHANNEL


def test_teams_says_twice_that_a_bot_was_added_and_one_code_is_shown(shown: Shown, microsoft: Microsoft) -> None:
    code = shown(type="installationUpdate", action="add")
    shown(type="conversationUpdate", membersAdded=[{"id": f"28:{APP}"}])

    assert len(microsoft.said) == 1
    assert placing.redeemed(code, timezone.now())


def test_of_two_workers_that_hear_of_it_at_once_one_shows_a_code(
    contoso: ChatWorkspace, microsoft: Microsoft, shown: Shown
) -> None:
    code = shown(type="installationUpdate", action="add")
    row = ChatPlace.objects.get()
    before = ChatPlace.objects.get()
    before.code_digest, before.code_ends_at = "", None  # as the other one read it a moment ago

    assert not placing.code_for(before, timezone.now(), asked=False)
    assert placing.redeemed(code, timezone.now()) == row


@pytest.mark.parametrize(
    "other",
    [
        {"type": "installationUpdate", "action": "remove"},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:9"}]},
        {"type": "conversationUpdate", "membersRemoved": [{"id": f"28:{APP}"}]},
    ],
)
def test_what_else_happens_shows_none(send: Send, microsoft: Microsoft, other: dict[str, Any]) -> None:
    assert send(activity(microsoft, **other)).status_code == 200
    assert not microsoft.said and not ChatPlace.objects.exists()


@pytest.mark.parametrize("typed", ["", "hello", "approve 17-3f9a2c", "<at>Tealgate</at> where", None, 5])
def test_whoever_writes_something_else_is_told_what_there_is(send: Send, microsoft: Microsoft, typed: Any) -> None:
    send(activity(microsoft, text=typed))

    assert "Write “here”" in str(microsoft.said[0][2]) and not ChatPlace.objects.exists()


def test_a_code_is_for_one_address_and_half_an_hour(shown: Shown, administrator: User, outsider: User) -> None:
    code = shown()
    with pytest.raises(Refused, match="No conversation shows this code"):
        placing.redeemed(code, timezone.now() + timedelta(minutes=31))
    add(code, administrator, administrator)

    with pytest.raises(Refused, match="No conversation shows this code"):
        add(code, outsider, outsider)


def test_a_new_code_ends_the_one_before(shown: Shown, administrator: User) -> None:
    before, after = shown(), shown()

    with pytest.raises(Refused, match="No conversation shows this code"):
        add(before, administrator, administrator)
    assert add(after, administrator, administrator)


@pytest.mark.parametrize("guess", ["", "1", "AAAAA-AAAAA", "../1", "\N{SNOWMAN}"])
def test_a_conversation_is_no_address_without_its_code(shown: Shown, administrator: User, guess: str) -> None:
    shown()
    for url in (guess, str(ChatPlace.objects.get().pk)):
        with pytest.raises(Refused, match="No conversation shows this code"):
            add(url, administrator, administrator)


def test_a_code_of_a_bot_that_is_off_is_good_for_nothing(shown: Shown, administrator: User) -> None:
    code = shown()
    ChatWorkspace.objects.update(is_on=False)

    with pytest.raises(Refused, match="No conversation shows this code"):
        add(code, administrator, administrator)


def test_whoever_may_not_change_a_channel_does_not_by_a_code(
    shown: Shown, channel: NotificationChannel, outsider: User
) -> None:
    code = shown()

    with pytest.raises(Refused, match="You do not have the right"):
        add(code, channel, outsider)
    assert placing.redeemed(code, timezone.now())


def test_a_code_is_kept_as_its_hash_and_in_no_event(
    shown: Shown, administrator: User, channel: NotificationChannel
) -> None:
    code = shown()
    kept = ChatPlace.objects.get()
    add(code, channel, administrator)

    assert code not in str(kept.__dict__) and code.replace("-", "") not in str(kept.__dict__)
    assert code not in str([event.data for event in Event.objects.all()])


def test_a_conversation_that_is_served_from_elsewhere_is_followed(
    shown: Shown, send: Send, microsoft: Microsoft, settings: LazySettings
) -> None:
    shown()
    moved = f"{microsoft.url}/emea/"

    send(activity(microsoft, type="typing", serviceUrl=moved), serviceurl=moved)

    assert ChatPlace.objects.get().service_url == moved


def test_a_chat_with_one_person_is_called_so(shown: Shown) -> None:
    shown(**HERE, conversation={"id": "a:1x", "conversationType": "personal", "tenantId": TENANT},
          channelData={"tenant": {"id": TENANT}})  # fmt: skip

    assert ChatPlace.objects.get().shown == "Bob, alone"


def test_what_somebody_calls_their_team_does_no_harm(shown: Shown) -> None:
    team = {"name": "\N{RIGHT-TO-LEFT OVERRIDE}<b>" + "x" * 500}
    shown(**HERE, channelData={"tenant": {"id": TENANT}, "team": team, "channel": {"name": "Deploys"}})

    assert ChatPlace.objects.get().shown.isprintable()


def test_where_teams_takes_no_answer_the_door_goes_on(
    send: Send, microsoft: Microsoft, caplog: pytest.LogCaptureFixture
) -> None:
    for part in ("token", "said"):
        microsoft.faults[part].append((503, {}, {}))
        assert send(activity(microsoft, **HERE)).status_code == 200

    assert caplog.text.count("no answer to the chat") == 2
    assert BOB not in caplog.text
