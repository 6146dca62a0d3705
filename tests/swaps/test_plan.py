from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import GateSpec, Plan, SmokeSpec, TaskSpec, WebhookSpec
from deployments.swaps.code_deploy.plan import plan as by_code_deploy
from deployments.swaps.ecs.plan import plan as by_ecs
from deployments.swaps.service_pair.plan import plan as planned
from deployments.vocabulary import Stage, Strategy
from tests.swaps.cases import settings

APPROVED = GateSpec(stage=Stage.POST_TEST_TRAFFIC_SHIFT)


def plan(strategy: Strategy = Strategy.CANARY, **changes: Any) -> Plan:
    return planned(settings(**changes), strategy)


def stages(made: Plan) -> list[str]:
    return [step.stage if step.percent is None else f"{step.percent} %" for step in made.steps]


def gated(made: Plan) -> list[str]:
    return [step.stage if step.percent is None else f"{step.percent} %" for step in made.steps if step.gate]


def test_a_canary_goes_through_the_stages_in_ecs_order() -> None:
    assert stages(plan()) == [
        "RECONCILE_SERVICE",
        "SCALE_UP",
        "TEST_TRAFFIC_SHIFT",
        "POST_TEST_TRAFFIC_SHIFT",
        "10 %",
        "100 %",
        "BAKE_TIME",
        "CLEAN_UP",
    ]


def test_without_a_test_rule_no_test_traffic_is_shifted_either_way() -> None:
    made = plan(test_rule="")

    assert "TEST_TRAFFIC_SHIFT" not in stages(made)
    assert "POST_TEST_TRAFFIC_SHIFT" in stages(made)
    assert [step.stage for step in made.way_back] == ["PRODUCTION_TRAFFIC_SHIFT", "CLEAN_UP"]


def test_the_way_back_moves_traffic_before_it_cleans_up() -> None:
    made = plan()

    assert [(step.stage, step.percent) for step in made.way_back] == [
        ("PRODUCTION_TRAFFIC_SHIFT", 0),
        ("TEST_TRAFFIC_SHIFT", None),
        ("CLEAN_UP", None),
    ]
    assert not any(step.gate for step in made.way_back)


def test_one_off_tasks_run_before_anything_is_started() -> None:
    made = plan(one_off_tasks=(TaskSpec(name="migrate", command=("migrate",)), TaskSpec(name="seed", command=("s",))))

    assert stages(made)[:3] == ["RECONCILE_SERVICE", "PRE_SCALE_UP", "SCALE_UP"]
    assert made.steps[1].summary == "Run once with the new release: migrate, seed"


@pytest.mark.parametrize("stage", [Stage.PRE_SCALE_UP, Stage.POST_TEST_TRAFFIC_SHIFT, Stage.BAKE_TIME])
def test_a_gate_stands_at_its_stage_and_nowhere_else(stage: Stage) -> None:
    assert gated(plan(gates=(GateSpec(stage=stage),))) == [stage]


def test_a_gate_at_a_percentage_stands_at_that_rung() -> None:
    wanted = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=25)

    assert gated(plan(Strategy.LADDER, ladder="5, 25, 100", gates=(wanted,))) == ["25 %"]


def test_nobody_gets_past_a_gate_by_a_strategy_without_its_step() -> None:
    wanted = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=25)

    with pytest.raises(ValueError, match="shop/production has a gate at 25 %, where this strategy never stops"):
        plan(Strategy.ALL_AT_ONCE, gates=(wanted,))


def test_a_gate_may_stand_at_100_percent() -> None:
    wanted = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=100)

    assert gated(plan(gates=(wanted,))) == ["100 %"]


def test_a_gate_without_a_percentage_stands_at_every_rung_but_the_last() -> None:
    everywhere = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT)

    assert gated(plan(Strategy.LADDER, ladder="5, 25, 100", gates=(everywhere,))) == ["5 %", "25 %"]


def test_a_rung_prefers_the_gate_of_its_own_percentage() -> None:
    everywhere = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT)
    own = GateSpec(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=25, approvals=2)

    made = plan(Strategy.LADDER, ladder="5, 25, 100", gates=(everywhere, own))

    assert {step.percent: step.gate for step in made.steps if step.gate} == {5: everywhere, 25: own}


def test_the_summaries_tell_what_will_be_checked_and_for_how_long() -> None:
    made = plan(
        smoke_checks=(SmokeSpec(path="/"), SmokeSpec(path="/health")),
        webhooks=(WebhookSpec(place="tests.example"),),
        bake_seconds=90,
        termination_wait_seconds=1200,
    )
    summaries = " / ".join(step.summary for step in made.steps)

    assert "2 smoke checks against http://test.shop.example, 1 webhook" in summaries
    assert "10 % of production to the release, watched for 1 min" in summaries
    assert "All traffic on the release, watched for 1 min 30 s" in summaries
    assert "Keep the previous release warm for 20 min, then scale it to 0" in summaries


@pytest.mark.parametrize(
    ("made_by", "strategy"),
    [(planned, Strategy.CANARY), (by_ecs, Strategy.CANARY), (by_code_deploy, Strategy.GROUP_CONFIG)],
)
def test_a_plan_says_what_its_checks_send(made_by: Callable[..., Plan], strategy: Strategy) -> None:
    forwarded = (("Host", "shop.example.com"), ("X-Forwarded-Proto", "https"))
    checks = (SmokeSpec(path="/", headers=forwarded, follow_redirects=True), SmokeSpec(path="/health"))
    summaries = " / ".join(step.summary for step in made_by(settings(smoke_checks=checks), strategy).steps)

    sent = "with Host: shop.example.com and X-Forwarded-Proto: https, redirects followed"
    assert f"checks against http://test.shop.example, {sent}" in summaries


def test_a_plan_survives_being_stored() -> None:
    made = plan(gates=(APPROVED,), one_off_tasks=(TaskSpec(name="migrate", command=("migrate",)),))

    assert Plan.from_json(made.as_json()) == made


def test_the_hash_tells_two_plans_apart() -> None:
    assert plan().hash == plan().hash
    assert plan().hash != plan(gates=(APPROVED,)).hash


def test_a_bad_ladder_makes_no_plan() -> None:
    with pytest.raises(ValueError, match="has to end at 100"):
        plan(Strategy.LADDER, ladder="5, 50")


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (APPROVED, "1 approval by anyone with the right to approve, not by the requester"),
        (GateSpec(stage="X", approvals=2, groups=("QA", "SRE")), "2 approvals by QA or SRE, not by the requester"),
        (GateSpec(stage="X", requester_may_approve=True), "1 approval by anyone with the right to approve"),
    ],
)
def test_a_gate_says_who_may_decide(spec: GateSpec, sentence: str) -> None:
    assert spec.sentence == sentence
