"""Who acts: people have rights, tokens and the system have none of their own."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from deployments.catalog import environments
from deployments.delivery import approvals, requests, turning_back
from deployments.delivery.models import Approval, Deployment
from deployments.people import rights
from deployments.people.principal import SYSTEM, Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import ActorKind
from tests.delivery import stages
from tests.delivery.engine.world import World

CI = Principal.token("ci")
NO_PEOPLE = pytest.mark.parametrize(("principal", "what"), [(CI, "ci is a token"), (SYSTEM, "tealgate is Tealgate")])


@NO_PEOPLE
def test_only_people_ask_for_deployments(shop: World, principal: Principal, what: str) -> None:
    with pytest.raises(Refused, match=f"Only people may deploy, and {what}.* Sign in as somebody"):
        requests.request_deployment(
            environment=shop.environment, release=shop.release, strategy="CANARY", principal=principal,
            reason="because", now=shop.clock(),
        )  # fmt: skip

    assert not Deployment.objects.exists()


@NO_PEOPLE
def test_only_people_decide_at_gates(shop: World, principal: Principal, what: str) -> None:
    gate = stages.at_gate(shop, requester_may_approve=True)

    with pytest.raises(Refused, match=f"Only people may approve, and {what}"):
        approvals.approve(gate=gate, principal=principal, comment="", now=shop.clock())

    assert not Approval.objects.exists()


@NO_PEOPLE
def test_only_people_stop_and_lock(shop: World, principal: Principal, what: str) -> None:
    with pytest.raises(Refused, match=f"Only people may stop or roll back, and {what}"):
        turning_back.stop(deployment=stages.pending(shop), principal=principal, now=shop.clock())
    with pytest.raises(Refused, match=f"Only people may lock or unlock environments, and {what}"):
        environments.lock(environment=shop.environment, principal=principal, message="x", now=shop.clock())

    assert not Event.objects.exclude(kind="deployment.requested").exists()


def test_a_token_named_like_a_person_has_none_of_their_rights(approver: User) -> None:
    assert not Principal.token("approver").may("deployments.decide_gate")
    assert Principal.person(approver).may("deployments.decide_gate")


@pytest.mark.parametrize(("kind", "name"), [(ActorKind.TOKEN, "approver"), (ActorKind.PERSON, "somebody else")])
def test_rights_are_never_lent(approver: User, kind: ActorKind, name: str) -> None:
    with pytest.raises(ValueError, match="cannot act with the rights of approver"):
        Principal(kind, name, approver)


def test_who_is_not_signed_in_may_nothing(shop: World) -> None:
    nobody = Principal.person(AnonymousUser())

    assert (nobody.user, nobody.groups) == (None, frozenset())
    assert rights.deploy_refusal(nobody) and rights.lock_refusal(nobody)
    assert rights.turn_back_refusal(nobody, shop.environment)
    assert rights.decide_refusal(nobody) == "Sign in to decide."


def test_groups_are_read_once(approver: User, django_assert_num_queries: pytest.FixtureRequest) -> None:
    approver.groups.add(Group.objects.create(name="QA"))
    principal = Principal.person(approver)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [principal.belongs_to({name}) for name in ("QA", "Nobody")] == [True, False]
