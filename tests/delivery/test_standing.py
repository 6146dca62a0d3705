"""Whose approval counts: counted again at closing, of people who still may."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User

from deployments.catalog import accounts
from deployments.delivery import approvals, standing
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import GateStatus
from tests.delivery.engine.world import NOON, World
from tests.delivery.stages import at_gate

LATER = NOON + timedelta(minutes=1)


def approve(gate: Gate, person: User) -> Gate:
    return approvals.approve(
        gate=gate, principal=Principal.person(User.objects.get(pk=person.pk)), comment="", now=LATER
    )


@pytest.fixture
def gate(shop: World) -> Gate:
    """Two have to approve, and the first one has."""
    return approve(at_gate(shop, approvals_needed=2), shop.approver)


def deactivated(person: User) -> None:
    person.is_active = False
    person.save()


LOSES: dict[str, tuple[Callable[[User], object], str]] = {
    "deactivated": (deactivated, "approver is not active any more."),
    "without the right": (
        lambda person: person.groups.clear(),
        "approver does not have the right to approve any more.",
    ),
}


@pytest.mark.parametrize("how", LOSES)
def test_an_approval_does_not_count_of_who_may_no_longer(
    shop: World, gate: Gate, second_approver: User, how: str
) -> None:
    lose, why = LOSES[how]
    lose(shop.approver)

    assert approve(gate, second_approver).status == GateStatus.AWAITING_ACTION
    assert [given.objection for given in standing.standings(gate)] == [why, ""]
    assert Event.objects.filter(kind="gate.approved").last().data == {"approvals": 1, "needed": 2}  # type: ignore[union-attr]


def test_who_left_the_gates_group_does_not_count(shop: World, second_approver: User) -> None:
    quality = Group.objects.create(name="Quality")
    quality.user_set.set([shop.approver, second_approver])
    gate = at_gate(shop, approvals_needed=2)
    gate.groups.add(quality)
    approve(gate, shop.approver)
    quality.user_set.remove(shop.approver)

    assert approve(gate, second_approver).is_open
    assert standing.standings(gate)[0].objection == "approver is not in Quality any more."


def test_a_third_approval_makes_up_for_one_that_is_lost(shop: World, gate: Gate, second_approver: User) -> None:
    third = User.objects.create_user("third")
    third.groups.set(shop.approver.groups.all())
    deactivated(shop.approver)
    approve(gate, second_approver)

    closed = approve(gate, third)

    assert (closed.status, closed.reason) == ("SUCCEEDED", "approved by second_approver, third")


# Accounts that somebody else changed


def renamed(person: User, by: User) -> None:
    before = accounts.values_of(person)
    User.objects.filter(pk=person.pk).update(username="somebody")
    person.refresh_from_db()
    accounts.changed(person=person, before=before, principal=Principal.person(by), now=LATER)


def regrouped(person: User, by: User) -> None:
    before = accounts.values_of(person)
    person.groups.add(Group.objects.create(name="Quality"))
    accounts.changed(person=person, before=before, principal=Principal.person(by), now=LATER)


CHANGES: dict[str, tuple[Callable[[User, User], object], str]] = {
    "added": (
        lambda person, by: accounts.added(person=person, principal=Principal.person(by), now=LATER),
        "was added by administrator",
    ),
    "given a password": (
        lambda person, by: accounts.password_set(person=person, principal=Principal.person(by), now=LATER),
        "was given a password by administrator",
    ),
    "renamed": (renamed, "somebody was renamed by administrator"),
    "regrouped": (regrouped, "was put into other groups by administrator"),
}


@pytest.mark.parametrize("how", CHANGES)
def test_an_account_changed_after_the_request_does_not_approve(shop: World, administrator: User, how: str) -> None:
    gate = at_gate(shop)
    change, said = CHANGES[how]
    change(shop.approver, administrator)

    with pytest.raises(Refused, match=f"{said}, so an approval of .* does not count here. Somebody else"):
        approve(gate, shop.approver)


@pytest.mark.parametrize("how", CHANGES)
def test_an_account_changed_after_it_approved_no_longer_counts(
    shop: World, gate: Gate, administrator: User, second_approver: User, how: str
) -> None:
    CHANGES[how][0](shop.approver, administrator)

    assert approve(gate, second_approver).is_open
    assert CHANGES[how][1] in standing.standings(gate)[0].objection


def test_where_the_environment_is_not_strict_a_change_is_only_shown(shop: World, administrator: User) -> None:
    gate = at_gate(shop, approvals_needed=2)
    Deployment.objects.update(settings={**gate.deployment.settings, "strict_approvals": False})
    accounts.password_set(person=shop.approver, principal=Principal.person(administrator), now=LATER)

    approve(Gate.objects.get(), shop.approver)

    (given,) = standing.standings(Gate.objects.get())
    assert (given.counts, given.changes) == (True, ("approver was given a password by administrator",))


def test_what_happened_before_the_request_is_no_matter(shop: World, administrator: User) -> None:
    accounts.added(person=shop.approver, principal=Principal.person(administrator), now=NOON - timedelta(days=1))

    assert approve(at_gate(shop), shop.approver).status == GateStatus.SUCCEEDED


def test_an_approval_keeps_the_name_of_its_time(shop: World, administrator: User) -> None:
    gate = approve(at_gate(shop, approvals_needed=2), shop.approver)
    renamed(shop.approver, administrator)

    approval = gate.approvals.get()
    assert (str(approval), approval.person.get_username()) == ("approver APPROVE", "somebody")


def test_a_request_says_which_gates_its_plan_has(shop: World) -> None:
    shop.environment.gate_policies.create(timeout_minutes=60)
    shop.request()

    assert Event.objects.get(kind="deployment.requested").data["gates"] == ["1 approval at Post test traffic shift"]


def test_a_request_says_that_its_plan_has_no_gate(shop: World) -> None:
    shop.request()

    assert Event.objects.get(kind="deployment.requested").data["gates"] == ["none: nobody is asked"]
