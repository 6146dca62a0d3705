"""Releases that register themselves, on the application's page and on their own."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from deployments.catalog.models import SelfRegistration
from tests.admin.conftest import Browser
from tests.catalog.self_registering.registry import WEB, WORKER, Registry, make_registry
from tests.delivery.engine.world import World, make_release

TYPED = f"web = {WEB}\nworker = {WORKER}"


@pytest.fixture
def registry(world: World, administrator: User, monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = make_registry(monkeypatch, world.environment.application)
    registry.owner = administrator
    registry.clock = world.clock
    return registry


@pytest.fixture
def address(world: World) -> str:
    return reverse("admin:deployments_application_self_registering", args=[world.environment.application_id])


def send(browse: Browser, person: User, address: str, button: str, **changes: Any) -> str:
    data = {"pattern": "{version}", "containers": TYPED, "deploy_to": "", "strategy": "", button: "1"} | changes
    return str(browse(person).post(address, data, follow=True).content.decode())


def test_a_look_shows_what_matches_before_anything_is_saved(registry: Registry, browse: Browser, address: str) -> None:
    registry.push(WEB, "1.4.2", "a")
    registry.push(WEB, "latest", "a")

    page = send(browse, registry.owner, address, "look")

    assert "<strong>1.4.2</strong>" in page
    assert "worker missing" in page
    assert "Left alone:" in page
    assert "latest</code>" in page
    assert not SelfRegistration.objects.exists()


def test_it_is_switched_on_shows_what_it_waits_for_and_is_switched_off(
    registry: Registry, browse: Browser, address: str, world: World
) -> None:
    page = send(browse, registry.owner, address, "save", deploy_to=str(world.environment.pk), strategy="CANARY")
    assert "From now on what is pushed there registers itself." in page
    assert "the newest goes to shop/production at once" in page

    registry.push(WEB, "1.4.2", "a")
    registry.heard_and_looked()
    page = browse(registry.owner).get(address.replace("self-registering", "change")).content.decode()
    assert "<strong>1.4.2</strong>: web is there, worker is missing" in page

    assert "Releases are registered by people" in send(browse, registry.owner, address, "off")
    assert not SelfRegistration.objects.exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"pattern": "latest"}, "A pattern has one of {version}"),
        ({"containers": "web"}, "a line is a container, =, and its repository"),
        ({"containers": f"web = {WEB}\nweb = {WORKER}"}, "A container stands there twice"),
        ({"containers": "web = nginx"}, "nginx is no repository of Amazon ECR"),
        ({"deploy_to": "999"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    registry: Registry, browse: Browser, address: str, typed: dict[str, str], says: str
) -> None:
    assert says in send(browse, registry.owner, address, "save", **typed)
    assert not SelfRegistration.objects.exists()


def test_repositories_of_the_newest_release_are_proposed(
    registry: Registry, browse: Browser, address: str, world: World
) -> None:
    image = make_release(world.environment.application, "1.2.0").images.get()
    type(image).objects.filter(pk=image.pk).update(container="web", repository=WEB)

    assert f"web = {WEB}" in browse(registry.owner).get(address).content.decode()


def test_whoever_may_not_change_applications_sees_it_and_changes_nothing(
    registry: Registry, browse: Browser, address: str, world: World
) -> None:
    assert browse(world.approver).get(address).status_code == 403
    assert browse(world.approver).post(address, {"off": "1"}).status_code == 403
    page = browse(world.approver).get(address.replace("self-registering", "change")).content.decode()
    assert "Releases register themselves" in page
    assert address not in page
