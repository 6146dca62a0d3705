import pytest
from django.contrib.auth.models import Group

from deployments.people import roles


@pytest.fixture(autouse=True)
def nothing_yet(db: None) -> None:
    """Only here: everybody else's database has the roles from the beginning."""
    Group.objects.all().delete()


def rights(name: str) -> set[str]:
    return {permission.codename for permission in Group.objects.get(name=name).permissions.all()}


def test_the_four_roles_are_made_with_their_rights() -> None:
    added = roles.ensure_roles()

    assert set(added) == {"Viewers", "Release managers", "Approvers", "Administrators"}
    assert all(count and count == len(rights(name)) for name, count in added.items())


def test_a_second_run_adds_nothing_and_takes_nothing_away() -> None:
    roles.ensure_roles()
    Group.objects.get(name="Viewers").permissions.add(
        *Group.objects.get(name="Approvers").permissions.filter(codename="decide_gate")
    )

    assert set(roles.ensure_roles().values()) == {0}
    assert "decide_gate" in rights("Viewers")


def test_a_right_that_is_missing_is_added_again() -> None:
    roles.ensure_roles()
    Group.objects.get(name="Approvers").permissions.clear()

    assert roles.ensure_roles()["Approvers"] == len(rights("Approvers"))


def test_no_role_both_deploys_and_approves() -> None:
    roles.ensure_roles()

    for name in roles.ROLES:
        assert not {"add_deployment", "decide_gate"} <= rights(name)
