"""Whose addresses there are, who may have them, and what is said of them to others."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import apprise  # noqa: F401 - with it here, addresses are read without a process for each
import pytest
from django.contrib.auth.models import User
from django.db import connection

from deployments.people import roles
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.notifications import addresses, channels, schemas
from deployments.telling.notifications.models import (
    Message,
    MessageStatus,
    NotificationAddress,
    NotificationChannel,
)
from deployments.telling.notifications.sending import carrying, claiming, recording
from tests.conftest import group_of

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
SLACK = "slack://T1/B2/c3XYZ/"


def principal(person: User) -> Principal:
    return Principal.person(person)


def add(person: User, of: Any = None, url: str = SLACK, is_internal: bool = False) -> NotificationAddress:
    said: dict[str, Any] = {"shown": "Slack", "principal": principal(person), "now": NOW}
    return addresses.add(of=of or person, url=url, is_internal=is_internal, **said)


@pytest.fixture
def administrator(outsider: User) -> User:
    outsider.groups.add(group_of(roles.ADMINISTRATORS))
    return outsider


@pytest.fixture
def channel(administrator: User) -> NotificationChannel:
    wanted = channels.Wanted(name="deploys", kinds=["live"])
    return channels.add(wanted=wanted, principal=principal(administrator), now=NOW)


def test_an_address_is_sealed_and_neither_it_nor_what_is_shown_is_in_the_log(requester: User) -> None:
    row = add(requester)

    kept = NotificationAddress.objects.get()
    assert (kept.url, kept.service, kept.shown, kept.is_on) == (SLACK, "slack", "Slack", True)
    assert "c3XYZ" not in NotificationAddress.objects.extra(select={"raw": "url"}).values_list("raw").get()[0]  # noqa: S610
    event = Event.objects.get()
    assert event.message == "Address at slack of requester added by requester"
    assert "c3XYZ" not in f"{event.message}{event.data}{row!r}"


@pytest.mark.parametrize("service", ["pagerduty", "opsgenie"])
def test_a_key_goes_to_no_endpoint_where_others_could_read_it(administrator: User, service: str) -> None:
    with pytest.raises(Refused, match="Others could read it on its way"):
        add(administrator, url=f"{service}://key/?endpoint=HTTP://on-call.example.com/")

    assert add(administrator, url=f"{service}://key/?endpoint=http://on-call.lan/", is_internal=True).is_internal


def test_nobody_touches_somebody_elses(requester: User, approver: User) -> None:
    row = add(requester)
    said: dict[str, Any] = {"address": row, "principal": principal(approver), "now": NOW}

    for act in (addresses.send_test, addresses.turn_off, addresses.turn_on, addresses.delete):
        with pytest.raises(Refused, match="Only they themselves"):
            act(**said)
    with pytest.raises(Refused, match="Only they themselves"):
        addresses.replace(url=SLACK, shown="Slack", **said)
    with pytest.raises(Refused, match="Only they themselves"):
        add(approver, of=requester)


def test_a_channels_addresses_take_the_right_to_change_channels(
    requester: User, administrator: User, channel: NotificationChannel
) -> None:
    row = add(administrator, of=channel)

    with pytest.raises(Refused, match="the right to change notification channels"):
        addresses.send_test(address=row, principal=principal(requester), now=NOW)
    assert addresses.send_test(address=row, principal=principal(administrator), now=NOW).by_hand


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("slak://T1/B2/c3", "There is no service slak://. Did you mean slack://?"),
        ("nothinglikeit://x", "There is no service nothinglikeit://"),
        ("syslog://localhost", "where nobody reads them"),
        ("dbus://", "where nobody reads them"),
        ("jsons://10.0.0.5/in", "private address"),
        ("ntfys://[::1]/topic", "private address"),
        ("jsons://169.254.169.254/latest", "metadata address"),
        ("json://hooks.example.com/in", "Others could read it"),
        ("discord://onlyone", "apprise does not understand"),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI/1/2", "It names 2 places"),
        ("irc://chat.example.com/deploys", "only to services that are asked by HTTP"),
        ("https://example.com/in", "apprise does not understand"),
        ("slack", "Write a whole address"),
        ("jsons://[half/in", "Write a whole address"),
        ("jsons://hooks.example.com/a b", "Write a whole address"),
        ("slack://" + "x" * 1000, "1000 is the most"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_in_words(requester: User, url: str, said: str) -> None:
    with pytest.raises(Refused, match=said.replace("?", "[?]")) as refused:
        add(requester, url=url)

    assert refused.value.field == "url"


def test_the_address_that_a_service_shows_is_understood(requester: User) -> None:
    row = add(requester, url="https://discord.com/api/webhooks/1234567890/s3cr3t-token")

    assert (row.service, row.url.partition("?")[0]) == ("discord", "discord://1234567890/s3cr3t-token/")


def test_private_addresses_are_for_those_who_may_change_channels(requester: User, administrator: User) -> None:
    with pytest.raises(Refused, match="the right to change notification channels"):
        add(requester, url="json://10.0.0.5/in", is_internal=True)

    assert add(administrator, url="json://10.0.0.5/in", is_internal=True).is_internal
    with pytest.raises(Refused, match="metadata address"):
        add(administrator, url="json://169.254.169.254/in", is_internal=True)


def test_twenty_are_the_most(requester: User) -> None:
    for _ in range(addresses.MOST):
        add(requester)

    with pytest.raises(Refused, match="requester has 20 addresses"):
        add(requester)


def test_a_test_is_asked_for_once_at_a_time(requester: User) -> None:
    row = add(requester)
    said: dict[str, Any] = {"address": row, "principal": principal(requester), "now": NOW}
    made = addresses.send_test(**said)

    with pytest.raises(Refused, match="on its way already"):
        addresses.send_test(**said)
    Message.objects.filter(pk=made.pk).update(status=MessageStatus.FAILED)
    assert addresses.send_test(**said).key != made.key


def test_what_waits_goes_where_the_address_leads_now_at_once(requester: User) -> None:
    row = add(requester)
    waiting = Message.objects.create(
        address=row, key="event:1", kind="live", thread="deployment:1", made_at=NOW, due_at=NOW.replace(hour=12),
        first_sent_at=NOW, attempts=3,
    )  # fmt: skip
    NotificationAddress.objects.update(failing_since=NOW, is_on=False, off_reason="It is gone.")
    row.refresh_from_db()

    addresses.replace(
        address=row, url="discord://1234567890/s3cr3t-token/", shown="Discord", principal=principal(requester), now=NOW
    )
    waiting.refresh_from_db()
    assert (row.service, row.failing_since, waiting.due_at, waiting.first_sent_at) == ("discord", None, NOW, None)
    addresses.turn_on(address=row, principal=principal(requester), now=NOW)
    row.refresh_from_db()
    assert (row.is_on, row.off_reason) == (True, "")


def test_turning_off_and_deleting_is_told(requester: User) -> None:
    row = add(requester)
    said: dict[str, Any] = {"address": row, "principal": principal(requester), "now": NOW}

    addresses.turn_off(**said)
    with pytest.raises(Refused, match="is off already"):
        addresses.turn_off(**said)
    addresses.delete(**said)

    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [f"notification.address_{done}" for done in ("added", "turned_off", "deleted")]
    assert not NotificationAddress.objects.exists()


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_every_service_that_is_known_is_one_that_apprise_can_send_to() -> None:
    plugins: Any = import_module("apprise.manager_plugins").NotificationManager()
    found = {name for name in plugins.schemas() if plugins[name].enabled} - schemas.ON_THE_MACHINE
    assert set(schemas.OF_APPRISE) == found


@pytest.mark.parametrize("url", [
    "sns://arn:aws:sns:eu-central-1:123456789012:deploys",
    "eventbridge://arn:aws:events:eu-central-1:123456789012:event-bus/deploys",
])  # fmt: skip
def test_what_tealgate_tells_by_aws_is_a_channels_and_nobodys_own(
    url: str, administrator: User, channel: NotificationChannel
) -> None:
    with pytest.raises(Refused, match="belongs to a channel"):
        add(administrator, url=url)

    assert add(administrator, of=channel, url=url).service == url.partition(":")[0]


def test_nothing_that_was_typed_is_in_the_database_or_in_a_log(
    channel: NotificationChannel,
    administrator: User,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of every service with a form: made, tried and turned off; all tables are read afterwards as they are on disk."""
    with caplog.at_level("DEBUG"):
        for url in TYPED_SECRETS:
            address = add(administrator, channel, url, is_internal=True)
            addresses.send_test(address=address, principal=principal(administrator), now=NOW)
            for parcel in claiming.claim("teller", NOW, under_way=(), most=9):
                recording.record(carrying.not_sent(parcel, "Nobody answered."), "teller", NOW)
            addresses.turn_off(address=address, principal=principal(administrator), now=NOW)

    out = capsys.readouterr()
    said = "\n".join((*_dumped(), caplog.text, out.out, out.err))
    assert NotificationAddress.objects.count() == len(TYPED_SECRETS) and "Nobody answered." in said
    assert [secret for secret in SECRETS if secret in said] == []


SECRETS = ("hunter2", "T00SECRET", "xoxb-s3cr3t", "s3cr3tsig", "0123456789abcdef0123456789abcdef", "nobody-guesses")
TYPED_SECRETS = (
    "slack://T00SECRET1/B00SECRET1/T00SECRETabcdefghijklmnop",
    "slack://xoxb-s3cr3t-1-2/#deploys",  # not a secret
    "workflows://prod.example.com/0bcd/s3cr3tsig",
    "pagerduty://0123456789abcdef0123456789abcdef/",
    "mailtos://maya:hunter2@mail.example.com/?to=a@example.com",
    "ntfys://ntfy.sh/nobody-guesses",
    "jsons://maya:hunter2@hooks.example.com/in?key=hunter2",
)


def _dumped() -> list[str]:
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            rows += [repr(row) for row in cursor.fetchall()]
    return rows
