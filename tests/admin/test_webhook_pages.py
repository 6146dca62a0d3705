"""Webhooks on their pages: added, their secret shown once, tried, sent again."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookSubscription
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

LIST, ADD = (f"admin:deployments_webhooksubscription_{name}" for name in ("changelist", "add"))
SECRET = re.compile(r"whsec_[0-9A-Za-z+/]{43}=")
URL = "https://hooks.example.com/services/T0KEN"


def add(browse: Browser, person: User, **changes: Any) -> str:
    answer = browse(person).post(reverse(ADD), {"name": "chat", "url": URL, "about": ["gates"]} | changes)
    return str(answer.content.decode())


def page(webhook: WebhookSubscription, name: str = "change") -> str:
    return reverse(f"admin:deployments_webhooksubscription_{name}", args=[webhook.pk])


def do(browse: Browser, person: User, what: str) -> str:
    answer = browse(person).post(page(WebhookSubscription.objects.get()), {"do": what}, follow=True)
    return str(answer.content.decode())


def test_a_secret_is_shown_once_and_never_again(world: World, browse: Browser, administrator: User) -> None:
    shown = SECRET.search(add(browse, administrator))

    assert shown
    webhook = WebhookSubscription.objects.get()
    assert webhook.secret == shown.group()
    for address in (reverse(LIST), page(webhook), page(webhook, "edit")):
        assert "whsec_" not in browse(administrator).get(address).content.decode()


def test_of_the_address_only_those_who_may_change_it_see_more_than_the_host(
    world: World, browse: Browser, administrator: User
) -> None:
    add(browse, administrator)
    webhook = WebhookSubscription.objects.get()

    for address in (reverse(LIST), page(webhook), reverse("admin:deployments_event_changelist")):
        shown = browse(world.requester).get(address).content.decode()
        assert ("hooks.example.com" in shown or "Webhook chat added" in shown, "T0KEN" in shown) == (True, False)
    assert URL in browse(administrator).get(page(webhook, "edit")).content.decode()
    assert browse(world.requester).get(page(webhook, "edit")).status_code == 403
    assert browse(world.approver).get(page(webhook)).status_code == 403


def test_what_is_wrong_stands_beside_its_field(world: World, browse: Browser, administrator: User) -> None:
    add(browse, administrator)

    assert "There is a webhook chat already" in add(browse, administrator)
    assert "Leave user and password out" in add(browse, administrator, name="x", url="https://a:b@hooks.example.com/")
    assert "so others could read it" in add(browse, administrator, name="x", url="http://hooks.example.com/")
    assert WebhookSubscription.objects.count() == 1


def test_a_test_is_asked_for_by_a_click(world: World, browse: Browser, administrator: User) -> None:
    add(browse, administrator)

    assert "is sent a test within seconds" in do(browse, administrator, "test")
    assert WebhookDelivery.objects.get().body.startswith('{"specversion":"1.0","id":"test_')
    assert "You do not have the right to change webhooks" in do(browse, world.requester, "test")


def test_another_secret_is_shown_once(world: World, browse: Browser, administrator: User) -> None:
    add(browse, administrator)
    old = WebhookSubscription.objects.get().secret

    shown = SECRET.search(do(browse, administrator, "rotate"))

    webhook = WebhookSubscription.objects.get()
    assert shown
    assert (webhook.secret, webhook.previous_secret) == (shown.group(), old)
    assert "Two secrets sign until" in browse(administrator).get(page(webhook)).content.decode()


def test_it_is_turned_off_and_on_and_deleted(world: World, browse: Browser, administrator: User) -> None:
    add(browse, administrator)

    assert "chat is off" in do(browse, administrator, "turn_off")
    assert "chat is on" in do(browse, administrator, "turn_on")
    assert "You do not have the right to delete webhooks" in do(browse, world.requester, "delete")
    assert "chat is gone" in do(browse, administrator, "delete")
    assert not WebhookSubscription.objects.exists()


def test_what_failed_is_found_read_and_sent_again(world: World, browse: Browser, administrator: User) -> None:
    add(browse, administrator)
    do(browse, administrator, "test")
    rows = WebhookDelivery.objects.all()
    rows.update(
        status=DeliveryStatus.FAILED, response_status=400, answer="<script>alert(1)</script>",
        headers={"webhook-signature": "v1,c2ln"},
    )  # fmt: skip
    (delivery,) = rows
    address = reverse("admin:deployments_webhookdelivery_change", args=[delivery.pk])

    found = browse(world.requester).get(f"{reverse('admin:deployments_webhookdelivery_changelist')}?status=FAILED")
    assert address in found.content.decode()
    shown = browse(world.requester).get(address).content.decode()
    assert ("v1,c2ln" in shown, "specversion" in shown, "&lt;script&gt;" in shown, "<script>alert" in shown) == (
        True, True, True, False,
    )  # fmt: skip
    assert "You do not have the right" in browse(world.requester).post(address, {"do": "again"}, follow=True).text
    assert "is sent again within seconds" in browse(administrator).post(address, {"do": "again"}, follow=True).text
    again = WebhookDelivery.objects.get(status=DeliveryStatus.WAITING)
    assert (again.message_id, again.body) == (delivery.message_id, delivery.body)


def test_one_that_is_retired_stays_chosen(world: World, browse: Browser, administrator: User) -> None:
    """Left out of the form it would be taken for not chosen, and the webhook be about everything."""
    add(browse, administrator, environments=[world.environment.pk])
    world.environment.retired_at = world.clock()
    world.environment.save()

    shown = browse(administrator).get(page(WebhookSubscription.objects.get(), "edit")).content.decode()

    assert re.search(rf'name="environments" value="{world.environment.pk}"[^>]* checked', shown)
