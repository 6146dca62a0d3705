import pytest
from django.contrib.auth.models import User

from deployments.catalog import restoring
from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, World


def versions(shop: World) -> int:
    """The number of the version that was called production."""
    shop.environment.save()
    number: int = shop.environment.history.first().history_id
    shop.environment.name = "live"
    shop.environment.save()
    return number


def restore(shop: World, person: User, number: int) -> None:
    restoring.restore(environment=shop.environment, number=number, principal=Principal.person(person), now=NOON)


@pytest.mark.parametrize("name", ["requester", "approver"])
def test_nobody_without_the_right_restores(shop: World, name: str) -> None:
    number = versions(shop)

    with pytest.raises(Refused, match="You do not have the right to change environments"):
        restore(shop, getattr(shop, name), number)

    assert Environment.objects.get().name == "live"


def test_a_version_whose_name_is_taken_is_refused_in_words(shop: World, administrator: User) -> None:
    number = versions(shop)
    Environment.objects.create(application=shop.environment.application, name="production")

    with pytest.raises(Refused, match="That version is not allowed any more"):
        restore(shop, administrator, number)

    assert not Event.objects.exists()


def test_the_version_of_now_has_nothing_to_restore(shop: World, administrator: User) -> None:
    versions(shop)

    with pytest.raises(Refused, match="nothing to restore"):
        restore(shop, administrator, shop.environment.history.first().history_id)


def test_a_version_of_another_environment_is_unknown(shop: World, administrator: User) -> None:
    number = versions(shop)
    other = Environment.objects.create(application=shop.environment.application, name="test")

    with pytest.raises(Refused, match="has no such version"):
        restoring.restore(environment=other, number=number, principal=Principal.person(administrator), now=NOON)


def test_a_running_lock_and_the_live_release_are_left_alone(shop: World, administrator: User) -> None:
    number = versions(shop)
    Environment.objects.update(live_release=shop.release, lock_message="Freeze", locked_at=NOON)

    restore(shop, administrator, number)

    environment = Environment.objects.get()
    assert (environment.name, environment.live_release, environment.is_locked) == ("production", shop.release, True)
