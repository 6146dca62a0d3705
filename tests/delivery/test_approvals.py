from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User

from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import append
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import GateStatus, Status
from tests.delivery.engine.world import NOON, World
from tests.delivery.stages import at_gate


def approve(gate: Gate, person: User, comment: str = "") -> Gate:
    return approvals.approve(gate=gate, principal=Principal.person(person), comment=comment, now=NOON)


def test_one_approval_opens_the_way(shop: World) -> None:
    gate = approve(at_gate(shop), shop.approver, " looks fine ")

    gate.refresh_from_db()
    assert (gate.status, gate.reason, gate.closed_at) == ("SUCCEEDED", "approved by approver", NOON)
    assert gate.approvals.get().comment == "looks fine"


def test_a_decision_wakes_the_engine(shop: World) -> None:
    gate = at_gate(shop)
    Deployment.objects.update(next_check_at=NOON + timedelta(hours=1))

    approve(gate, shop.approver)

    deployment = Deployment.objects.get()
    assert (deployment.next_check_at, deployment.clicks) == (NOON, 1)


def test_a_decision_keeps_the_evidence_that_was_on_the_page(shop: World) -> None:
    gate = at_gate(shop)

    approve(gate, shop.approver)

    assert Approval.objects.get().evidence == {"weights": {"blue": 100}, "plan_hash": gate.plan_hash}


def test_a_decision_is_in_the_log_with_its_comment(shop: World) -> None:
    approve(at_gate(shop, approvals_needed=2), shop.approver, "looks fine")

    event = Event.objects.get(kind="gate.approved")
    assert event.message == "Approved by approver: looks fine"
    assert event.data == {"approvals": 1, "needed": 2}


def test_two_approvals_take_two_people(shop: World, second_approver: User) -> None:
    gate = at_gate(shop, approvals_needed=2)

    assert approve(gate, shop.approver).status == GateStatus.AWAITING_ACTION
    assert approve(gate, second_approver).status == GateStatus.SUCCEEDED
    assert gate.reason == "approved by approver, second_approver"


def test_the_same_person_counts_once(shop: World) -> None:
    gate = at_gate(shop, approvals_needed=2)
    approve(gate, shop.approver)

    with pytest.raises(Refused, match="You have already decided at this gate."):
        approve(gate, shop.approver)

    assert gate.approvals.count() == 1


