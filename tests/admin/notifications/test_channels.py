"""Channels on their pages: what they hear of, where they lead, what they were sent, and who may say so."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.telling.notifications.models import Message, NotificationAddress, NotificationChannel
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

LIST, ADD = (reverse(f"admin:deployments_notificationchannel_{name}") for name in ("changelist", "add"))
ADDRESS = reverse("admin:deployments_notificationaddress_add")


def page(channel: NotificationChannel, name: str = "change") -> str:
    return reverse(f"admin:deployments_notificationchannel_{name}", args=[channel.pk])


def shown(browse: Browser, person: User, path: str) -> str:
    return browse(person).get(path).text


def add(browse: Browser, person: User, **changes: Any) -> str:
    return browse(person).post(ADD, {"name": "deploys", "kinds": ["live"]} | changes, follow=True).text


@pytest.fixture
def channel(world: World, browse: Browser, administrator: User) -> NotificationChannel:
    """Of the world's environment, leading to one webhook."""
    add(browse, administrator, environments=[world.environment.pk])
    channel = NotificationChannel.objects.get()
    typed = {"url": "https://discord.com/api/webhooks/4711/T0KEN"}
    browse(administrator).post(f"{ADDRESS}?channel={channel.pk}&service=discord", typed)
    return channel


def test_an_administrator_is_led_from_a_new_channel_to_where_it_leads(
    world: World, browse: Browser, administrator: User
) -> None:
    told = add(browse, administrator)

    assert "deploys is there. Say now where it leads." in told
    assert "Where to tell deploys?" in told
    assert "Nowhere yet, so nobody is told" in shown(browse, administrator, page(NotificationChannel.objects.get()))
    assert "No address yet" in shown(browse, administrator, LIST)
    assert "A gate waits for approval" in shown(browse, administrator, ADD)


def test_what_is_wrong_stands_at_its_field(world: World, browse: Browser, administrator: User) -> None:
    assert "Give it a name" in add(browse, administrator, name=" ")
    assert "Choose at least one" in add(browse, administrator, kinds=[])
    add(browse, administrator)
    assert "There is a channel deploys already" in add(browse, administrator)


def test_a_manager_reads_and_changes_nothing(world: World, browse: Browser, channel: NotificationChannel) -> None:
    for path in (LIST, page(channel)):
        told = shown(browse, world.requester, path)
        assert "Discord webhook 4711" in told
        assert "T0KEN" not in told
    assert "You do not have the right to change notification channels" in shown(browse, world.requester, page(channel))
    for path in (ADD, page(channel, "edit"), f"{ADDRESS}?channel={channel.pk}"):
        assert browse(world.requester).get(path).status_code == 403
    for what in ("turn_off", "delete"):
        assert (
            "You do not have the right" in browse(world.requester).post(page(channel), {"do": what}, follow=True).text
        )
    address = reverse("admin:deployments_notificationaddress_change", args=[channel.addresses.get().pk])
    for what in ("test", "turn_off", "delete"):
        assert "You do not have the right" in browse(world.requester).post(address, {"do": what}, follow=True).text
    assert not Message.objects.exists()


def test_who_may_not_see_channels_sees_none(world: World, browse: Browser, channel: NotificationChannel) -> None:
    address = reverse("admin:deployments_notificationaddress_change", args=[channel.addresses.get().pk])

    for path in (LIST, page(channel), address, reverse("admin:deployments_message_changelist")):
        assert browse(world.approver).get(path).status_code == 403
    environment = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    assert "Channels that hear of it" not in shown(browse, world.approver, environment)


def test_it_is_changed_turned_off_and_on_and_deleted(
    world: World, browse: Browser, administrator: User, channel: NotificationChannel
) -> None:
    def do(what: str) -> str:
        return browse(administrator).post(page(channel), {"do": what}, follow=True).text

    changed = browse(administrator).post(page(channel, "edit"), {"name": "shop", "kinds": ["stuck"]}, follow=True).text
    assert "shop is as you said" in changed
    assert "All applications and environments" in changed
    assert "shop is off" in do("turn_off")
    assert "shop is on" in do("turn_on")
    assert "shop is gone" in do("delete")
    assert not NotificationAddress.objects.exists()


def test_the_pages_of_what_it_hears_of_name_it(
    world: World, browse: Browser, administrator: User, channel: NotificationChannel
) -> None:
    environment = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    application = reverse("admin:deployments_application_change", args=[world.environment.application_id])

    for path, name in ((environment, "environment"), (application, "application")):
        told = shown(browse, administrator, path)
        assert f'href="{page(channel)}"' in told
        assert f"{ADD}?{name}=" in told
    channel.environments.clear()
    assert f'href="{page(channel)}"' not in shown(browse, administrator, environment)
    asked = shown(browse, administrator, f"{ADD}?environment={world.environment.pk}")
    assert f'name="environments" value="{world.environment.pk}"' in asked
    assert "checked" in asked.partition('name="environments"')[2].partition(">")[0]


def test_what_was_sent_is_read_with_what_came_of_it(
    world: World, browse: Browser, administrator: User, channel: NotificationChannel
) -> None:
    now = world.clock()
    message = Message.objects.create(
        address=channel.addresses.get(), key="event:1", kind="live", thread="deployment:1", made_at=now, due_at=now,
        status="FAILED", attempts=4, said="Discord answered HTTP 404.",
        content={"subject": "<b>Live</b>: shop 1.4.2", "sentences": ["<script>alert(1)</script>"]},
    )  # fmt: skip
    address = reverse("admin:deployments_message_change", args=[message.pk])
    found = f"{reverse('admin:deployments_message_changelist')}?address__channel__id__exact={channel.pk}"

    for path in (page(channel), found, address):
        told = shown(browse, world.requester, path)
        assert "&lt;b&gt;Live&lt;/b&gt;: shop 1.4.2" in told
        assert "Discord answered HTTP 404." in told
        assert "<script>alert" not in told


def test_what_a_person_was_told_is_in_no_list(world: World, browse: Browser, administrator: User) -> None:
    now = world.clock()
    address = NotificationAddress.objects.create(
        person=world.requester, service="email", url="email://maya@example.com", shown="maya@example.com", made_at=now
    )
    message = Message.objects.create(
        address=address, key="event:1", kind="live", thread="deployment:1", made_at=now, due_at=now
    )

    assert "maya@example.com" not in shown(browse, administrator, reverse("admin:deployments_message_changelist"))
    one = reverse("admin:deployments_message_change", args=[message.pk])
    assert browse(administrator).get(one).status_code == 404


def test_a_channel_has_a_language_of_its_own(
    browse: Browser, administrator: User, channel: NotificationChannel
) -> None:
    assert "English" in shown(browse, administrator, page(channel))

    typed = {"name": "deploys", "kinds": ["live"], "language": "ko"}
    browse(administrator).post(page(channel, "edit"), typed)
    channel.refresh_from_db()
    assert channel.language == "ko"
    assert "한국어" in shown(browse, administrator, page(channel))
    assert '<option value="ko" selected>' in shown(browse, administrator, page(channel, "edit"))

    browse(administrator).post(page(channel, "edit"), typed | {"language": "xx"})
    channel.refresh_from_db()
    assert channel.language == "ko"
