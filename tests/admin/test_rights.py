"""Who sees and may do what: the matrix of roles and pages."""

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from deployments.catalog.models import GatePolicy, Release
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people import roles
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

SEEN_BY_ALL = ("deployment", "release", "gate", "approval", "event", "environment", "application")
CAST = ("outsider", "requester", "approver", "administrator")
OPENED_BY: dict[str, set[str]] = {
    "deployments_deployment_add": {"requester", "administrator"},
    "deployments_release_add": {"requester", "administrator"},
    "deployments_environment_add": {"administrator"},
    "deployments_application_add": {"administrator"},
    "auth_user_changelist": {"administrator"},
    "auth_group_add": {"administrator"},
    "django_q_ormq_changelist": {"administrator"},
    "django_q_failure_changelist": {"administrator"},
    "axes_accessattempt_changelist": {"administrator"},
    "deployments_gate_add": set(),
    "deployments_approval_add": set(),
    "deployments_event_add": set(),
}


@pytest.fixture
def cast(world: World, outsider: User, administrator: User) -> None:
    """Everybody is there."""


def opens(client: Client, pages: Iterable[str]) -> set[str]:
    """Which of them."""
    return {page for page in pages if client.get(reverse(f"admin:{page}"), follow=True).status_code == 200}


@pytest.mark.parametrize("person", CAST)
def test_every_role_sees_every_list(cast: None, at_gate: Deployment, browse: Browser, person: str) -> None:
    lists = {f"deployments_{model}_changelist" for model in SEEN_BY_ALL}

    assert opens(browse(person), lists) == lists


@pytest.mark.parametrize("person", CAST)
def test_pages_open_for_the_right_roles_only(cast: None, browse: Browser, person: str) -> None:
    assert opens(browse(person), OPENED_BY) == {page for page, may in OPENED_BY.items() if person in may}


@pytest.mark.parametrize("model", ["deployment", "release", "gate", "approval", "event"])
def test_nobody_deletes_or_changes_the_record(world: World, at_gate: Deployment, browse: Browser, model: str) -> None:
    world.approve(at_gate)
    superuser = User.objects.create_superuser("root")
    row = {"deployment": Deployment, "release": Release, "gate": Gate, "approval": Approval, "event": Event}[model]
    client, pk = browse(superuser), row.objects.first().pk  # type: ignore[attr-defined]

    assert client.post(reverse(f"admin:deployments_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    client.post(reverse(f"admin:deployments_{model}_change", args=[pk]), {"version": "9", "message": "forged"})
    assert not Event.objects.filter(message="forged").exists()
    assert not Release.objects.filter(version="9").exists()


def test_the_sidebar_offers_only_what_opens(cast: None, browse: Browser) -> None:
    def offered(person: str) -> str:
        return browse(person).get(reverse("admin:index")).content.decode()

    assert reverse("admin:auth_user_changelist") not in offered("outsider")
    assert reverse("admin:auth_user_changelist") in offered("administrator")


def test_whoever_is_not_signed_in_is_asked_to(world: World, at_gate: Deployment, browse: Browser) -> None:
    for page in ("index", "deployments_board_live", "deployments_deployment_changelist"):
        assert Client().get(reverse(f"admin:{page}"))["Location"].startswith(reverse("admin:login"))
    live = reverse("admin:deployments_deployment_live", args=[at_gate.pk])
    assert Client().get(live)["Location"].startswith(reverse("admin:login"))


def test_an_administrator_cannot_make_a_superuser(cast: None, browse: Browser, administrator: User) -> None:
    target = User.objects.get(username="outsider")
    data = {"username": "outsider", "is_superuser": "on", "is_active": "on", "groups": []}
    browse(administrator).post(reverse("admin:auth_user_change", args=[target.pk]), data)

    target.refresh_from_db()
    assert not target.is_superuser


def test_a_new_user_may_sign_in_at_once(browse: Browser, administrator: User) -> None:
    viewers = Group.objects.get(name=roles.VIEWERS)
    data = {"username": "new", "password1": "correct horse 9", "password2": "correct horse 9", "groups": [viewers.pk],
            "usable_password": "true"}  # fmt: skip
    answer = browse(administrator).post(reverse("admin:auth_user_add"), data)

    assert answer.status_code == 302
    person = User.objects.get(username="new")
    assert person.is_staff
    assert list(person.groups.all()) == [viewers]


@pytest.mark.django_db
def test_making_the_roles_again_takes_nothing_away() -> None:
    call_command("create_roles", verbosity=0)
    viewers = Group.objects.get(name=roles.VIEWERS)
    approvers = Group.objects.get(name=roles.APPROVERS)
    viewers.permissions.add(*approvers.permissions.all())

    assert set(roles.ensure_roles().values()) == {0}
    assert viewers.permissions.filter(codename="decide_gate").exists()


def test_an_administrator_does_not_approve_by_office(administrator: User) -> None:
    assert not administrator.has_perm("deployments.decide_gate")


def delete_group(browse: Browser, administrator: User, group: Group) -> int:
    return browse(administrator).post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code


@pytest.mark.parametrize("named_by", ["policy", "gate", "environment", "plan"])
def test_a_group_that_something_names_is_not_deleted(
    world: World, browse: Browser, administrator: User, named_by: str
) -> None:
    """Without its groups a gate, or an environment, would be open to everyone with the right."""
    group = Group.objects.create(name="Payments")
    policy = GatePolicy.objects.get()
    if named_by == "environment":
        world.environment.deployers.add(group)
    else:
        policy.groups.add(group)
    if named_by in ("gate", "plan"):
        world.approver.groups.add(group)
        deployment = world.request()
        if named_by == "gate":
            world.run(deployment)
            Deployment.objects.update(plan={**deployment.plan, "steps": []})
        policy.groups.clear()

    assert delete_group(browse, administrator, group) == 403
    assert Group.objects.filter(pk=group.pk).exists()


def test_a_group_that_nothing_names_is_deleted(world: World, browse: Browser, administrator: User) -> None:
    group = Group.objects.create(name="Payments")

    assert delete_group(browse, administrator, group) == 302
    assert not Group.objects.filter(pk=group.pk).exists()


def test_groups_are_not_deleted_in_bulk(world: World, browse: Browser, administrator: User) -> None:
    group = Group.objects.create(name="Payments")
    world.environment.deployers.add(group)

    data = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    browse(administrator).post(reverse("admin:auth_group_changelist"), data)

    assert Group.objects.filter(pk=group.pk).exists()
