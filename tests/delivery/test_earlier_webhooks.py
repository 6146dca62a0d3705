"""Webhooks of deployments that were requested of a release that still froze their whole address."""

import importlib
import json

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry

from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, WebhookSpec
from tests.delivery.engine.world import World

ADDRESS = "https://user:word@hooks.example:8443/services/T0KEN"
migration = importlib.import_module("deployments.migrations.0006_webhook_places")


@pytest.fixture
def earlier(shop: World) -> Deployment:
    """Of two webhooks one is there still."""
    shop.environment.webhooks.create(url=ADDRESS)
    deployment = shop.request()
    hooks = [{"url": ADDRESS, "secret": "QA"}, {"url": "https://gone.example/T0KEN", "secret": ""}]
    Deployment.objects.update(settings={**deployment.settings, "webhooks": hooks})
    return Deployment.objects.get()


def test_settings_with_a_whole_address_are_read_without_it(earlier: Deployment) -> None:
    assert EnvironmentSettings.from_json(earlier.settings).webhooks == (
        WebhookSpec(place="hooks.example:8443", secret="QA"),
        WebhookSpec(place="gone.example"),
    )


def test_the_migration_keeps_the_row_and_the_host_of_what_was_frozen(shop: World, earlier: Deployment) -> None:
    migration.forget_frozen(apps, None)
    earlier.refresh_from_db()

    assert "T0KEN" not in str(earlier.settings)
    assert EnvironmentSettings.from_json(earlier.settings).webhooks == (
        WebhookSpec(id=shop.environment.webhooks.get().pk, place="hooks.example:8443", secret="QA"),
        WebhookSpec(place="gone.example"),
    )


def test_the_migration_takes_addresses_out_of_the_admins_own_log(shop: World) -> None:
    told = [{"changed": {"name": "webhook", "object": ADDRESS, "fields": ["URL"]}}]
    entry = LogEntry.objects.create(user=shop.requester, action_flag=CHANGE, change_message=json.dumps(told))
    migration.forget_logged(apps, None)
    entry.refresh_from_db()

    assert json.loads(entry.change_message)[0]["changed"]["object"] == "hooks.example:8443"
