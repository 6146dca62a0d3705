"""People decide at gates from a terminal: as on the page, and upon what they looked at."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from deployments.catalog import tokens
from deployments.catalog.models import Token
from deployments.delivery.models import Approval, Gate
from deployments.record.models import Event
from deployments.vocabulary import GateStatus
from tests.api.conftest import Given, Pipeline
from tests.api.test_door import problem
from tests.delivery import stages
from tests.delivery.engine.world import World


def terminal(person: User) -> Pipeline:
    said: dict[str, Any] = {"client": "tealgate on maya-laptop", "address": "127.0.0.1", "now": timezone.now()}
    _, secret = tokens.make_for_person(person=person, session_hash=person.get_session_auth_hash(), **said)
    return Pipeline(secret)


def decide(pipeline: Pipeline, gate: Gate, verdict: str = "approve", **changes: Any) -> Any:
    seen = pipeline.get(f"/gates/{gate.pk}").json()["fingerprint"]
    return pipeline.post(f"/gates/{gate.pk}/{verdict}", {"fingerprint": seen, "comment": "looked at it"} | changes)


def test_somebody_approves_from_a_terminal_and_the_log_says_so(world: World) -> None:
    gate, maya = stages.at_gate(world), terminal(world.approver)
    asked = maya.get(f"/gates/{gate.pk}").json()
    assert (asked["refusal"], asked["requested_by"], asked["why"]) == ("", "requester", "because")

    answer = decide(maya, gate)

    assert answer.status_code == 200
    assert answer.json()["status"] == GateStatus.SUCCEEDED
    approval = Approval.objects.get()
    assert (approval.person, approval.name) == (world.approver, "approver")
    assert approval.through.startswith("tealgate on maya-laptop (")
    assert answer.json()["decisions"][0]["through"] == approval.through
    assert approval.evidence == {**Gate.objects.get().evidence, "plan_hash": gate.plan_hash}
    event = Event.objects.get(kind="gate.approved")
    assert event.message == f"Approved by approver, through the API by {approval.through}: looked at it"
    assert (event.actor_kind, event.actor, event.data["through"]) == ("PERSON", "approver", approval.through)


def test_the_page_and_the_list_say_by_which_way_somebody_approved(world: World, client: Client) -> None:
    gate = stages.at_gate(world)
    Gate.objects.update(approvals_needed=2)
    decide(terminal(world.approver), gate)
    client.force_login(world.approver)

    for path in (f"/deployments/deployment/{gate.deployment_id}/change/", "/deployments/approval/"):
        assert "through the API by tealgate on maya-laptop (" in client.get(path).content.decode()


def test_somebody_rejects_from_a_terminal_with_a_reason(world: World) -> None:
    gate, maya = stages.at_gate(world), terminal(world.approver)

    assert problem(maya.post(f"/gates/{gate.pk}/reject"))["field"] == "comment"
    answer = maya.post(f"/gates/{gate.pk}/reject", {"comment": "5xx on green"})

    assert answer.json()["status"] == GateStatus.FAILED
    assert answer.json()["reason"].endswith(": 5xx on green")


def test_who_did_not_look_cannot_approve(world: World) -> None:
    gate, maya = stages.at_gate(world), terminal(world.approver)

    assert problem(maya.post(f"/gates/{gate.pk}/approve", {"comment": "LGTM"}))["field"] == "fingerprint"
    assert problem(decide(maya, gate, fingerprint="0" * 16))["status"] == 409
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"evidence": {"health": {"green": "1 of 2 healthy"}}}, "the evidence"),
        ({"approvals_needed": 2}, "what the gate asks for"),
        ({"plan_hash": "0"}, "the plan"),
    ],
)
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_what_has_changed_since_they_looked_is_refused_and_named(
    world: World, change: dict[str, Any], what: str, verdict: str
) -> None:
    gate, maya = stages.at_gate(world), terminal(world.approver)
    seen = maya.get(f"/gates/{gate.pk}").json()["fingerprint"]
    Gate.objects.update(**change)

    said = problem(decide(maya, gate, verdict, fingerprint=seen))

    assert (said["status"], said["field"], said["changed"]) == (409, "fingerprint", [what])
    assert said["detail"] == f"Since you looked, {what} is not as before. Look again, then decide."
    assert not Approval.objects.exists()
    assert decide(maya, gate, verdict).status_code == 200


def test_an_approval_of_somebody_else_changes_nothing_that_was_looked_at(world: World, administrator: User) -> None:
    administrator.groups.add(*world.approver.groups.all())
    gate = stages.at_gate(world)
    Gate.objects.update(approvals_needed=2)
    one, two = terminal(world.approver), terminal(administrator)
    seen = two.get(f"/gates/{gate.pk}").json()["fingerprint"]

    assert decide(one, gate).json()["status"] == GateStatus.AWAITING_ACTION
    assert decide(two, gate, fingerprint=seen).json()["status"] == GateStatus.SUCCEEDED


def test_the_rules_of_the_page_hold_at_a_terminal(world: World, outsider: User) -> None:
    world.requester.groups.add(*world.approver.groups.all())
    gate = stages.at_gate(world)

    assert "You asked for this deployment" in problem(decide(terminal(world.requester), gate))["detail"]
    assert "do not have the right to approve" in problem(decide(terminal(outsider), gate))["detail"]
    gate.groups.add(Group.objects.create(name="Payments"))
    assert "Only members of Payments" in problem(decide(terminal(world.approver), gate))["detail"]
    gate.groups.clear()
    Gate.objects.update(expires_at=timezone.now())
    assert "expired" in problem(decide(terminal(world.approver), gate))["detail"]
    assert not Approval.objects.exists()


def test_nobody_decides_twice_on_the_page_and_at_a_terminal(world: World) -> None:
    gate = stages.at_gate(world)
    Gate.objects.update(approvals_needed=2)
    world.approve(gate.deployment)

    assert problem(decide(terminal(world.approver), gate))["detail"] == "You have already decided at this gate."


def test_an_approval_that_is_sent_twice_is_given_once(world: World) -> None:
    gate, maya = stages.at_gate(world), terminal(world.approver)
    body = {"fingerprint": maya.get(f"/gates/{gate.pk}").json()["fingerprint"]}

    first = maya.post(f"/gates/{gate.pk}/approve", body, Idempotency_Key="a")
    again = maya.post(f"/gates/{gate.pk}/approve", body, Idempotency_Key="a")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert Approval.objects.count() == 1


def test_a_token_called_like_a_person_is_not_answered_what_they_were(world: World, given: Given) -> None:
    """Keys of requests are a token's own, and no two tokens ever have one name."""
    pk, path = stages.pending(world).pk, "/deployments/{}/stop"
    assert terminal(world.requester).post(path.format(pk), {}, Idempotency_Key="a").status_code == 200

    pipeline = given(name="ci")
    Token.objects.filter(name="ci").update(name="requester")  # as one could be called before
    other = pipeline.post(path.format(pk), {}, Idempotency_Key="a")

    assert "Idempotent-Replayed" not in other.headers
