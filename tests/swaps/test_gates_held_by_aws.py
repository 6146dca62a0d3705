"""While people decide at a gate that AWS holds, what happens behind our back is seen and said."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import Alarm, NativeDeployment, PauseHook
from deployments.swaps import get
from deployments.swaps.decisions import Act, Decision, Fail, Wait
from deployments.swaps.ecs.facts import EcsFacts, Snapshot
from deployments.swaps.ecs.observe import Observed as OfEcs
from deployments.vocabulary import GateStatus, Slot, Stage, Strategy
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps import cases, code_deploy_cases
from tests.swaps.cases import HEALTHY, NOON, gate, rule, seconds, wants_approval
from tests.swaps.code_deploy_cases import READY, deployment, seen, target

OPEN = gate(GateStatus.AWAITING_ACTION)
ECS = get("ECS")
ARN = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/shop/1"
HOOK = PauseHook(id="ecs-pause-1", status="AWAITING_ACTION", expires_at=NOON + seconds(3600))


def native(**changes: Any) -> NativeDeployment:
    usual = NativeDeployment(
        arn=ARN,
        status="IN_PROGRESS",
        reason="",
        stage="POST_TEST_TRAFFIC_SHIFT",
        target_revision="revision-2",
        hooks=(HOOK,),
    )
    return replace(usual, **changes)


def at_hook(stage: str = Stage.POST_TEST_TRAFFIC_SHIFT, facts: Mapping[str, Any] | None = None) -> Snapshot:
    """Canary by ECS, which stands at this hook and waits for people."""
    settings = cases.settings(controller="ECS", service_name="shop-blue", alarms=("shop-5xx",), **wants_approval(stage))
    plan = ECS.plan(settings, Strategy.CANARY)
    return Snapshot(
        source_version="1.0.0",
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=plan,
        position=max(number for number, step in enumerate(plan.steps) if step.stage == stage),
        rolling_back=False,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=EcsFacts(
            **{**cases.REGISTERED, "done": ("register", "update"), "service_deployment": ARN, **(facts or {})}
        ),
        step_started_at=NOON - seconds(10),
        gate=OPEN,
    )


def of_ecs(snapshot: Snapshot, seen: NativeDeployment | None) -> Decision:
    """What is decided when ECS shows this."""
    aws = FakeGateway.pair()
    if seen:
        aws.native[ARN] = seen
    return ECS.decide(snapshot, ECS.observe(snapshot, aws, NOON), NOON)


def test_an_untouched_hook_is_looked_at_again_by_one_call() -> None:
    aws = FakeGateway()
    aws.native[ARN] = native()

    decision = ECS.decide(at_hook(), ECS.observe(at_hook(), aws, NOON), NOON)

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(30)
    assert aws.calls == {"service_deployments": 1}


ANSWERED = (replace(HOOK, status="SUCCEEDED"),)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (
            native(status="ROLLBACK_IN_PROGRESS", hooks=(replace(HOOK, status="TIMED_OUT"),)),
            "ECS turned it back: nobody answered its pause hook in time",
        ),
        (native(status="ROLLBACK_REQUESTED", rollback_reason="Stopped by jo"), "ECS turned it back: Stopped by jo"),
        (native(status="STOPPED", reason="superseded"), "another deployment of the service was started: superseded"),
        (native(stage="PRODUCTION_TRAFFIC_SHIFT", hooks=ANSWERED), "without waiting for an answer"),
        (None, "ECS no longer knows the deployment"),
    ],
)
def test_what_happens_to_ecs_behind_our_back_is_said(shown: NativeDeployment | None, words: str) -> None:
    decision = of_ecs(at_hook(), shown)

    assert isinstance(decision, Fail), decision
    assert words in decision.reason


def test_a_service_that_was_deleted_is_told_from_a_newer_deployment() -> None:
    aws = FakeGateway.pair()
    aws.native[ARN] = native(status="STOPPED", reason="gone")
    aws.ecs[SHOP.cluster, "shop-blue"].status = "INACTIVE"

    decision = ECS.decide(at_hook(), ECS.observe(at_hook(), aws, NOON), NOON)

    assert isinstance(decision, Fail)
    assert decision.reason == "ECS stopped it because the service shop-blue was deleted: gone"


PART = {"percent": 10.0, "shifted_at": NOON}


def test_while_the_release_has_a_share_of_production_the_watch_goes_on() -> None:
    snapshot = at_hook(Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, PART)
    busy = Alarm(name="shop-5xx", state="ALARM", reason="3 of 3")
    usual: dict[str, Any] = {
        "native": native(stage="PRE_PRODUCTION_TRAFFIC_SHIFT", production_percent=10.0),
        "production": rule(90, 10),
        "health": {"green": HEALTHY},
    }

    calm = ECS.decide(snapshot, OfEcs(**evidence.look(**usual, alarms={"shop-5xx": replace(busy, state="OK")})), NOON)
    alarmed = ECS.decide(snapshot, OfEcs(**evidence.look(**usual, alarms={"shop-5xx": busy})), NOON)

    assert isinstance(calm, Wait)
    assert (calm.until, calm.at_most) == (None, NOON + seconds(30))
    assert isinstance(alarmed, Fail)
    assert "shop-5xx" in alarmed.reason


def of_codedeploy(ours: CodeDeployment | None, **targets: Any) -> tuple[Decision, dict[str, int]]:
    snapshot = code_deploy_cases.at(READY, environment=wants_approval(READY), facts={"ready_at": NOON}, gate=OPEN)
    aws = FakeGateway.pair()
    if ours:
        aws.codedeploy[ours.id] = ours
        aws.code_targets[ours.id] = (target(**targets),)
    decision = get("CODE_DEPLOY").decide(snapshot, get("CODE_DEPLOY").observe(snapshot, aws, NOON), NOON)
    return decision, dict(aws.calls)


def test_an_untouched_ready_is_looked_at_again_by_one_call() -> None:
    decision, calls = of_codedeploy(deployment("Ready"))

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(30)
    assert calls == {"code_deployments": 1}


@pytest.mark.parametrize(
    ("ours", "passed", "words"),
    [
        (deployment("Stopped", error_code="MANUAL_STOP"), "", "Somebody stopped it in CodeDeploy"),
        (deployment("InProgress"), "AllowTraffic", "somebody continued it"),
        (None, "", "no longer knows the deployment d-1"),
    ],
)
def test_what_happens_to_codedeploy_behind_our_back_is_said(
    ours: CodeDeployment | None, passed: str, words: str
) -> None:
    decision, _ = of_codedeploy(ours, passed=passed)

    assert isinstance(decision, Fail), decision
    assert words in decision.reason


def test_an_approval_is_still_answered_at_once() -> None:
    snapshot = code_deploy_cases.at(
        READY,
        environment=wants_approval(READY),
        facts={"ready_at": NOON},
        gate=gate(GateStatus.SUCCEEDED),
    )

    assert isinstance(code_deploy_cases.decide(snapshot, seen("AfterAllowTestTraffic", "Ready")), Act)
