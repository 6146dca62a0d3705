"""Older versions of an environment's settings: everyone may look, and who may change brings one back."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from deployments.catalog.models import Environment
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


@pytest.fixture
def address(world: World) -> str:
    """Of the version in which five percent of 5xx were too many and any deployer was welcome."""
    environment = world.environment
    environment.max_5xx_percent = 5
    environment.save()
    number = environment.history.first().history_id
    environment.max_5xx_percent = 1
    environment.save()
    return reverse("admin:deployments_environment_simple_history", args=[environment.pk, number])


def test_who_may_only_look_changes_nothing_through_the_history(
    world: World, address: str, browse: Browser, outsider: User, administrator: User
) -> None:
    page = browse(administrator).get(reverse("admin:deployments_environment_change", args=[world.environment.pk]))
    data = {field.html_name: field.value() or "" for field in page.context["adminform"].form}
    before = Environment.objects.values().get()

    answer = browse(outsider).post(address, data | {"max_5xx_percent": 99, "bake_seconds": 1, "alarms": ""})

    assert answer.status_code == 403
    assert Environment.objects.values().get() == before
    assert not Event.objects.exists()


def test_who_may_only_look_is_told_why_there_is_nothing_to_press(address: str, browse: Browser, outsider: User) -> None:
    text = browse(outsider).get(address).content.decode()

    assert "You do not have the right to change environments" in text
    assert '<form method="post">' not in text


def test_a_version_shows_what_differs_from_now(address: str, browse: Browser, outsider: User) -> None:
    rows = browse(outsider).get(address).context["changed"]

    assert [(row["label"], row["then"], row["now"]) for row in rows] == [("most 5xx (%)", "5.0", "1.0")]


def test_there_is_nothing_to_restore_where_nothing_differs(
    world: World, address: str, browse: Browser, administrator: User
) -> None:
    newest = world.environment.history.first().history_id
    page = reverse("admin:deployments_environment_simple_history", args=[world.environment.pk, newest])

    text = browse(administrator).get(page).content.decode()

    assert "the same, so there is nothing to restore" in text
    assert "Restore this version" not in text


def test_an_administrator_restores_a_version_and_the_chain_says_so(
    world: World, address: str, browse: Browser, administrator: User
) -> None:
    answer = browse(administrator).post(address, {"max_5xx_percent": 99})

    assert answer.status_code == 302
    environment, event = Environment.objects.get(), Event.objects.get()
    assert environment.max_5xx_percent == 5
    assert environment.history.first().history_user == administrator
    assert (event.kind, event.actor) == ("environment.restored", "administrator")
    assert event.data["changed"] == {"max_5xx_percent": {"before": 1.0, "after": 5.0}}


def test_a_version_that_named_a_group_which_is_gone_is_not_restored(
    world: World, browse: Browser, administrator: User
) -> None:
    """Without the group everyone with the right to deploy could."""
    group = Group.objects.create(name="Payments")
    world.environment.deployers.set([group])
    number = world.environment.history.first().history_id
    world.environment.deployers.clear()
    group.delete()
    address = reverse("admin:deployments_environment_simple_history", args=[world.environment.pk, number])

    text = browse(administrator).post(address, follow=True).content.decode()

    assert "let a group deploy which was deleted since" in text
    assert not Event.objects.exists()


@pytest.mark.parametrize("number", ["x", "²", "0", "9" * 30])
def test_a_version_that_there_is_not_is_not_found(world: World, browse: Browser, outsider: User, number: str) -> None:
    address = reverse("admin:deployments_environment_simple_history", args=[world.environment.pk, number])

    assert browse(outsider).get(address).status_code == 404
