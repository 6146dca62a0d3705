"""Two versions side by side: the older one meets what the newer one has frozen."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from deployments import members
from deployments.delivery.engine import snapshots
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, Plan
from tests.delivery.engine.world import World

NEW = {"most_regret_percent": 3}


def as_newer(deployment: Deployment, place: str) -> Deployment:
    """As if a newer version had frozen it, with one more member in that place."""
    {
        "settings": deployment.settings,
        "gate": deployment.settings["gates"][0],
        "task": deployment.settings["one_off_tasks"][0],
        "smoke check": deployment.settings["smoke_checks"][0],
        "step": deployment.plan["steps"][0],
        "gate of a step": next(step["gate"] for step in deployment.plan["steps"] if step["gate"]),
    }[place].update(NEW)
    Deployment.objects.filter(pk=deployment.pk).update(settings=deployment.settings, plan=deployment.plan)
    return deployment


@pytest.fixture
def asked_for(shop: World) -> Deployment:
    shop.environment.gate_policies.create(timeout_minutes=60)
    shop.environment.one_off_tasks.create(command="python manage.py migrate")
    shop.environment.smoke_checks.create(path="/healthz")
    return shop.request()


PLACES = ("settings", "gate", "task", "smoke check", "step", "gate of a step")


@pytest.mark.parametrize("place", PLACES)
def test_the_engine_leaves_it_to_the_newer_version_and_says_so(shop: World, asked_for: Deployment, place: str) -> None:
    as_newer(asked_for, place)

    with pytest.raises(ExceptionGroup) as told:
        shop.advance(asked_for)

    asked_for.refresh_from_db()
    assert isinstance(told.value.exceptions[0], snapshots.Newer)
    assert "A newer version of Tealgate asked for this deployment, with most_regret_percent" in asked_for.waiting_for
    assert "A worker of that version goes on with it. Traffic was left where it is" in asked_for.waiting_for
    assert shop.aws.performed == []
    assert asked_for.lease_token == ""


@pytest.mark.parametrize("place", PLACES)
def test_pages_show_what_they_know_of_it(asked_for: Deployment, outsider: User, place: str) -> None:
    as_newer(asked_for, place)
    client = Client()
    client.force_login(outsider)

    pages = [client.get(path) for path in ("/", f"/deployments/deployment/{asked_for.pk}/change/")]

    assert [page.status_code for page in pages] == [200, 200]
    assert "shop/production" in pages[1].content.decode()


def test_what_this_version_has_frozen_has_nothing_that_it_does_not_know(asked_for: Deployment) -> None:
    frozen: list[tuple[Any, dict[str, Any]]] = [
        (EnvironmentSettings.from_json(asked_for.settings), asked_for.settings),
        (Plan.from_json(asked_for.plan), asked_for.plan),
    ]

    assert [[*members.strangers(ours.as_json(), theirs)] for ours, theirs in frozen] == [[], []]
