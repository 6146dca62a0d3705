"""What administrators change is told: accounts, groups, rights, gates and settings, each with before and after."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from deployments.catalog.models import Environment, GatePolicy
from deployments.people import roles
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.admin.test_environments import form_data
from tests.delivery.engine.world import World

PASSWORDS = {"password1": "correct horse 9", "password2": "correct horse 9", "usable_password": "true"}


def told(kind: str) -> Event:
    return Event.objects.get(kind=kind)


def send(browse: Browser, by: User, page: str, *args: Any, **changes: Any) -> int:
    """The page's form with these changes; the answer's status."""
    client, address = browse(by), reverse(f"admin:{page}", args=args)
    return client.post(address, form_data(client.get(address)) | changes).status_code


def test_an_added_account_is_told(browse: Browser, administrator: User) -> None:
    viewers = Group.objects.get(name=roles.VIEWERS)
    data = {"username": "new", "groups": [viewers.pk], **PASSWORDS}
    browse(administrator).post(reverse("admin:auth_user_add"), data)

    event = told("person.added")
    assert (event.chain.name, event.actor) == ("people", "administrator")
    assert event.data["values"]["groups"] == ["Viewers"]
    assert "correct horse" not in str(event.data)


def test_a_renamed_account_in_other_groups_is_told(browse: Browser, administrator: User, outsider: User) -> None:
    approvers = Group.objects.get(name=roles.APPROVERS)
    send(browse, administrator, "auth_user_change", outsider.pk, username="bob", groups=[approvers.pk])

    assert told("person.changed").data["changed"] == {
        "username": {"before": "outsider", "after": "bob"},
        "groups": {"before": ["Viewers"], "after": ["Approvers"]},
    }


def test_a_password_that_was_set_is_told(browse: Browser, administrator: User, outsider: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[outsider.pk])
    browse(administrator).post(address, PASSWORDS)

    assert told("person.password_set").message == "Account outsider was given a password"


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_changes_the_own_groups(browse: Browser, administrator: User, superuser: bool) -> None:
    User.objects.filter(pk=administrator.pk).update(is_superuser=superuser)
    administrator.refresh_from_db()
    approvers = Group.objects.get(name=roles.APPROVERS)
    send(browse, administrator, "auth_user_change", administrator.pk, groups=[approvers.pk], email="me@example.com")

    administrator.refresh_from_db()
    assert [group.name for group in administrator.groups.all()] == [roles.ADMINISTRATORS]
    assert administrator.email == "me@example.com"


def test_nobody_gives_rights_to_a_group_they_are_in(browse: Browser, administrator: User) -> None:
    group = Group.objects.get(name=roles.ADMINISTRATORS)
    right = Permission.objects.get(codename="decide_gate")
    send(browse, administrator, "auth_group_change", group.pk, permissions=[right.pk])

    assert not group.permissions.filter(pk=right.pk).exists()


def test_a_group_is_told_from_its_making_to_its_end(browse: Browser, administrator: User) -> None:
    right = Permission.objects.get(codename="decide_gate")
    send(browse, administrator, "auth_group_add", name="Payments")
    group = Group.objects.get(name="Payments")
    send(browse, administrator, "auth_group_change", group.pk, permissions=[right.pk])
    browse(administrator).post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})

    assert [event.kind for event in Event.objects.all()] == ["group.added", "group.changed", "group.deleted"]
    assert told("group.changed").data["changed"]["rights"] == {"before": [], "after": ["deployments.decide_gate"]}


def test_a_gate_that_is_taken_away_is_told(world: World, browse: Browser, administrator: User) -> None:
    send(browse, administrator, "deployments_environment_change", world.environment.pk, **{
        "gate_policies-0-DELETE": "on", "bake_seconds": "7", "no_gate_because": "Staging",
    })  # fmt: skip

    assert told("environment.unattended").message == "Nobody has to approve: Staging"
    assert not GatePolicy.objects.exists()
    event = told("environment.changed")
    assert (event.chain.name, event.message) == (
        f"environment:{world.environment.pk}",
        "Changed: bake seconds and gates",
    )
    assert event.data["changed"]["gates"]["before"][0]["approvals"] == 1
    assert event.data["changed"]["bake_seconds"] == {"before": 60, "after": 7}


HEADERS = "Host: shop.example.com\r\nX-Forwarded-Proto: https"


def test_what_a_smoke_check_sends_is_set_by_the_form_and_told(
    world: World, browse: Browser, administrator: User
) -> None:
    check = world.environment.smoke_checks.create(path="/healthz")
    send(browse, administrator, "deployments_environment_change", world.environment.pk, **{
        "smoke_checks-0-headers": HEADERS, "smoke_checks-0-follow_redirects": "on",
    })  # fmt: skip

    check.refresh_from_db()
    assert (check.headers, check.follow_redirects) == (HEADERS, True)
    change = told("environment.changed").data["changed"]["smoke checks"]
    assert (change["before"][0]["headers"], change["before"][0]["follow_redirects"]) == ("", False)
    assert (change["after"][0]["headers"], change["after"][0]["follow_redirects"]) == (HEADERS, True)
    assert check.history.latest().headers == HEADERS


def test_a_secret_in_a_smoke_check_is_refused_by_the_form(world: World, browse: Browser, administrator: User) -> None:
    check = world.environment.smoke_checks.create(path="/healthz")
    send(browse, administrator, "deployments_environment_change", world.environment.pk, **{
        "smoke_checks-0-headers": "Authorization: Basic c2hvcDpzZWNyZXQ=",
    })  # fmt: skip

    check.refresh_from_db()
    assert (check.headers, Event.objects.filter(kind="environment.changed").exists()) == ("", False)


def test_a_webhooks_new_token_is_told_without_it(world: World, browse: Browser, administrator: User) -> None:
    world.environment.webhooks.create(url="https://hooks.example.com/T0KEN-1")
    send(browse, administrator, "deployments_environment_change", world.environment.pk, **{
        "webhooks-0-url": "https://hooks.example.com/T0KEN-2",
    })  # fmt: skip

    change = told("environment.changed").data["changed"]["webhooks"]
    assert change["before"] != change["after"]
    assert "T0KEN" not in str(change)


def test_saving_without_a_change_tells_nothing(world: World, browse: Browser, administrator: User) -> None:
    assert send(browse, administrator, "deployments_environment_change", world.environment.pk) == 302
    assert not Event.objects.exists()


def test_an_environment_that_is_deleted_is_told(world: World, browse: Browser, administrator: User) -> None:
    address = reverse("admin:deployments_environment_delete", args=[world.environment.pk])
    browse(administrator).post(address, {"post": "yes"})

    assert not Environment.objects.exists()
    assert told("environment.deleted").data["values"]["gates"]


def test_an_applications_registries_are_told(world: World, browse: Browser, administrator: User) -> None:
    pk = world.environment.application_id
    send(browse, administrator, "deployments_application_change", pk, registries="evil.example")

    assert told("application.changed").data["changed"] == {"registries": {"before": "", "after": "evil.example"}}


def test_the_gate_shows_whose_approval_does_not_count(
    world: World, browse: Browser, administrator: User, outsider: User
) -> None:
    GatePolicy.objects.update(approvals=2)
    second = User.objects.create_user("second")
    second.groups.set(world.approver.groups.all())
    deployment = world.run(world.request())
    world.approve(deployment)
    browse(administrator).post(reverse("admin:auth_user_password_change", args=[world.approver.pk]), PASSWORDS)

    text = browse(outsider).get(reverse("admin:deployments_deployment_change", args=[deployment.pk])).content.decode()

    assert "0 of 2" in text
    assert "Does not count: After this deployment was requested approver was given a password by administrator" in text
