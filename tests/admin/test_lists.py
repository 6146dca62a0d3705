"""Gates, approvals, events, and the errors' own pages."""

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deployments.models import Deployment, Event
from deployments.services import environments
from tests.admin.conftest import Browser
from tests.engine.world import World


def test_gates_can_be_narrowed_to_those_that_wait_for_me(
    at_gate: Deployment, browse: Browser, approver: User, outsider: User
) -> None:
    address = reverse("admin:deployments_gate_changelist") + "?waiting=me"

    assert "shop/production" in browse(approver).get(address).content.decode()
    assert "1.1.0 to shop/production" not in browse(outsider).get(address).content.decode()


def test_a_gate_opens_the_deployment_it_belongs_to(at_gate: Deployment, browse: Browser, approver: User) -> None:
    gate = at_gate.gates.get()
    answer = browse(approver).get(reverse("admin:deployments_gate_change", args=[gate.pk]))

    assert answer["Location"] == reverse("admin:deployments_deployment_change", args=[at_gate.pk]) + "#gate"


def test_events_can_be_searched_and_narrowed(
    world: World, at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    environments.lock(environment=world.environment, person=world.requester, message="Freeze", now=timezone.now())
    address = reverse("admin:deployments_event_changelist")
    client = browse(outsider)

    assert "Locked: Freeze" in client.get(address, {"about": "environment"}).content.decode()
    assert "Locked: Freeze" not in client.get(address, {"about": "gate"}).content.decode()
    found = client.get(address, {"environment": str(world.environment.pk), "q": "freeze"}).content.decode()
    assert "Locked: Freeze" in found
    assert "shop/production" in found


def test_an_event_shows_its_place_in_the_chain(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    event = Event.objects.last()
    assert event

    text = browse(outsider).get(reverse("admin:deployments_event_change", args=[event.pk])).content.decode()

    assert event.hash in text


def test_a_page_that_does_not_exist_says_what_to_do(browse: Browser, outsider: User) -> None:
    answer = browse(outsider).get("/deployments/deployment/4711/change/")

    assert answer.status_code == 404
    assert "Go to the board" in answer.content.decode()


def test_the_sign_in_page_mentions_the_demo_only_in_the_demo(db: None, settings: object) -> None:
    assert "This is a demo" not in Client().get(reverse("admin:login")).content.decode()

    settings.DEMO = True  # type: ignore[attr-defined]

    assert "This is a demo" in Client().get(reverse("admin:login")).content.decode()


def test_signing_in_leads_to_the_board(outsider: User) -> None:
    answer = Client().post(reverse("admin:login"), {"username": "outsider", "password": "correct horse"})

    assert answer["Location"] == reverse("admin:index")
