"""Who may do what: every action of people, tried by each of the cast."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from deployments.catalog import environments
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery import requests as services
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery import stages
from tests.delivery.engine.world import World

Act = Callable[[World, User], Any]

MANAGER, APPROVER, VIEWER, ADMINISTRATOR = "requester", "approver", "outsider", "administrator"


def request(shop: World, person: User) -> None:
    services.request_deployment(
        environment=shop.environment,
        release=shop.release,
        strategy="CANARY",
        principal=Principal.person(person),
        reason="because",
        now=shop.clock(),
    )


def stop(shop: World, person: User) -> None:
    turning_back.stop(deployment=stages.pending(shop), principal=Principal.person(person), now=shop.clock())


def roll_back(shop: World, person: User) -> None:
    turning_back.roll_back(deployment=stages.warm(shop), principal=Principal.person(person), now=shop.clock())


def retry(shop: World, person: User) -> None:
    turning_back.retry_roll_back(
        deployment=stages.not_rolled_back(shop), principal=Principal.person(person), now=shop.clock()
    )


def extend(shop: World, person: User) -> None:
    warm_time.extend(deployment=stages.warm(shop), principal=Principal.person(person), minutes=30, now=shop.clock())


def finish(shop: World, person: User) -> None:
    warm_time.finish_now(deployment=stages.warm(shop), principal=Principal.person(person), now=shop.clock())


def lock(shop: World, person: User) -> None:
    environments.lock(
        environment=shop.environment, principal=Principal.person(person), message="Black Friday", now=shop.clock()
    )


def unlock(shop: World, person: User) -> None:
    lock(shop, shop.requester)
    environments.unlock(environment=shop.environment, principal=Principal.person(person), now=shop.clock())


def approve(shop: World, person: User) -> None:
    approvals.approve(gate=stages.at_gate(shop), principal=Principal.person(person), comment="", now=shop.clock())


def reject(shop: World, person: User) -> None:
    approvals.reject(gate=stages.at_gate(shop), principal=Principal.person(person), comment="typo", now=shop.clock())


MANAGERS_DO: dict[Act, str] = {
    request: "right to deploy",
    stop: "right to stop or roll back",
    roll_back: "right to stop or roll back",
    retry: "right to stop or roll back",
    extend: "right to stop or roll back",
    finish: "right to stop or roll back",
    lock: "right to lock or unlock",
    unlock: "right to lock or unlock",
}
APPROVERS_DO: dict[Act, str] = {approve: "right to approve", reject: "right to approve"}

ALLOWED = [(act, who) for act in MANAGERS_DO for who in (MANAGER, ADMINISTRATOR)] + [
    (act, APPROVER) for act in APPROVERS_DO
]
REFUSED = [(act, who, why) for act, why in MANAGERS_DO.items() for who in (APPROVER, VIEWER)] + [
    (act, who, why)
    for act, why in APPROVERS_DO.items()
    for who in (VIEWER, ADMINISTRATOR)  # the manager here is the requester, who is told that
]


def name_of(value: Any) -> str:
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize(("act", "who"), ALLOWED, ids=name_of)
def test_who_has_the_right_does_it_and_is_named_in_the_log(
    act: Act, who: str, shop: World, getfixturevalue: Callable[[str], User]
) -> None:
    person = getfixturevalue(who)

    act(shop, person)

    newest = Event.objects.last()
    assert newest is not None
    assert (newest.actor_kind, newest.actor, newest.at) == ("PERSON", who, shop.clock())


@pytest.mark.parametrize(("act", "who", "why"), REFUSED, ids=name_of)
def test_who_has_not_the_right_is_told_so(
    act: Act, who: str, why: str, shop: World, getfixturevalue: Callable[[str], User]
) -> None:
    person = getfixturevalue(who)

    with pytest.raises(Refused, match=f"You do not have the {why}.*; ask an administrator for it."):
        act(shop, person)

    assert not Event.objects.filter(actor=who).exclude(kind="deployment.requested").exists()


@pytest.fixture
def getfixturevalue(request: pytest.FixtureRequest) -> Callable[[str], User]:
    return request.getfixturevalue


@pytest.mark.parametrize("act", [request, stop, roll_back, retry, extend, finish], ids=name_of)
def test_an_environment_may_belong_to_a_group(act: Act, shop: World) -> None:
    team = Group.objects.create(name="Shop team")
    shop.environment.deployers.add(team)
    stranger, shop.requester = shop.requester, User.objects.create_user("colleague")
    shop.requester.groups.set([*stranger.groups.all(), team])

    with pytest.raises(Refused, match="Only members of Shop team may (deploy to|do that on) shop/production."):
        act(shop, stranger)


def test_a_member_of_the_group_may_deploy(shop: World) -> None:
    team = Group.objects.create(name="Shop team")
    shop.environment.deployers.add(team)
    shop.requester.groups.add(team)

    request(shop, shop.requester)

    assert shop.environment.deployments.count() == 1


def test_a_superuser_needs_no_group(shop: World, outsider: User) -> None:
    shop.environment.deployers.add(Group.objects.create(name="Shop team"))
    outsider.is_superuser = True

    request(shop, outsider)

    assert shop.environment.deployments.count() == 1


def test_an_account_that_was_switched_off_may_nothing(shop: World, approver: User) -> None:
    gate = stages.at_gate(shop)
    approver.is_active = False

    assert "do not have the right to approve" in rights.decide_refusal(Principal.person(approver), gate.deciders)
    assert rights.decide_refusal(Principal.person(AnonymousUser()), gate.deciders) == "Sign in to decide."
