"""Lambda functions that ECS runs as hooks of the service's owner: waited for, shown, and named where they fail."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.values import FunctionHook
from deployments.swaps.decisions import Fail, Wait
from deployments.swaps.ecs import functions
from deployments.swaps.ecs.facts import EcsFacts, FunctionSeen
from deployments.swaps.ecs.observe import Observed
from deployments.vocabulary import Stage
from tests.swaps.cases import NOON, rule, seconds
from tests.swaps.test_ecs_owner import ECS, ON_GREEN, native, told

CHECK = "arn:aws:lambda:us-east-1:123456789012:function:check"


def hook(status: str, number: int = 1) -> FunctionHook:
    return FunctionHook(id=f"h{number}", function=CHECK, status=status)


def learnt(decision: Any) -> EcsFacts:
    assert isinstance(decision.facts, EcsFacts)
    return decision.facts


def test_a_function_before_the_release_starts_is_waited_for_and_holds_nothing_against_it() -> None:
    snapshot = replace(told(Stage.SCALE_UP), step_started_at=NOON - seconds(90_000))
    held = Observed(native=native("IN_PROGRESS", stage="PRE_SCALE_UP", functions=(hook("IN_PROGRESS"),)))

    decision = ECS.decide(snapshot, held, NOON)

    assert isinstance(decision, Wait)
    assert decision.reason == "ECS waits at PRE_SCALE_UP for check, the owner's hook"
    assert learnt(decision).owner_held_at == NOON
    then = replace(snapshot, facts=learnt(decision))
    going_on = Observed(native=native("IN_PROGRESS", stage="SCALE_UP", functions=(hook("SUCCEEDED"),)))
    assert isinstance(ECS.decide(then, going_on, NOON + seconds(10)), Wait)


def test_each_run_is_an_event_of_the_stage_at_which_it_was_first_seen() -> None:
    snapshot = told(Stage.POST_TEST_TRAFFIC_SHIFT)
    runs = Observed(native=native("IN_PROGRESS", stage="POST_SCALE_UP", functions=(hook("IN_PROGRESS"),)))
    facts = learnt(ECS.decide(snapshot, runs, NOON))
    assert facts.functions == (
        FunctionSeen(id="h1", name="check", stage="POST_SCALE_UP", status="IN_PROGRESS", since=NOON),
    )

    later = NOON + timedelta(minutes=1)
    both = (hook("SUCCEEDED"), hook("IN_PROGRESS", 2))
    second = Observed(native=native("IN_PROGRESS", stage="POST_TEST_TRAFFIC_SHIFT", functions=both))
    (target,) = learnt(ECS.decide(replace(snapshot, facts=facts), second, later)).targets

    assert (target.target, target.status) == ("shop-blue", "InProgress")
    assert [(each.name, each.script, each.status, each.started, each.ended) for each in target.events] == [
        ("POST_SCALE_UP", "check", "Succeeded", NOON, later),
        ("POST_TEST_TRAFFIC_SHIFT", "check", "InProgress", later, None),
    ]


def test_a_run_that_was_over_before_anybody_looked_is_told_at_the_stage_that_it_is_configured_for() -> None:
    own = {"lifecycleHooks": [{"hookTargetArn": CHECK, "lifecycleStages": ["POST_SCALE_UP"]}]}
    done = native("IN_PROGRESS", stage="POST_TEST_TRAFFIC_SHIFT", functions=(hook("SUCCEEDED"),), configuration=own)

    facts = learnt(ECS.decide(told(Stage.POST_TEST_TRAFFIC_SHIFT), Observed(native=done), NOON))

    assert [each.stage for each in facts.functions] == ["POST_SCALE_UP"]


def test_what_is_known_already_is_no_news() -> None:
    runs = Observed(native=native("IN_PROGRESS", stage="POST_SCALE_UP", functions=(hook("IN_PROGRESS"),)))
    first = ECS.decide(told(Stage.POST_TEST_TRAFFIC_SHIFT), runs, NOON)

    again = ECS.decide(replace(told(Stage.POST_TEST_TRAFFIC_SHIFT), facts=learnt(first)), runs, NOON)

    assert again.facts is None


@pytest.mark.parametrize(("status", "words"), [("FAILED", "check failed"), ("TIMED_OUT", "check timed out")])
def test_a_function_that_turned_it_back_is_named(status: str, words: str) -> None:
    why = "Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed."
    back = native("ROLLBACK_IN_PROGRESS", rollback_reason=why, functions=(hook(status),))

    decision = ECS.decide(told(Stage.POST_TEST_TRAFFIC_SHIFT), Observed(native=back), NOON)

    assert isinstance(decision, Fail)
    assert decision.reason == f"ECS turned it back: {why} The owner's hook {words}: see the function's log"


def test_a_function_that_ended_because_of_something_else_is_not_blamed() -> None:
    back = native("ROLLBACK_IN_PROGRESS", rollback_reason="An alarm", functions=(hook("FAILED"),))

    assert functions.failed(back) == ""


def test_the_plan_names_each_at_its_stages() -> None:
    hooks = [{"hookTargetArn": CHECK, "lifecycleStages": ["PRE_SCALE_UP", "POST_SCALE_UP"]}, {"targetType": "PAUSE"}]

    assert functions.lines({"lifecycleHooks": hooks}) == (
        (" ", "Lambda hook at PRE_SCALE_UP: check (kept)"),
        (" ", "Lambda hook at POST_SCALE_UP: check (kept)"),
    )


@pytest.mark.parametrize(
    ("step", "stage"),
    [
        (Stage.PRODUCTION_TRAFFIC_SHIFT, "PRE_PRODUCTION_TRAFFIC_SHIFT"),
        (Stage.BAKE_TIME, "POST_PRODUCTION_TRAFFIC_SHIFT"),
    ],
)
def test_a_function_is_named_while_it_holds_production(step: Stage, stage: str) -> None:
    percent = 0 if step == Stage.PRODUCTION_TRAFFIC_SHIFT else 100
    runs = native("IN_PROGRESS", stage=stage, functions=(hook("IN_PROGRESS"),), production_percent=float(percent))
    shown = rule(100 - percent, percent)

    decision = ECS.decide(told(step), Observed(native=runs, production=shown, measured=ON_GREEN), NOON)

    assert isinstance(decision, Wait)
    assert f"ECS waits at {stage} for check, the owner's hook" in decision.reason
