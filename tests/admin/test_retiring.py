"""Retiring on the pages: it asks first, says what stays, and no page of what is retired does anything any more."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import Form
from django.test import Client, RequestFactory
from django.urls import reverse

from deployments.catalog.models import Application, Environment
from deployments.delivery import retiring
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status
from tests.admin.conftest import Browser
from tests.admin.test_environments import form_data
from tests.delivery.engine.world import World, make_environment

REASON = {"reason": "Moved to the new account"}


def page(name: str, pk: int) -> str:
    return reverse(f"admin:deployments_{name}", args=[pk])


def text(client: Client, address: str, data: dict[str, Any] | None = None) -> str:
    answer = client.get(address) if data is None else client.post(address, data, follow=True)
    return str(answer.content.decode())


@pytest.fixture
def admin(world: World, browse: Browser, administrator: User) -> Client:
    return browse(administrator)


@pytest.fixture
def ended(world: World) -> Deployment:
    deployment = world.request()
    now = world.clock()
    Deployment.objects.update(status=Status.ROLLBACK_FAILED, next_check_at=None, started_at=now, finished_at=now)
    Environment.objects.update(live_release=world.release, live_slot="green", live_since=now)
    return deployment


def test_it_is_asked_for_with_what_stays_and_what_ends(world: World, ended: Deployment, admin: Client) -> None:
    address = page("environment_retire", world.environment.pk)
    assert address in text(admin, page("environment_change", world.environment.pk))
    asked = text(admin, address)

    assert "Retire shop/production?" in asked
    assert "1 deployment with 0 gates" in asked
    assert "1 event in its chain" in asked
    assert "Service shop-blue of cluster shop" in asked
    assert not Environment.objects.get().is_retired
    assert "Say why it is retired" in text(admin, address, {"reason": " "})
    done = text(admin, address, REASON)
    assert "shop/production is retired. Its history stays here" in done
    assert "was retired by administrator" in done


def test_what_is_under_way_is_named_instead_of_the_button(world: World, at_gate: Deployment, admin: Client) -> None:
    asked = text(admin, page("environment_retire", world.environment.pk))

    assert "shop/production is busy: 1.1.0 is" in asked
    assert 'name="reason"' not in asked
    assert "is busy" in text(admin, page("environment_retire", world.environment.pk), REASON)
    assert not Environment.objects.get().is_retired


def test_who_may_not_is_not_offered_it(world: World, browse: Browser) -> None:
    client = browse(world.requester)
    address = page("environment_retire", world.environment.pk)

    assert address not in text(client, page("environment_change", world.environment.pk))
    assert "You do not have the right to retire environments" in text(client, address)
    assert "You do not have the right to retire environments" in text(client, address, REASON)
    assert not Environment.objects.get().is_retired


def test_lists_and_choosers_leave_it_out_and_a_filter_shows_it(world: World, ended: Deployment, admin: Client) -> None:
    listed = reverse("admin:deployments_environment_changelist")
    shown = page("environment_change", world.environment.pk)
    text(admin, page("environment_retire", world.environment.pk), REASON)

    assert shown not in text(admin, listed)
    for asked in ("retired", "all"):
        assert shown in text(admin, f"{listed}?state={asked}")
    board = text(admin, reverse("admin:index"))
    assert "tg-board" not in board
    chooser = text(admin, f"{reverse('admin:deployments_deployment_add')}?release={world.release.pk}")
    assert "Shop has no environment yet" in chooser


def test_its_record_is_read_from_its_page(world: World, ended: Deployment, admin: Client) -> None:
    text(admin, page("environment_retire", world.environment.pk), REASON)
    make_environment(application=world.environment.application)
    shown = text(admin, page("environment_change", world.environment.pk))
    of_it = f"?environment={world.environment.pk}"
    for records in ("deployment", "gate", "event"):
        assert reverse(f"admin:deployments_{records}_changelist") + of_it in shown

    deployments = text(admin, reverse("admin:deployments_deployment_changelist") + of_it)
    assert "shop/production (retired 20" in deployments
    events = text(admin, reverse("admin:deployments_event_changelist") + of_it)
    assert "shop/production (retired)" in events
    assert "shop/production (retired 20" in text(admin, page("deployment_change", ended.pk))


POSTED: list[tuple[str, dict[str, str]]] = [
    ("environment_lock", {"message": "Freeze"}),
    ("environment_lock", {"unlock": "1"}),
    ("environment_unattended", {"reason": "Staging"}),
    ("environment_unattended", {"ask": "1"}),
    ("environment_adopt", {}),
    ("environment_move", {"begin": "1"}),
    ("environment_retire", REASON),
]


@pytest.mark.parametrize(("name", "data"), POSTED)
def test_no_page_of_it_does_anything(
    aws: World, ended: Deployment, admin: Client, name: str, data: dict[str, str]
) -> None:
    text(admin, page("environment_retire", aws.environment.pk), REASON)
    aws.environment.gate_policies.all().delete()
    before, told = Environment.objects.values().get(), Event.objects.count()

    assert "was retired by administrator" in text(admin, page(name, aws.environment.pk), data)
    assert Environment.objects.values().get() == before
    assert Event.objects.count() == told
    assert not aws.aws.calls


def test_no_page_deploys_to_it_or_turns_it_back(aws: World, ended: Deployment, admin: Client) -> None:
    text(admin, page("environment_retire", aws.environment.pk), REASON)
    told = Event.objects.count()
    typed = {"release": str(aws.release.pk), "environment": str(aws.environment.pk), "strategy": "CANARY"}
    chosen = f"?{urlencode(typed)}"
    plan = reverse("admin:deployments_deployment_preview")
    do = reverse("admin:deployments_deployment_do", args=[ended.pk, "retry"])

    assert "was retired by administrator" in text(admin, reverse("admin:deployments_deployment_add") + chosen)
    assert "was retired by administrator" in text(admin, plan + chosen)
    assert "was retired by administrator" in text(admin, plan, {**typed, "reason": "Once more"})
    assert "was retired by administrator" in text(admin, do, {})
    assert "was retired by administrator" in text(admin, page("environment_check", aws.environment.pk))
    assert (Deployment.objects.count(), Event.objects.count()) == (1, told)
    assert not aws.aws.calls


def test_its_form_is_only_read(world: World, admin: Client) -> None:
    world.environment.save()  # a version
    address = page("environment_change", world.environment.pk)
    data = form_data(admin.get(address))
    version = world.environment.history.latest().history_id
    text(admin, page("environment_retire", world.environment.pk), REASON)

    assert 'name="bake_seconds"' not in text(admin, address)
    assert admin.post(address, data | {"bake_seconds": 7}).status_code == 403
    restored = reverse("admin:deployments_environment_simple_history", args=[world.environment.pk, version])
    assert "was retired by administrator" in text(admin, restored, {})
    assert Environment.objects.get().bake_seconds == 60


def test_a_form_that_was_open_when_it_was_retired_is_not_saved(
    world: World, administrator: User, rf: RequestFactory
) -> None:
    """Its rights were asked a moment before."""
    request = rf.post("/")
    request.user = administrator
    read: dict[type[Model], Any] = {Environment: world.environment, Application: Application.objects.get()}
    now = world.clock()
    retiring.retire_application(
        application=Application.objects.get(), principal=Principal.person(administrator), reason="Gone", now=now
    )
    new = Environment(application=read[Application], name="new")

    for row, change in ((read[Environment], True), (read[Application], True), (new, False)):
        with pytest.raises(PermissionDenied, match="was retired by administrator"):
            django_admin.site._registry[type(row)].save_model(request, row, Form(), change)


def test_what_was_set_there_is_folded_and_can_still_be_read(world: World, admin: Client) -> None:
    text(admin, page("environment_retire", world.environment.pk), REASON)

    retired = text(admin, page("environment_change", world.environment.pk))
    groups = re.findall(r'<fieldset class="module relative +(collapse)?" x-show="activeTab == .general.">', retired)
    assert groups == ["", *["collapse"] * 8]
    assert "shop-blue" in retired


def test_its_name_is_free_for_the_form_and_taken_names_are_said(world: World, admin: Client) -> None:
    address = page("environment_change", world.environment.pk)
    data = form_data(admin.get(address))
    other = make_environment(application=world.environment.application, name="other")
    taken = admin.post(page("environment_change", other.pk), data | {"name": "production"})
    assert "An environment of this name already exists" in taken.content.decode()

    text(admin, page("environment_retire", world.environment.pk), REASON)
    data = form_data(admin.get(page("environment_change", other.pk)))
    assert admin.post(page("environment_change", other.pk), data | {"name": "production"}).status_code == 302
    other.refresh_from_db()
    assert str(other) == "shop/production"
    back = text(admin, page("environment_retire", world.environment.pk), {"back": "1"})
    assert "Another environment is called shop/production now" in back


def test_it_is_brought_back_from_its_page(world: World, ended: Deployment, admin: Client) -> None:
    address = page("environment_retire", world.environment.pk)
    text(admin, address, REASON)

    assert "Brought back." in text(admin, address, {"back": "1"})
    assert not Environment.objects.get().is_retired
    assert "tg-board" in text(admin, reverse("admin:index"))


def test_an_application_goes_with_its_environments_and_comes_back_alone(world: World, admin: Client) -> None:
    pk = world.environment.application_id
    address, change = page("application_retire", pk), page("application_change", pk)
    data = form_data(admin.get(change))
    asked = text(admin, address)
    assert page("environment_change", world.environment.pk) in asked
    assert "Retire Shop and 1 environment" in asked

    done = text(admin, address, REASON)
    assert "Shop was retired by administrator" in done
    assert Environment.objects.get().is_retired
    assert 'name="slug"' not in text(admin, change)
    assert admin.post(change, data).status_code == 403
    listed = reverse("admin:deployments_application_changelist")
    assert change not in text(admin, listed)
    assert change in text(admin, f"{listed}?state=retired")
    assert "Shop was retired" in text(admin, f"{reverse('admin:deployments_release_add')}?application={pk}")
    assert "retired" in text(admin, page("release_change", world.release.pk))
    assert "Another" not in text(admin, address, {"back": "1"})
    assert not Application.objects.get().is_retired
    assert Environment.objects.get().is_retired


def test_a_slug_is_free_once_its_application_is_retired(world: World, admin: Client) -> None:
    add, data = reverse("admin:deployments_application_add"), {"name": "Shop", "slug": "shop"}
    assert "An application with this slug already exists" in text(admin, add, data)

    text(admin, page("application_retire", world.environment.application_id), REASON)
    assert admin.post(add, data).status_code == 302
    assert Application.objects.filter(slug="shop").count() == 2
