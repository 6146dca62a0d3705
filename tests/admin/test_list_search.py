"""What people type into a list's search, and what they find by it."""

import unicodedata
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from config import urls  # noqa: F401 - finds the pages
from deployments.catalog import environments
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.append import append_event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

EVERYWHERE = ["Shop", "shop", "production", "shop/production"]
OF_A_DEPLOYMENT = [*EVERYWHERE, "1.1.0", "requester", "1.1.0 to shop/production", "production shop 1.1", "1.1.0 → shop"]


def found(browse: Browser, person: User, model: str, said: str) -> list[Any]:
    answer = browse(person).get(reverse(f"admin:deployments_{model}_changelist"), {"q": said})
    assert answer.status_code == 200, (model, said)
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        *((model, OF_A_DEPLOYMENT) for model in ("deployment", "gate", "approval", "event")),
        ("environment", EVERYWHERE),
        ("application", ["Shop", "production"]),
        ("release", ["Shop", "1.1.0", "shop 1.1"]),
    ],
)
def test_a_list_is_searched_by_what_people_call_things(
    model: str, said: list[str], world: World, at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    world.approve(at_gate)

    missed = [each for each in said if not found(browse, outsider, model, each)]

    assert missed == []
    others = ("ledger", "shop ledger", "docker.io", "shop%", "produc_ion")
    assert [each for each in others if found(browse, outsider, model, each)] == []


def test_events_of_a_place_are_found_by_its_name(world: World, browse: Browser, outsider: User) -> None:
    said = Principal.person(world.requester)
    environments.lock(environment=world.environment, principal=said, message="Freeze", now=timezone.now())
    append_event(world.environment.application, "release.registered", "Registered", now=timezone.now())

    assert [event.message for event in found(browse, outsider, "event", "shop/production")] == ["Locked: Freeze"]
    assert [event.message for event in found(browse, outsider, "event", "shop")] == ["Registered", "Locked: Freeze"]


def test_what_is_typed_in_pieces_finds_what_is_composed(world: World, browse: Browser, outsider: User) -> None:
    world.environment.application.name = "결제"
    world.environment.application.save()

    assert found(browse, outsider, "environment", unicodedata.normalize("NFD", "결제"))


def test_no_search_ends_in_an_error(rf: RequestFactory, administrator: User) -> None:
    request = rf.get("/")
    request.user = administrator
    for page in (page for page in admin.site._registry.values() if page.search_fields):
        for said in ("a " * 250, "x" * 500, "' OR 1=1 --", '"', "\\ %_", "결" * 500, "🚀"):
            found, _ = page.get_search_results(request, page.get_queryset(request), said)
            assert found.count() >= 0, (page, said)
