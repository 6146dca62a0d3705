"""My notifications: what somebody says they are told, and where, on their own page."""

import re
from datetime import time
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django.fixtures import Settings

from deployments.people.language import chosen_by
from deployments.telling.notifications.models import (
    Message,
    MessageStatus,
    NotificationAddress,
    NotificationPreference,
)
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

MINE = reverse("notifications")
ADD = reverse("admin:deployments_notificationaddress_add")
SLACK = "https://hooks.slack.com/services/T1/B2/c3XYZ"


def page(address: NotificationAddress, name: str = "change") -> str:
    return reverse(f"admin:deployments_notificationaddress_{name}", args=[address.pk])


def shown(browse: Browser, person: User, path: str = MINE) -> str:
    return browse(person).get(path).text


def add(browse: Browser, person: User, service: str = "slack", **typed: str) -> str:
    return browse(person).post(f"{ADD}?service={service}", typed or {"url": SLACK}, follow=True).text


def do(browse: Browser, person: User, what: str) -> str:
    return browse(person).post(page(NotificationAddress.objects.get()), {"do": what}, follow=True).text


def save(browse: Browser, person: User, **changes: Any) -> str:
    typed = {"kinds": ["gate_waits"], "pace": "AT_ONCE", "zone": "UTC"} | changes
    return browse(person).post(MINE, typed, follow=True).text


def test_whoever_has_no_address_reads_what_they_miss(requester: User, browse: Browser) -> None:
    assert "Nothing reaches you outside of these pages yet" in shown(browse, requester)
    assert "E-mail to requester@example.com" in shown(browse, requester)

    User.objects.filter(pk=requester.pk).update(email="")
    assert "Your account has no e-mail address" in shown(browse, requester)


def test_mail_to_the_accounts_own_address_takes_one_click(requester: User, browse: Browser) -> None:
    told = browse(requester).post(MINE, {"do": "email"}, follow=True).text

    address = NotificationAddress.objects.get()
    assert "Mails go to requester@example.com from now on" in told
    assert (address.person, address.service, address.url) == (requester, "email", "email://requester@example.com")
    assert "E-mail to" not in told
    assert "Nothing reaches you" not in told


def test_without_a_mail_server_it_is_said_before_anybody_relies_on_it(
    requester: User, browse: Browser, settings: Settings
) -> None:
    for path in (MINE, f"{ADD}?service=email"):
        settings.MAIL_URL = ""
        assert "Tealgate has no mail server yet" in shown(browse, requester, path)
        settings.MAIL_URL = "smtps://mail.example.com"
        assert "Tealgate has no mail server yet" not in shown(browse, requester, path)


def test_an_address_is_typed_once_and_never_shown_again(requester: User, browse: Browser) -> None:
    told = add(browse, requester)

    address = NotificationAddress.objects.get()
    assert "Slack webhook of T1" in told
    assert address.url == "slack://T1/B2/c3XYZ/"
    for path in (MINE, page(address), page(address, "replace"), f"{page(address, 'replace')}?service=slack"):
        assert "c3XYZ" not in shown(browse, requester, path)


def test_what_is_typed_wrong_is_said_at_its_field(requester: User, browse: Browser) -> None:
    told = add(browse, requester, url="https://slack.com/archives/C1")
    assert "Paste it whole, as it was copied" in told
    assert 'value="https://slack.com/archives/C1"' in told
    assert "In Slack: the app&#x27;s page" in add(browse, requester, url="")

    assert "is a private address" in add(browse, requester, "webhook", url="https://10.0.0.5/in")
    assert "There is no service slak://. Did you mean slack://?" in add(browse, requester, "other", url="slak://x")
    assert not NotificationAddress.objects.exists()


def test_private_addresses_are_offered_to_administrators_only(
    world: World, browse: Browser, administrator: User
) -> None:
    assert "Inside our network" not in shown(browse, world.requester, f"{ADD}?service=webhook")
    assert "Inside our network" not in shown(browse, administrator, f"{ADD}?service=discord")

    add(browse, world.requester, "webhook", url="http://10.0.0.5/in", is_internal="on")
    assert not NotificationAddress.objects.exists()
    add(browse, administrator, "webhook", url="http://10.0.0.5/in", is_internal="on")
    assert NotificationAddress.objects.get().is_internal


def test_topics_of_aws_are_not_a_persons(requester: User, browse: Browser) -> None:
    assert "Amazon SNS" not in shown(browse, requester, ADD)
    assert "Amazon SNS" not in shown(browse, requester, f"{ADD}?service=sns")


def test_it_is_typed_anew_to_lead_elsewhere(requester: User, browse: Browser) -> None:
    add(browse, requester)
    address = NotificationAddress.objects.get()

    browse(requester).post(f"{page(address, 'replace')}?service=telegram", {"token": "123:AAbc", "chat": "-1"})

    address.refresh_from_db()
    assert (address.shown, address.service) == ("Telegram chat -1", "tgram")


def test_a_test_is_followed_until_something_came_of_it(requester: User, browse: Browser) -> None:
    add(browse, requester)
    address = NotificationAddress.objects.get()

    told = do(browse, requester, "test")
    assert "is sent a test now" in told
    assert "Being sent" in told
    version = re.findall('data-live-version="([^"]+)"', told)[0]
    live = browse(requester).get(f"{page(address, 'live')}?v={version}")
    assert (live.status_code, live["X-Tealgate-Ended"]) == (204, "")

    Message.objects.update(status=MessageStatus.FAILED, attempts=1, said="Slack answered HTTP 404: no_service.")
    live = browse(requester).get(f"{page(address, 'live')}?v={version}")
    assert (live.status_code, live["X-Tealgate-Ended"]) == (200, "1")
    assert "Slack answered HTTP 404: no_service." in live.text
    assert "Does not get there" in shown(browse, requester)
    assert "data-live-version" not in shown(browse, requester, page(address))


