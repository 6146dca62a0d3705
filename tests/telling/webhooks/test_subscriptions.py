"""Which webhooks there can be, who may have them, and what each hears of."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record import outbox
from deployments.record.append import PEOPLE, append_event
from deployments.record.kinds import ABOUT
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.webhooks import deliveries, subscriptions
from deployments.telling.webhooks.groups import GROUPS, is_about
from deployments.telling.webhooks.models import WebhookDelivery
from deployments.telling.webhooks.subscriptions import Wanted
from tests.telling.webhooks.conftest import Listener, tell, the_delivery


@pytest.mark.parametrize(
    ("url", "internal", "said"),
    [
        ("http://hooks.example.com/", False, "so others could read it"),
        ("https://user:password@hooks.example.com/", False, "Leave user and password out"),
        ("https://user@hooks.example.com/", True, "Leave user and password out"),
        ("https://10.0.0.5/", False, "private address"),
        ("https://[::ffff:127.0.0.1]/", False, "private address"),
        ("https://[fec0::5]/", False, "private address"),
        ("https://[3fff::5]/", False, "private address"),
        ("https://[64:ff9b::c058:6301]/", False, "private address"),
        ("https://169.254.169.254/latest/", True, "metadata address"),
        ("https://[::ffff:169.254.169.254]/", True, "metadata address"),
        ("https://hooks.example.com/#token", False, "Leave out #"),
        ("https://hooks.example.com/a b", False, "percent-encoded"),
        ("https://müller.example/", False, "percent-encoded"),
        ("https://hooks.example.com:port/", False, "Write a whole address"),
        ("https:///path", False, "Write a whole address"),
        ("file:///etc/passwd", True, "Write a whole address"),
        ("gopher://hooks.example.com/", True, "Write a whole address"),
        ("hooks.example.com", False, "Write a whole address"),
        ("", False, "Write a whole address"),
        ("https://hooks.example.com/" + "x" * 500, False, "500 is the most"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(listener: Listener, url: str, internal: bool, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        listener.add(url=url, is_internal=internal)

    assert refused.value.field == "url"


@pytest.mark.parametrize("changes", [{"name": " "}, {"about": ["gossip"]}])
def test_a_webhook_without_a_name_or_about_nothing_known_is_refused(listener: Listener, changes: Any) -> None:
    with pytest.raises(Refused):
        listener.add(**changes)


def test_whoever_lacks_the_right_does_nothing_with_them(listener: Listener, outsider: User) -> None:
    subscription, now = listener.add(), listener.clock()
    tell(listener.world, "one")
    listener.deliver()
    said: Any = {"principal": Principal.person(outsider), "now": now}
    wanted = Wanted(name="x", url="https://hooks.example.com/")
    for act in (
        lambda: subscriptions.add(wanted=wanted, **said),
        lambda: subscriptions.change(subscription=subscription, wanted=wanted, **said),
        lambda: subscriptions.rotate(subscription=subscription, **said),
        lambda: subscriptions.turn_off(subscription=subscription, **said),
        lambda: subscriptions.turn_on(subscription=subscription, **said),
        lambda: subscriptions.delete(subscription=subscription, **said),
        lambda: deliveries.send_test(subscription=subscription, **said),
        lambda: deliveries.send_again(delivery=the_delivery(), **said),
        lambda: deliveries.give_up(delivery=the_delivery(), **said),
    ):
        with pytest.raises(Refused, match="do not have the right to"):
            act()


def test_what_is_done_with_them_is_told_without_address_or_secret(listener: Listener) -> None:
    subscription = listener.add(url="https://hooks.example.com/services/T0KEN", is_internal=False)
    said: Any = {"subscription": subscription, "principal": listener.principal, "now": listener.clock()}
    subscriptions.rotate(**said)
    subscriptions.turn_off(**said)
    subscriptions.turn_on(**said)
    subscriptions.delete(**said)

    told = Event.objects.filter(kind__startswith="webhook.").order_by("pk")
    assert [event.kind.partition(".")[2] for event in told] == [
        "added", "secret_changed", "turned_off", "turned_on", "deleted",
    ]  # fmt: skip
    assert not [event for event in told if "T0KEN" in f"{event.message}{event.data}" or "whsec" in str(event.data)]


def test_every_kind_of_event_belongs_to_one_group() -> None:
    assert sorted(kind for group in GROUPS.values() for kind in group.kinds) == sorted(ABOUT)
    assert is_about("gate.opened", ["gates"]) and not is_about("gate.opened", ["aws"])


def test_it_hears_only_of_what_and_where_it_was_made_for(listener: Listener) -> None:
    world = listener.world
    staging = Environment.objects.get(pk=world.environment.pk)
    staging.pk, staging.name, staging._state.adding = None, "staging", True
    staging.save()
    application = world.environment.application
    listener.add("all", about=[])
    listener.add("staging", environments=[staging])
    listener.add("shop", applications=[application])
    listener.add("gates", about=["gates"])
    for subject in (world.environment, staging, application):
        append_event(subject, "environment.locked", f"in {subject.place.chain}", now=world.clock())
    append_event(PEOPLE, "person.added", "in people", now=world.clock())

    listener.deliver()

    production, other = f"in environment:{world.environment.pk}", f"in environment:{staging.pk}"
    in_application = f"in application:{application.pk}"
    assert sorted(said for said in listener.messages("all") if said.startswith("in ")) == sorted(
        [production, other, in_application, "in people"]
    )
    assert listener.messages("staging") == [other]
    assert sorted(listener.messages("shop")) == sorted([production, other, in_application])
    assert listener.messages("gates") == []


def test_one_whose_only_environment_is_deleted_hears_of_nothing_and_not_of_everything(listener: Listener) -> None:
    subscription = listener.add(environments=[listener.world.environment])
    subscription.environments.clear()  # as the database does with the environment
    tell(listener.world, "one")

    assert listener.deliver() == 0


def test_it_hears_only_of_what_happened_while_it_was_on(listener: Listener) -> None:
    tell(listener.world, "before")
    listener.clock.forward(seconds=1)
    subscription = listener.add()
    said: Any = {"subscription": subscription, "principal": listener.principal}
    subscriptions.turn_off(**said, now=listener.clock())
    tell(listener.world, "meanwhile")
    outbox.deliver("reader", listener.clock, lambda: False)
    listener.clock.forward(seconds=1)
    subscriptions.turn_on(**said, now=listener.clock())
    tell(listener.world, "after")

    listener.deliver()

    assert listener.messages() == ["after"]


def test_without_a_key_nothing_is_sent_and_a_new_secret_mends_it(listener: Listener, settings: Settings) -> None:
    settings.SEALING_KEYS = ["the old key, of more than 32 characters"]
    subscription = listener.add()
    settings.SEALING_KEYS = ["the new key, of more than 32 characters"]
    tell(listener.world, "one")
    listener.deliver()
    assert the_delivery().said.startswith("Not sent: This secret was sealed with a key that Tealgate does not have")

    subscription.refresh_from_db(fields=["name"])
    fresh = type(subscription).objects.get()
    listener.secrets["chat"] = subscriptions.rotate(
        subscription=fresh, principal=listener.principal, now=listener.clock()
    )
    listener.clock.forward(seconds=10)
    listener.deliver()

    assert listener.messages() == ["one"]
    assert WebhookDelivery.objects.get().attempts == 2
