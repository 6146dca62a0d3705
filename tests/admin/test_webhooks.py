"""A webhook's address often holds a token: it is for who may change it, and for nobody's archive."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.catalog.models import Application, Environment, Webhook
from tests.admin.addresses.pages import everything
from tests.admin.conftest import Browser
from tests.admin.test_environments import form_data
from tests.delivery.engine.world import World

TOKEN = "T0KEN-nobody-else-sees"  # noqa: S105


@pytest.fixture
def address(world: World) -> str:
    world.environment.webhooks.create(url=f"https://hooks.example.com/services/{TOKEN}")
    return reverse("admin:deployments_environment_change", args=[world.environment.pk])


def test_who_may_only_look_sees_the_host(address: str, browse: Browser, outsider: User) -> None:
    text = browse(outsider).get(address).content.decode()

    assert "hooks.example.com" in text
    assert TOKEN not in text


def test_nothing_but_host_and_port_is_shown_of_an_address_with_a_password(
    address: str, browse: Browser, outsider: User
) -> None:
    Webhook.objects.update(url=f"https://ci:{TOKEN}@hooks.example.com:8443/run")
    text = browse(outsider).get(address).content.decode()

    assert "hooks.example.com:8443" in text
    assert TOKEN not in text


def test_an_administrator_sees_and_changes_the_address(address: str, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    data = form_data(client.get(address))
    assert TOKEN in data["webhooks-0-url"]

    client.post(address, data | {"webhooks-0-url": f"https://hooks.example.com/new/{TOKEN}"})

    assert Webhook.objects.get().url == f"https://hooks.example.com/new/{TOKEN}"
    assert "hooks.example.com" in LogEntry.objects.get().change_message


def test_no_table_but_the_webhooks_holds_the_token(
    world: World, address: str, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    client.post(address, form_data(client.get(address)) | {"webhooks-0-url": f"https://x.example/{TOKEN}"})
    world.request()

    assert [table for table, rows in everything().items() if TOKEN in str(rows)] == [Webhook._meta.db_table]


@pytest.mark.parametrize(
    ("row", "column"), [(Environment, "production_url"), (Environment, "test_url"), (Application, "repository_url")]
)
def test_addresses_that_everyone_sees_hold_no_password(row: type[Environment], column: str) -> None:
    errors = row(**{column: "https://me:secret@example.com/"}).clean_fields

    with pytest.raises(Exception, match="Leave out the user and the password"):
        errors()