def test_it_is_turned_off_and_on_and_deleted(requester: User, browse: Browser) -> None:
    add(browse, requester)

    assert "Slack webhook of T1 is off" in do(browse, requester, "turn_off")
    assert "All of them are off" in shown(browse, requester)
    assert "is on, and what waited is sent now" in do(browse, requester, "turn_on")
    assert "is gone, with all that was sent there" in do(browse, requester, "delete")
    assert not NotificationAddress.objects.exists()


def test_why_nothing_comes_through_stands_on_the_page(world: World, browse: Browser) -> None:
    add(browse, world.requester)
    address, now = NotificationAddress.objects.get(), world.clock()
    Message.objects.create(
        address=address, key="event:1", kind="live", thread="deployment:1", made_at=now, attempts=3,
        due_at=now.replace(year=now.year + 1), said="HTTP 404: no such channel.",
    )  # fmt: skip
    NotificationAddress.objects.update(failing_since=now)

    for path in (MINE, page(address)):
        told = re.sub("<[^>]+>", "", shown(browse, world.requester, path))
        assert re.search(r"Nothing came through since [^:]+:\d\d UTC. HTTP 404: no such channel. Tried again in ", told)
    NotificationAddress.objects.update(is_on=False, off_reason="It answered for three days that it is gone.")
    assert "It answered for three days that it is gone." in shown(browse, world.requester)


def test_somebody_elses_address_is_as_if_there_were_none(requester: User, approver: User, browse: Browser) -> None:
    add(browse, requester)
    address = NotificationAddress.objects.get()
    root = User.objects.create_superuser("root")

    for person in (approver, root):
        for name in ("change", "replace", "live"):
            assert browse(person).get(page(address, name)).status_code == 404
        assert browse(person).post(page(address), {"do": "delete"}).status_code == 404
        assert "Slack webhook" not in shown(browse, person)
    assert NotificationAddress.objects.exists()


def test_what_was_said_is_kept_and_shown(world: World, browse: Browser) -> None:
    application = world.environment.application
    told = save(
        browse, world.requester, kinds=["gate_waits", "stuck"], applications=[application.pk], pace="DAILY",
        quiet_from="22:00", quiet_until="07:00", zone="Asia/Seoul", weekly="on", wakes="on",
    )  # fmt: skip

    kept = NotificationPreference.objects.get(person=world.requester)
    assert (kept.kinds[:2], kept.pace, kept.quiet_from, kept.zone, kept.weekly, kept.wakes) == (
        ["gate_waits", "stuck"], "DAILY", time(22), "Asia/Seoul", True, True,
    )  # fmt: skip
    assert "It is as you said" in told
    assert 'value="22:00"' in told
    assert '<option value="Asia/Seoul" selected>' in told
    assert re.search(rf'name="applications" value="{application.pk}"[^>]* checked', told)
    assert "data-propose" not in told


def test_half_of_the_quiet_hours_is_refused(requester: User, browse: Browser) -> None:
    assert "fill in both" in save(browse, requester, quiet_from="22:00")
    assert not NotificationPreference.objects.exists()


def test_what_is_about_tealgate_itself_is_offered_to_whoever_operates_it(
    world: World, browse: Browser, administrator: User
) -> None:
    assert "No worker works" in shown(browse, administrator)
    assert "No worker works" not in shown(browse, world.requester)

    save(browse, world.requester)
    assert "worker_silent" in NotificationPreference.objects.get().kinds, "what was not offered was not taken away"


def test_an_application_that_is_retired_stays_chosen(world: World, browse: Browser) -> None:
    application = world.environment.application
    save(browse, world.requester, applications=[application.pk])
    application.retired_at = world.clock()
    application.save()

    assert f'name="applications" value="{application.pk}"' in shown(browse, world.requester)


def test_everybody_finds_the_page_in_their_menu(outsider: User, browse: Browser) -> None:
    assert f'href="{MINE}"' in browse(outsider).get("/").text


def test_an_address_that_was_never_tried_is_tried_by_a_button_beside_it(requester: User, browse: Browser) -> None:
    add(browse, requester)
    mine = shown(browse, requester)
    action = f'action="{page(NotificationAddress.objects.get())}"'
    assert action in mine
    assert "Send a test" in mine

    NotificationAddress.objects.update(is_on=False)
    assert action not in shown(browse, requester)


def test_what_is_about_tealgate_itself_stands_by_itself_for_operators(
    requester: User, admin_user: User, browse: Browser
) -> None:
    assert "About Tealgate itself" not in shown(browse, requester)
    _, of_tealgate = shown(browse, admin_user).split("About Tealgate itself")
    assert "No worker works" in of_tealgate
    assert "A release is live" not in of_tealgate


def test_whoever_reads_korean_chooses_it_for_mail_and_chats(requester: User, browse: Browser) -> None:
    assert '<option value="en" selected>' in shown(browse, requester)

    save(browse, requester, language="ko")
    assert chosen_by(requester) == "ko"
    assert '<option value="ko" selected>' in shown(browse, requester)

    save(browse, requester)
    save(browse, requester, language="xx")
    assert chosen_by(requester) == "ko", "what is not said or not known changes nothing"
