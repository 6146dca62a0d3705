"""A gate in Ready on servers: the replacements have the release, and serve nobody before somebody approves."""

from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, CreateDeployment
from deployments.aws.codedeploy_values import CodeDeployTarget, LifecycleEvent
from deployments.swaps.code_deploy.facts import Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, OpenGate, Wait
from deployments.vocabulary import GateStatus, Stage
from tests.swaps import cases
from tests.swaps.cases import NOON, wants_approval
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import at, decide, deployment, seen

READY = Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
WAITS = Group(config="own", waits=True, ready_minutes=30, terminates=True, termination_minutes=5)


def gated(stage: str, **changes: Any) -> Snapshot:
    facts = {"group": WAITS, **changes.pop("facts", {})}
    return at(stage, environment=wants_approval(READY), facts=facts, **changes)


def replacement(number: int, valid: str = "Succeeded", allowed: str = "Pending") -> CodeDeployTarget:
    events = (("ValidateService", valid), ("BeforeAllowTraffic", allowed))
    return CodeDeployTarget(
        id=f"i-{number}",
        status="Ready",
        label="Green",
        events=tuple(
            LifecycleEvent(name=name, status=status, ended=NOON if status == "Succeeded" else None)
            for name, status in events
        ),
    )


def stands(status: str = "Ready", *targets: CodeDeployTarget) -> Observed:
    return seen(deployment=deployment(status), targets=targets or (replacement(1), replacement(2)))


def test_the_plan_stops_before_traffic() -> None:
    snapshot = gated(Stage.SCALE_UP)

    assert [step.stage for step in snapshot.steps] == [
        "RECONCILE_SERVICE",
        "SCALE_UP",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "BAKE_TIME",
        "CLEAN_UP",
    ]
    assert snapshot.steps[3].summary == "CodeDeploy sends traffic to the replacements"


def test_codedeploy_is_told_when_the_replacements_are_to_be_made() -> None:
    decision = decide(gated(Stage.SCALE_UP, done=()), Observed())

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)


@pytest.mark.parametrize(
    ("observed", "kind", "words"),
    [
        (stands("InProgress", replacement(1), replacement(2, "Pending")), Wait, "1.1.0 is on 1 of 2 replacements"),
        (seen(), Wait, "CodeDeploy makes the replacements"),
        (stands(), Advance, "1.1.0 is on 2 of 2 replacements"),
        (stands("InProgress", replacement(1, allowed="InProgress")), Advance, "1 of 1 replacement"),
        (seen(deployment=deployment("Failed", error_message="No")), Fail, "No"),
        (Observed(), Fail, "no longer knows the deployment d-1"),
    ],
)
def test_the_replacements_are_made(observed: Observed, kind: type[Decision], words: str) -> None:
    decision = decide(gated(Stage.SCALE_UP), observed)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_the_gate_opens_in_ready_and_ends_before_codedeploy_s_own_limit() -> None:
    noted = decide(gated(READY), stands())
    assert isinstance(noted, Note)
    assert learnt(noted).ready_at == NOON

    decision = decide(gated(READY, facts={"ready_at": NOON}), stands())

    assert isinstance(decision, OpenGate)
    assert decision.expires_at == NOON + timedelta(minutes=30) - timedelta(seconds=30)
    assert decision.evidence["replacements"] == ["i-1", "i-2"]


def test_an_approval_lets_codedeploy_send_traffic() -> None:
    approved = cases.gate(status=GateStatus.SUCCEEDED)

    decision = decide(gated(READY, facts={"ready_at": NOON}, gate=approved), stands())

    assert isinstance(decision, Act)
    assert decision.action == ContinueDeployment(deployment="d-1", wait="READY_WAIT")
    answered = gated(READY, done=("create", "continue"), facts={"ready_at": NOON}, gate=approved)
    assert isinstance(decide(answered, stands("InProgress")), Advance)


def test_whoever_continues_it_in_the_console_is_told_of() -> None:
    decision = decide(gated(READY, facts={"ready_at": NOON}), stands("InProgress", replacement(1, allowed="Succeeded")))

    assert isinstance(decision, Fail)
    assert "somebody continued it" in decision.reason
