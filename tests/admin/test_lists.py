"""Gates, approvals, events, the frame around each page, and the errors' own pages."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config import __version__
from config.settings import base
from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World


@pytest.mark.parametrize(
    "page", ["index", "deployments_event_changelist", "deployments_application_add", "auth_user_add"]
)
def test_every_kind_of_page_has_the_version_at_its_foot(page: str, browse: Browser, administrator: User) -> None:
    shown = browse(administrator).get(reverse(f"admin:{page}")).content.decode()

    feet = re.findall(r'<footer class="tg-foot"[^>]*>(.*?)</footer>', shown)
    assert feet == [f'<span translate="no">Tealgate {__version__}</span>']


def test_strangers_are_not_shown_the_version(client: Client, db: None) -> None:
    assert __version__ not in client.get(reverse("admin:login")).content.decode()


def test_gates_can_be_narrowed_to_those_that_wait_for_me(
    at_gate: Deployment, browse: Browser, approver: User, outsider: User
) -> None:
    address = reverse("admin:deployments_gate_changelist") + "?waiting=me"

    assert "shop/production" in browse(approver).get(address).content.decode()
    assert "1.1.0 to shop/production" not in browse(outsider).get(address).content.decode()


def test_a_gate_says_how_it_ended_in_people_s_words(
    world: World, at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    world.approve(at_gate)

    text = browse(outsider).get(reverse("admin:deployments_gate_changelist")).content.decode()

    assert '<span class="tg-pill tg-pill-good">Approved</span>' in text


def test_events_can_be_searched_and_narrowed(
    world: World, at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    environments.lock(
        environment=world.environment, principal=Principal.person(world.requester), message="Freeze", now=timezone.now()
    )
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


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("/deployments/deployment/4711/change/", 404, "There is no such deployment."),
        ("/deployments/nothing/", 404, "what was here does not exist any more."),
        ("/auth/user/", 403, "Your role does not include this page."),
        ("/deployments/deployment/add/", 403, "You do not have the right to deploy"),
    ],
)
def test_a_page_that_is_not_there_or_not_for_one_keeps_the_menu(
    browse: Browser, outsider: User, address: str, code: int, said: str
) -> None:
    answer = browse(outsider).get(address)
    text = answer.content.decode()

    assert answer.status_code == code
    assert "Go to the board" in text and said in text
    assert reverse("admin:deployments_release_changelist") in text


def test_strangers_are_shown_no_menu_with_an_error(db: None) -> None:
    answer = Client().get("/demo/inbox/17/")

    assert answer.status_code in (302, 404)
    assert reverse("admin:deployments_release_changelist") not in answer.content.decode()


def test_the_sign_in_page_offers_people_only_in_the_demo(db: None, settings: Any) -> None:
    settings.DEMO_PEOPLE, settings.DEMO_PASSWORD = (("maya", "asks for deployments"),), "known-to-all"
    before = Client().get(reverse("admin:login")).content.decode()
    assert "This is a demo" not in before and "known-to-all" not in before and "maya" not in before

    settings.DEMO = True

    text = Client().get(reverse("admin:login")).content.decode()
    assert "This is a demo" in text and "asks for deployments" in text
    assert 'data-sign-in-as="maya" data-password="known-to-all"' in text


def test_nobody_is_offered_where_it_is_not_the_demo() -> None:
    assert (base.DEMO, base.DEMO_PEOPLE, base.DEMO_PASSWORD) == (False, (), "")


def test_signing_in_and_out_have_one_word_each(browse: Browser, outsider: User) -> None:
    client = browse(outsider)
    pages = [client.get("/").content.decode(), client.post(reverse("admin:logout")).content.decode()]

    assert "Sign out" in pages[0] and "Sign in again" in pages[1]
    assert not [page for page in pages if "Log out" in page or "Log in" in page]


def test_gates_say_who_asked_why_and_for_how_long_they_are_open(
    at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    text = browse(outsider).get(reverse("admin:deployments_gate_changelist")).content.decode()

    assert "requester<br><small>because</small>" in text
    assert re.search(r"in <span class=\"tg-num\"[^>]*>[^<]*</span> at the latest", text)
    assert reverse("admin:deployments_gate_change", args=[at_gate.gates.get().pk]) in text


def test_what_waits_for_people_is_called_that_wherever_it_stands(
    at_gate: Deployment, browse: Browser, outsider: User, administrator: User
) -> None:
    pages = (
        reverse("admin:deployments_deployment_changelist"),
        reverse("admin:deployments_release_change", args=[at_gate.release_id]),
        reverse("admin:deployments_environment_change", args=[at_gate.environment_id]),
    )
    for page in pages:
        text = browse(administrator).get(page).content.decode()
        assert "Waiting for approval</span>" in text and "In progress</span>" not in text, page


def test_a_list_says_once_how_many_there_are(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    address, client = reverse("admin:deployments_event_changelist"), browse(outsider)

    for query in ({}, {"q": "1.1.0"}):
        answer = client.get(address, query)
        count = answer.context["cl"].result_count
        text = answer.content.decode()
        assert len(re.findall(rf"\b{count}\s+(?:events|results)", text)) == 1
        assert ("Show all" in text) == bool(query)


def test_signing_in_leads_to_the_board(outsider: User) -> None:
    answer = Client().post(reverse("admin:login"), {"username": "outsider", "password": "correct horse"})

    assert answer["Location"] == reverse("admin:index")


def test_an_event_says_in_words_what_it_is_about_and_what_was_written(
    world: World, at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    client = browse(outsider)
    arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:2"
    data = {"action": {"task_definition": arn, "counts": [1, None]}, "at": "2026-11-29T23:59:01.5+00:00"}
    about = world.environment.application
    append_event(about, "release.registered", f"{arn} registered", now=timezone.now(), data=data)

    listed = client.get(reverse("admin:deployments_event_changelist")).content.decode()
    assert f'<code title="{arn}">shop:2</code> registered' in listed
    assert "Shop" in listed

    newest = Event.objects.order_by("-pk")[0]
    text = client.get(reverse("admin:deployments_event_change", args=[newest.pk])).content.decode()
    for said in ("action › task definition", "action › counts › 1", "<td>–</td>", "data-local>2026-11-29 23:59 UTC<"):
        assert said in text
    assert re.search(r'tg-crumb-here">\s*<time[^>]* data-local="">', text)


def test_an_empty_list_says_whether_something_has_to_be_done(
    browse: Browser, outsider: User, administrator: User
) -> None:
    client, gates = browse(outsider), reverse("admin:deployments_gate_changelist")
    tokens = reverse("admin:deployments_token_changelist")

    assert "asks Tealgate for what you may" in browse(administrator).get(tokens).content.decode()
    assert "nobody has to add them" in client.get(gates).content.decode()
    assert "No gate is like what you search" in client.get(gates, {"q": "nothing"}).content.decode()


def test_the_history_of_an_environment_tells_times_with_their_zone(
    world: World, browse: Browser, administrator: User
) -> None:
    world.environment.canary_percent = 25
    world.environment.save()
    address = reverse("admin:deployments_environment_history", args=[world.environment.pk])

    text = browse(administrator).get(address).content.decode()

    assert "data-local" in text
    assert "UTC</time>" in text
    assert "25" in text
    assert "Choose a date from the list below" not in text


def test_the_history_of_anything_else_tells_times_with_their_zone_or_that_nothing_was_changed(
    world: World, browse: Browser, administrator: User
) -> None:
    application, client = world.environment.application, browse(administrator)
    history = reverse("admin:deployments_application_history", args=[application.pk])
    assert "Nothing was changed on its page" in client.get(history).content.decode()

    said = {"name": "Shop 2", "slug": application.slug, "registries": "", "links-TOTAL_FORMS": "0",
            "links-INITIAL_FORMS": "0"}  # fmt: skip
    client.post(reverse("admin:deployments_application_change", args=[application.pk]), said)

    text = client.get(history).content.decode()
    assert "data-local" in text and "UTC</time>" in text and "Changed Name" in text


def crumbs(client: Client, address: str) -> list[str]:
    found = re.findall(r'class="tg-crumb[^>]*>([^<]+)<', client.get(address).content.decode())
    return [html.unescape(crumb) for crumb in found]


def test_every_page_says_where_it_is(aws: World, browse: Browser, requester: User, administrator: User) -> None:
    client, administrators = browse(requester), browse(administrator)
    choice = f"?release={aws.release.pk}&environment={aws.environment.pk}&strategy=CANARY"
    check = reverse("admin:deployments_environment_check", args=[aws.environment.pk])

    assert crumbs(client, reverse("admin:deployments_deployment_add")) == ["Deployments", "Deploy"]
    assert crumbs(client, reverse("admin:deployments_deployment_preview") + choice) == [
        "Deployments",
        "Deploy 1.1.0 to shop/production",
    ]
    assert crumbs(client, reverse("admin:deployments_release_add")) == ["Releases", "Register a release"]
    assert crumbs(client, check) == ["Environments", "shop/production", "Check"]
    discover = reverse("admin:deployments_environment_discover")
    assert crumbs(administrators, discover) == ["Environments", "Add"]


def test_the_menu_is_a_button_for_keys_and_screen_readers(browse: Browser, outsider: User) -> None:
    text = browse(outsider).get(reverse("admin:index")).content.decode()

    assert text.count('<button type="button" class="tg-menu') == 2
    assert "<span x-on:click" not in text


def another_environment(world: World, at_gate: Deployment, name: str) -> Environment:
    """With a deployment of its own, a gate and an approval."""
    environment = Environment.objects.get(pk=world.environment.pk)
    environment.pk, environment.name, environment._state.adding = None, name, True
    environment.save()
    deployment = Deployment.objects.get(pk=at_gate.pk)
    deployment.pk, deployment.key, deployment.environment = None, f"key-{name}", environment
    deployment._state.adding = True
    deployment.save()
    gate = Gate.objects.create(deployment=deployment, stage="BAKE_TIME", position=9, opened_at=timezone.now(),
                               expires_at=timezone.now(), plan_hash="x")  # fmt: skip
    Approval.objects.create(gate=gate, person=world.approver, verdict="APPROVE", at=timezone.now())
    return environment


@pytest.mark.parametrize("model", ["deployment", "gate", "approval", "event", "release", "environment"])
def test_a_list_costs_no_more_queries_for_more_environments(
    world: World, at_gate: Deployment, browse: Browser, outsider: User, model: str
) -> None:
    client, address = browse(outsider), reverse(f"admin:deployments_{model}_changelist")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    another_environment(world, at_gate, "staging")
    queries()  # content types and the like are read once
    before = queries()
    for number in range(5):
        another_environment(world, at_gate, f"e{number}")

    assert queries() == before


@pytest.mark.parametrize("model", ["deployment", "gate", "approval"])
def test_a_list_is_narrowed_to_an_environment(
    world: World, at_gate: Deployment, browse: Browser, outsider: User, model: str
) -> None:
    staging = another_environment(world, at_gate, "staging")
    another_environment(world, at_gate, "qa")
    address = reverse(f"admin:deployments_{model}_changelist")

    def shown(value: str) -> list[str]:
        rows = browse(outsider).get(address, {"environment": value}).context["cl"].result_list
        return [str(getattr(getattr(row, "gate", row), "deployment", row).environment) for row in rows]

    assert shown(str(staging.pk)) == ["shop/staging"]
    assert len(shown("nonsense")) > 1
