"""CODE_DEPLOY on ECS while production moves, and on its way back: no AWS, no database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, Made, StopDeployment
from deployments.aws.codedeploy_values import LifecycleEvent
from deployments.swaps.code_deploy import troubles
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.vocabulary import Stage, Strategy
from tests.aws.aws_stubs import client
from tests.swaps import cases
from tests.swaps.cases import BLUE, ELSEWHERE, GREEN, NOON, rule, seconds, wants_approval
from tests.swaps.code_deploy_cases import CONTROLLER, READY, at, decide, deployment, seen, target

# ---------------------------------------------------------------- production


def shifting(percent: int, **changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=percent, **changes)


SHOWN = {"percent": 10.0, "shifted_at": NOON}
ALL = {"percent": 100.0, "shifted_at": NOON}


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "words"),
    [
        (shifting(10), seen("BeforeAllowTraffic"), Wait, "10 % of production comes next"),
        (shifting(10), seen("BeforeAllowTraffic", percent=10), Note, "sends 10 % of production to new 1.1.0"),
        (shifting(10, facts=SHOWN), seen("BeforeAllowTraffic", percent=10), Wait, "10 % on new 1.1.0"),
        (shifting(10, facts=ALL), seen("BeforeAllowTraffic", percent=100), Advance, ""),
        (shifting(100, facts=ALL), seen("BeforeAllowTraffic", percent=100), Wait, "100 % on new 1.1.0"),
        (shifting(100, facts=ALL), seen("AfterAllowTraffic", percent=100), Advance, ""),
        (shifting(100, facts=SHOWN), seen("AfterAllowTraffic", production=rule(90, 10)), Fail, "only 10 %"),
        (shifting(10, facts=SHOWN), seen("BeforeAllowTraffic"), Fail, "now none is"),
        (
            shifting(10, facts=SHOWN),
            seen(percent=50, production=rule(90, 10)),
            Fail,
            "reports 50 % on new 1.1.0, but the listener shows 90 % on old 1.0.0, 10 % on new 1.1.0",
        ),
        (
            shifting(10, facts=SHOWN),
            seen(production=rule(weights={BLUE: 80, GREEN: 10, ELSEWHERE: 10})),
            Fail,
            "it forwards to maintenance",
        ),
    ],
)
def test_production(snapshot: Snapshot, observed: Observed, kind: type[Decision], words: str) -> None:
    decision = decide(snapshot, observed)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


def test_the_source_is_kept_from_the_last_event_on() -> None:
    decision = decide(shifting(100, facts=ALL), seen("AfterAllowTraffic", percent=100), NOON + seconds(20))

    assert isinstance(decision, Advance)
    assert decision.keep_source_until == NOON + timedelta(minutes=5)


UNTIL = NOON + timedelta(minutes=5)
KEPT = {**ALL, "kept_until": UNTIL}
WARM = seen("AfterAllowTraffic", percent=100, deployment=deployment(termination_wait_started=True))


def test_the_warm_time_is_waited_out_or_ended_by_a_click() -> None:
    warm = at(Stage.BAKE_TIME, facts=KEPT, source_kept_until=UNTIL)
    clicked = replace(warm, source_kept_until=NOON)

    assert isinstance(decide(warm, WARM), Wait)
    ended = decide(clicked, WARM)
    assert isinstance(ended, Act)
    assert ended.action == ContinueDeployment(deployment="d-1", wait="TERMINATION_WAIT")
    assert isinstance(decide(replace(clicked, facts=ended.known(clicked.facts, Made())), WARM), Advance)
    assert isinstance(decide(warm, WARM, UNTIL), Advance)  # over by itself: nothing is ordered


def test_an_alarm_turns_it_back_while_the_source_is_warm() -> None:
    warm = at(Stage.BAKE_TIME, facts=KEPT, source_kept_until=UNTIL, environment={"alarms": ("shop-5xx",)})

    decision = decide(warm, WARM)

    assert isinstance(decision, Fail)
    assert "shop-5xx does not exist any more" in decision.reason


# ---------------------------------------------------------------- the way back

STOPPED = deployment("Stopped", rollback_id="d-2", rollback_message="rolling back", completed_at=NOON)


@pytest.mark.parametrize(
    ("observed", "kind", "words"),
    [
        (Observed(production=rule()), Advance, "all production traffic is on old 1.0.0"),
        (Observed(production=rule(0, 100)), Fail, "Set it right by hand"),
        (seen(percent=100), Act, "told to stop d-1"),
        (seen(percent=100, deployment=deployment("Succeeded")), Note, "shop:1 is deployed again"),
        (seen(deployment=deployment("Succeeded")), Fail, "Set it right, then try the roll back again"),
        (seen(deployment=STOPPED, undoing=deployment(id="d-2")), Wait, "rolls back by d-2"),
        (seen(deployment=STOPPED, undoing=deployment("Failed", id="d-2")), Fail, "could not roll back"),
        (seen(deployment=STOPPED, undoing=deployment("Succeeded", id="d-2")), Advance, "is on old 1.0.0"),
        (seen(percent=100, deployment=STOPPED, undoing=deployment("Succeeded")), Fail, "right by hand"),
        (seen(deployment=deployment("Stopped", completed_at=NOON)), Wait, "may name its roll back yet"),
        (seen(deployment=deployment("Stopped", completed_at=NOON - seconds(60))), Advance, "is on old 1.0.0"),
    ],
)
def test_the_way_back(observed: Observed, kind: type[Decision], words: str) -> None:
    decision = decide(at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), observed)

    assert isinstance(decision, kind), decision
    assert words in decision.reason
    if isinstance(decision, Act):
        assert decision.action == StopDeployment(deployment="d-1")


def test_a_stop_under_way_is_waited_for() -> None:
    snapshot = at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=("create", "back#0"))

    assert isinstance(decide(snapshot, seen()), Wait)
    assert isinstance(decide(replace(snapshot, attempt=1), seen()), Act)


def test_what_nobody_heard_of_may_be_listed_yet() -> None:
    unsure = at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=(), step_started_at=NOON - seconds(9))

    assert isinstance(decide(unsure, Observed(production=rule())), Wait)


def test_what_was_never_started_needs_no_way_back() -> None:
    unsure = at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=())

    assert isinstance(decide(unsure, Observed(production=rule())), Advance)
    assert not CONTROLLER.changed_anything(unsure)
    intent = {"operation": "CreateDeployment"}
    assert CONTROLLER.changed_anything(replace(unsure, intent=intent))


# ---------------------------------------------------------------- words and plans


@pytest.mark.parametrize("code", sorted(client("codedeploy").meta.service_model.shape_for("ErrorCode").enum))
def test_every_error_code_of_codedeploy_is_a_sentence_with_the_fix(code: str) -> None:
    told = troubles.sentence(deployment("Failed", error_code=code, error_message="AWS says why"))

    assert told == f"CodeDeploy failed d-1: AWS says why. {troubles.FIXES[code]}"
    assert troubles.FIXES[code].endswith(".")


def test_an_error_code_that_is_new_to_us_says_where_to_look() -> None:
    told = troubles.sentence(deployment("Failed", error_code="SOLAR_FLARE"))

    assert (
        told
        == "CodeDeploy failed d-1: SOLAR_FLARE. See the deployment in CodeDeploy's console before you deploy again."
    )


@pytest.mark.parametrize("stream", ["", "[stdout]", "[stderr]"])
def test_a_failed_event_is_told_with_its_script_and_last_line(stream: str) -> None:
    log = f"{stream}a\n{stream}boom\n"
    event = LifecycleEvent(name="AfterInstall", status="Failed", script="up.sh", message="exit 1", log=log)

    told = troubles.failed_event([target(events=(event,), id="i-1")])

    assert told == "AfterInstall (up.sh) failed on i-1: exit 1. Last line: boom"


def test_plans() -> None:
    settings = cases.settings(controller="CODE_DEPLOY", **wants_approval(READY))

    group, canary = (CONTROLLER.plan(settings, s) for s in (Strategy.GROUP_CONFIG, Strategy.CANARY_10_5))

    assert CONTROLLER.strategies(settings)[0] is Strategy.GROUP_CONFIG
    assert (group.ladder, canary.ladder) == ((100,), (10, 100))
    assert [step.stage for step in canary.steps if step.gate] == [READY]
    without_test = CONTROLLER.plan(cases.settings(test_rule="", test_url=""), Strategy.GROUP_CONFIG)
    assert Stage.TEST_TRAFFIC_SHIFT not in [step.stage for step in without_test.steps]
    assert READY not in [step.stage for step in without_test.steps]