def test_the_same_person_in_two_windows_is_refused_by_the_database(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = at_gate(shop, approvals_needed=2)
    approve(gate, shop.approver)
    monkeypatch.setattr(rights, "decide_refusal", lambda *_: "")  # both windows asked before either wrote

    with pytest.raises(Refused, match="You have already decided at this gate."):
        approve(gate, shop.approver)


def test_the_requester_cannot_approve_the_own_deployment(shop: World) -> None:
    gate = at_gate(shop)
    shop.requester.groups.add(*shop.approver.groups.all())

    with pytest.raises(Refused, match="You asked for this deployment, so somebody else has to decide on it."):
        approve(gate, User.objects.get(username="requester"))


def test_the_requester_may_approve_where_the_environment_says_so(shop: World) -> None:
    gate = at_gate(shop, requester_may_approve=True)
    shop.requester.groups.add(*shop.approver.groups.all())

    assert approve(gate, User.objects.get(username="requester")).status == GateStatus.SUCCEEDED


def test_a_gate_may_belong_to_groups(shop: World, second_approver: User) -> None:
    gate = at_gate(shop)
    quality, security = Group.objects.create(name="Quality"), Group.objects.create(name="Security")
    gate.groups.add(security, quality)
    second_approver.groups.add(quality)

    with pytest.raises(Refused, match="Only members of Quality or Security may decide at this gate."):
        approve(gate, shop.approver)
    assert approve(gate, second_approver).status == GateStatus.SUCCEEDED


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_rejection_says_why(shop: World, comment: str) -> None:
    gate = at_gate(shop)

    with pytest.raises(Refused) as caught:
        approvals.reject(gate=gate, principal=Principal.person(shop.approver), comment=comment, now=NOON)

    assert (caught.value.field, gate.approvals.count()) == ("comment", 0)


def test_one_rejection_closes_the_gate(shop: World, second_approver: User) -> None:
    gate = at_gate(shop, approvals_needed=3)
    approve(gate, shop.approver)

    approvals.reject(gate=gate, principal=Principal.person(second_approver), comment="typo", now=NOON)

    gate.refresh_from_db()
    assert (gate.status, gate.reason) == ("FAILED", "rejected by second_approver: typo")
    assert Event.objects.filter(kind="gate.rejected").count() == 1


def test_after_a_rejection_nobody_approves(shop: World, second_approver: User) -> None:
    gate = at_gate(shop)
    approvals.reject(gate=gate, principal=Principal.person(shop.approver), comment="typo", now=NOON)

    with pytest.raises(Refused, match="This gate is closed: rejected by approver: typo."):
        approve(gate, second_approver)


def test_a_gate_that_was_closed_without_a_reason_says_how(shop: World) -> None:
    with pytest.raises(Refused, match="This gate is closed: timed out."):
        approve(at_gate(shop, status=GateStatus.TIMED_OUT), shop.approver)


def test_an_expired_gate_cannot_be_decided_even_if_the_engine_was_away(shop: World) -> None:
    gate = at_gate(shop, expires_at=NOON)

    with pytest.raises(Refused, match="This gate expired at 2026-03-02 12:00 UTC"):
        approve(gate, shop.approver)

    assert Deployment.objects.get().clicks == 0


def test_after_a_stop_nobody_approves(shop: World) -> None:
    gate = at_gate(shop)
    turning_back.stop(deployment=gate.deployment, principal=Principal.person(shop.requester), now=NOON)

    with pytest.raises(Refused, match="no longer going forward: Stop asked for by requester"):
        approve(gate, shop.approver)

    assert Deployment.objects.get().status == Status.STOP_REQUESTED


def test_a_stale_page_decides_on_what_is_true_now(shop: World, second_approver: User) -> None:
    gate = at_gate(shop)
    stale = Gate.objects.get(pk=gate.pk)
    approve(gate, shop.approver)

    with pytest.raises(Refused, match="This gate is closed: approved by approver."):
        approve(stale, second_approver)


def test_gates_that_wait_for_a_person(shop: World, outsider: User) -> None:
    gate = at_gate(shop, approvals_needed=2)

    assert Gate.objects.for_person(Principal.person(shop.approver)) == [gate]
    assert Gate.objects.for_person(Principal.person(outsider)) == []

    approve(gate, shop.approver)
    assert Gate.objects.for_person(Principal.person(shop.approver)) == []


def test_a_decision_is_undone_when_it_cannot_be_logged(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = at_gate(shop)
    monkeypatch.setattr(append, "_chain", lambda subject: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        approve(gate, shop.approver)

    gate.refresh_from_db()
    assert (gate.status, gate.approvals.count()) == (GateStatus.AWAITING_ACTION, 0)


def test_who_may_decide_may_have_aws_looked_at_again(shop: World) -> None:
    gate = at_gate(shop)
    Deployment.objects.update(next_check_at=NOON + timedelta(hours=1))

    approvals.look_again(deployment=gate.deployment, principal=Principal.person(shop.approver), now=NOON)

    deployment = Deployment.objects.get()
    assert (deployment.next_check_at, deployment.events_heard, deployment.clicks) == (NOON, 1, 1)


def test_without_the_right_to_decide_nobody_has_aws_looked_at(shop: World) -> None:
    gate = at_gate(shop)

    with pytest.raises(Refused, match="do not have the right to approve"):
        approvals.look_again(
            deployment=gate.deployment, principal=Principal.person(User.objects.create_user("guest")), now=NOON
        )

    assert Deployment.objects.get().clicks == 0


def test_nothing_is_looked_at_again_for_a_gate_that_is_closed(shop: World) -> None:
    gate = approve(at_gate(shop), shop.approver)

    with pytest.raises(Refused, match="No gate is open here any more"):
        approvals.look_again(deployment=gate.deployment, principal=Principal.person(shop.approver), now=NOON)
