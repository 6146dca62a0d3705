import pytest

from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery import stages
from tests.delivery.engine.world import NOON, World


def lock(shop: World, message: str = "Black Friday") -> None:
    environments.lock(
        environment=shop.environment, principal=Principal.person(shop.requester), message=message, now=NOON
    )


def test_a_lock_keeps_who_when_and_why(shop: World) -> None:
    lock(shop, " Black Friday ")

    environment = Environment.objects.get()
    assert environment.is_locked
    assert environment.lock_sentence == (
        "shop/production is locked by requester since 2026-03-02 12:00 UTC: Black Friday"
    )
    assert Event.objects.get().message == "Locked: Black Friday"


def test_a_lock_needs_a_message(shop: World) -> None:
    with pytest.raises(Refused) as caught:
        lock(shop, "  ")

    assert caught.value.field == "message"
    assert not Environment.objects.get().is_locked


def test_a_lock_needs_a_short_message(shop: World) -> None:
    with pytest.raises(Refused, match="has 201 characters; 200 is the most"):
        lock(shop, "x" * 201)

    assert not Environment.objects.get().is_locked


def test_a_second_lock_does_not_replace_the_first(shop: World) -> None:
    lock(shop)

    with pytest.raises(Refused, match="is locked by requester since .*: Black Friday"):
        lock(shop, "Inventory")

    assert Environment.objects.get().lock_message == "Black Friday"


def test_an_unlocked_environment_takes_deployments_again(shop: World) -> None:
    lock(shop)

    environments.unlock(environment=shop.environment, principal=Principal.person(shop.requester), now=NOON)

    assert not Environment.objects.get().is_locked
    assert shop.request().status == "PENDING"
    assert [event.kind for event in Event.objects.all()][:2] == ["environment.locked", "environment.unlocked"]


def test_what_is_not_locked_cannot_be_unlocked(shop: World) -> None:
    with pytest.raises(Refused, match="shop/production is not locked."):
        environments.unlock(environment=shop.environment, principal=Principal.person(shop.requester), now=NOON)


def test_a_lock_lets_a_running_deployment_go_on(shop: World) -> None:
    deployment = stages.under_way(shop)

    lock(shop)

    assert shop.advance(deployment).status == "IN_PROGRESS"
