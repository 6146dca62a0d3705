from collections.abc import Mapping
from typing import Any

import pytest

from deployments.swaps.decisions import Decision, ExpireGate, Fail, GateState, OpenGate, Wait
from deployments.swaps.steps.gate import at_gate, is_waiting
from deployments.vocabulary import GateStatus, Stage
from tests.swaps.cases import NOON, at, gate, seconds, wants_approval

FREE = type(None)
OVER = NOON - seconds(1)


def evidence() -> Mapping[str, Any]:
    return {"weights": {"blue": 100}}


def answer(state: GateState | None, environment: Mapping[str, Any] | None = None) -> Decision | None:
    wanted = wants_approval() if environment is None else environment
    return at_gate(at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wanted, gate=state), NOON, evidence)


def test_a_step_without_a_gate_is_free() -> None:
    assert answer(None, {}) is None


def test_the_gate_is_opened_with_the_evidence_of_that_moment() -> None:
    decision = answer(None)

    assert isinstance(decision, OpenGate)
    assert decision.evidence == {"weights": {"blue": 100}}
    assert decision.reason == "Waiting for 1 approval by anyone with the right to approve, not by the requester"


@pytest.mark.parametrize(
    ("state", "kind", "fragment"),
    [
        (gate(GateStatus.SUCCEEDED), FREE, ""),
        (gate(GateStatus.SUCCEEDED, expires_at=OVER), FREE, ""),
        (gate(GateStatus.AWAITING_ACTION), Wait, "Waiting for 1 approval"),
        (gate(GateStatus.AWAITING_ACTION, expires_at=NOON), ExpireGate, "Nobody decided within 1 h"),
        (gate(GateStatus.AWAITING_ACTION, expires_at=OVER), ExpireGate, "Nobody decided within 1 h"),
        (gate(GateStatus.TIMED_OUT), Fail, "The gate expired: nobody decided within 1 h."),
        (gate(GateStatus.TIMED_OUT, timeout_action="CONTINUE"), FREE, ""),
        (gate(GateStatus.FAILED, reason="rejected by approver: typo"), Fail, "was rejected by approver: typo."),
    ],
)
def test_each_status_of_a_gate_has_its_answer(state: GateState, kind: type[Decision], fragment: str) -> None:
    decision = answer(state)

    assert type(decision) is kind
    assert fragment in (decision.reason if decision else "")


def test_an_open_gate_is_looked_at_again_when_it_expires() -> None:
    decision = answer(gate(GateStatus.AWAITING_ACTION))

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(3600)


@pytest.mark.parametrize(
    ("expires_in", "looked_at_in"),
    [(3600, 30), (30, 30), (5, 5)],
)
def test_one_that_aws_holds_is_looked_at_in_between(expires_in: int, looked_at_in: int) -> None:
    state = gate(GateStatus.AWAITING_ACTION, expires_at=NOON + seconds(expires_in))
    snapshot = at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wants_approval(), gate=state)

    decision = at_gate(snapshot, NOON, evidence, held_by_aws=True)

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(looked_at_in)


def test_those_that_aws_holds_are_looked_at_together() -> None:
    snapshot = at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wants_approval(), gate=gate(GateStatus.AWAITING_ACTION))

    looks = [at_gate(snapshot, NOON + seconds(after), evidence, held_by_aws=True) for after in (0, 7.5, 29.9)]

    assert {look.until for look in looks if isinstance(look, Wait)} == {NOON + seconds(30)}


@pytest.mark.parametrize(
    ("state", "waiting"),
    [
        (None, False),
        (gate(GateStatus.AWAITING_ACTION), True),
        (gate(GateStatus.AWAITING_ACTION, expires_at=NOON), False),
        (gate(GateStatus.SUCCEEDED), False),
    ],
)
def test_only_an_open_unexpired_gate_is_waited_at(state: GateState | None, waiting: bool) -> None:
    assert is_waiting(at(Stage.POST_TEST_TRAFFIC_SHIFT, gate=state), NOON) is waiting
