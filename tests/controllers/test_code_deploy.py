"""CODE_DEPLOY on ECS, decision by decision: no AWS, no database."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws.actions import ContinueDeployment, CreateDeployment, StopDeployment
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, CodeDeployTaskSet, LifecycleEvent
from deployments.controllers import get
from deployments.controllers.code_deploy import appspec, troubles
from deployments.controllers.code_deploy.observe import Observed
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Note, OpenGate, Snapshot, Wait
from deployments.vocabulary import GateStatus, Slot, Stage, Strategy
from tests.aws.aws_stubs import client
from tests.controllers import cases
from tests.controllers.cases import BLUE, ELSEWHERE, GREEN, NEW, NOON, gate, rule, seconds, wants_approval

CONTROLLER = get("CODE_DEPLOY")
EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
READY = Stage.PRE_PRODUCTION_TRAFFIC_SHIFT
GROUP = {"config": "own", "waits": True, "ready_minutes": 60, "terminates": True, "termination_minutes": 5}
FACTS = {**cases.REGISTERED, "group": GROUP, "code_deployment": "d-1"}


def at(
    stage: str,
    *,
    percent: int | None = None,
    back: bool = False,
    done: tuple[str, ...] = ("create",),
    facts: Mapping[str, Any] | None = None,
    strategy: Strategy = Strategy.CANARY_10_5,
    environment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    usual: dict[str, Any] = {
        "controller": "CODE_DEPLOY",
        "service_name": "shop",
        "codedeploy_application": "shop",
        "codedeploy_group": "web",
    }
    settings = cases.settings(**usual | dict(environment or {}))
    plan = CONTROLLER.plan(settings, strategy)
    steps = plan.way_back if back else plan.steps
    position = next(n for n, s in enumerate(steps) if s.stage == stage and percent in (None, s.percent))
    known = {**FACTS, "done": ["register", *done], **(facts or {})}
    if "create" not in done:
        known.pop("code_deployment")
    snapshot = Snapshot(
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=plan,
        position=position,
        rolling_back=back,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts=known,
        step_started_at=NOON - seconds(10),
    )
    return replace(snapshot, **changes)


def deployment(status: str = "InProgress", **changes: Any) -> CodeDeployment:
    return CodeDeployment(**{"id": "d-1", "status": status, "overview": {}, **changes})


def target(passed: str = "", *, percent: float = 0, **changes: Any) -> CodeDeployTarget:
    """The ECS service after this event."""
    until = EVENTS.index(passed) + 1 if passed else 0
    events = tuple(
        LifecycleEvent(name=name, status="Succeeded" if number < until else "Pending", ended=NOON)
        for number, name in enumerate(EVENTS)
    )
    green = CodeDeployTaskSet(
        label="Green", status="ACTIVE", desired=2, running=2, pending=0, percent=percent, target_group="shop-green"
    )
    return CodeDeployTarget(
        **{"id": "shop:shop", "status": "InProgress", "events": events, "task_sets": (green,), **changes}
    )


def seen(passed: str = "", status: str = "InProgress", *, percent: int = 0, **changes: Any) -> Observed:
    usual: dict[str, Any] = {
        "deployment": deployment(status),
        "targets": (target(passed, percent=percent),),
        "production": rule(100 - percent, percent),
        "alarms": {},
    }
    return Observed(**usual | changes)


def decide(snapshot: Snapshot, observed: Observed, now: Any = NOON) -> Decision:
    return CONTROLLER.decide(snapshot, observed, now)


# ---------------------------------------------------------------- told once


def test_it_is_told_once_with_a_preset_and_the_key_in_the_description() -> None:
    decision = decide(at(Stage.SCALE_UP, done=()), Observed(service=cases.service("shop"), production=rule()))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    assert decision.action.config == "CodeDeployDefault.ECSCanary10Percent5Minutes"
    assert decision.action.description == "[tealgate 7-abc] 1.1.0 to shop/production"
    assert (decision.makes, decision.found) == ("code_deployment", "")


def test_the_groups_own_configuration_is_none_of_ours() -> None:
    snapshot = at(Stage.SCALE_UP, done=(), strategy=Strategy.GROUP_CONFIG)

    decision = decide(snapshot, Observed(service=cases.service("shop"), production=rule()))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, CreateDeployment)
    assert decision.action.config == ""


def test_what_an_unanswered_try_made_is_taken() -> None:
    observed = Observed(service=cases.service("shop"), production=rule(), deployment=deployment())

    decision = decide(at(Stage.SCALE_UP, done=()), observed)

    assert isinstance(decision, Act)
    assert decision.found == "d-1"


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (Observed(stranger=deployment(id="d-9")), "already runs d-9 (InProgress)"),
        (Observed(service=cases.service("shop"), production=rule(50, 50)), "Someone else changed the listener"),
        (Observed(production=rule()), "does not exist"),
    ],
)
def test_it_fails_closed_before_anything_is_told(observed: Observed, words: str) -> None:
    decision = decide(at(Stage.SCALE_UP, done=()), observed)

    assert isinstance(decision, Fail)
    assert words in decision.reason


def test_the_appspec_keeps_what_the_live_task_set_has() -> None:
    service = replace(
        cases.service("shop"),
        subnets=("s-1",),
        security_groups=("sg-1",),
        platform_version="1.4.0",
        capacity_provider_strategy=({"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},),
    )

    revision = appspec.revision(cases.settings(), service, NEW)

    document = json.loads(revision["appSpecContent"]["content"])
    properties = document["Resources"][0]["TargetService"]["Properties"]
    assert properties["TaskDefinition"] == NEW
    assert properties["LoadBalancerInfo"] == {"ContainerName": "web", "ContainerPort": 8000}
    assert properties["PlatformVersion"] == "1.4.0"
    assert properties["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}]
    assert properties["NetworkConfiguration"]["AwsvpcConfiguration"] == {
        "Subnets": ["s-1"],
        "SecurityGroups": ["sg-1"],
        "AssignPublicIp": "DISABLED",
    }


# ---------------------------------------------------------------- followed

NEVER = NOON + seconds(2000)


@pytest.mark.parametrize(
    ("stage", "observed", "now", "kind", "words"),
    [
        (Stage.SCALE_UP, seen("BeforeInstall"), NOON, Wait, "before Install"),
        (Stage.SCALE_UP, seen("AfterInstall"), NOON, Advance, "2 of 2 task(s)"),
        (Stage.SCALE_UP, seen("BeforeInstall"), NEVER, Fail, "not ready after 1800 s"),
        (Stage.SCALE_UP, Observed(), NOON, Fail, "no longer knows the deployment d-1"),
        (Stage.TEST_TRAFFIC_SHIFT, seen("AfterInstall"), NOON, Wait, "before AllowTestTraffic"),
        (Stage.TEST_TRAFFIC_SHIFT, seen("AfterAllowTestTraffic"), NOON, Advance, "Test traffic"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", percent=100), NOON, Wait, "removes the source"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Baking", percent=100), NOON, Wait, "removes the source"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Succeeded", percent=100), NOON, Advance, "has all traffic"),
        (Stage.CLEAN_UP, seen("AfterAllowTraffic", "Succeeded", percent=0), NOON, Fail, "but the listener shows"),
    ],
)
def test_its_stages(stage: str, observed: Observed, now: Any, kind: type[Decision], words: str) -> None:
    decision = decide(at(stage), observed, now)

    assert isinstance(decision, kind), decision
    assert words in decision.reason


@pytest.mark.parametrize("stage", [Stage.SCALE_UP, Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.BAKE_TIME, Stage.CLEAN_UP])
@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_an_end_behind_our_back_says_why_and_what_to_do(stage: str, status: str) -> None:
    ended = deployment(status, error_code="MANUAL_STOP", error_message="Stopped by jo")

    decision = decide(at(stage), seen(deployment=ended))

    assert isinstance(decision, Fail)
    assert "d-1: Stopped by jo. Somebody stopped it in CodeDeploy" in decision.reason


def test_lifecycle_events_are_kept_for_the_pages() -> None:
    decision = decide(at(Stage.SCALE_UP), seen("BeforeInstall"))

    (told,) = decision.facts["lifecycle"]
    assert (told["target"], told["status"]) == ("shop:shop", "InProgress")
    assert told["events"][0]["name"] == "BeforeInstall"
    assert told["events"][0]["ended"] == NOON.isoformat()


# ---------------------------------------------------------------- Ready

GATED = wants_approval(READY)
AT_READY = {"ready_at": NOON.isoformat()}


def test_the_gate_opens_at_ready_and_ends_before_codedeploy_does() -> None:
    environment = {"gates": (replace(GATED["gates"][0], timeout_minutes=1440),)}

    noted = decide(at(READY, environment=environment), seen("AfterAllowTestTraffic", "Ready"))
    opened = decide(at(READY, environment=environment, facts=AT_READY), seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(noted, Note)
    assert noted.facts["ready_at"] == NOON.isoformat()
    assert isinstance(opened, OpenGate)
    assert opened.expires_at == NOON + timedelta(minutes=59, seconds=30)


def test_an_approval_is_answered_with_ready_wait() -> None:
    snapshot = at(READY, environment=GATED, facts=AT_READY, gate=gate(GateStatus.SUCCEEDED))

    decision = decide(snapshot, seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(decision, Act)
    assert decision.action == ContinueDeployment(deployment="d-1", wait="READY_WAIT")


def test_somebody_elses_answer_fails_closed_but_a_lost_echo_does_not() -> None:
    snapshot = at(READY, environment=GATED, facts=AT_READY)
    gone_on = seen("AllowTraffic", percent=100)

    assert isinstance(decide(snapshot, gone_on), Fail)
    answered = replace(snapshot, intent=ContinueDeployment(deployment="d-1", wait="READY_WAIT").as_json())
    assert isinstance(decide(answered, gone_on), Advance)


def test_a_group_that_waits_where_nobody_decides_is_let_go() -> None:
    decision = decide(at(Stage.PRODUCTION_TRAFFIC_SHIFT), seen("AfterAllowTestTraffic", "Ready"))

    assert isinstance(decision, Act)
    assert decision.action == ContinueDeployment(deployment="d-1", wait="READY_WAIT")


# ---------------------------------------------------------------- production


def shifting(percent: int, **changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=percent, **changes)


SHOWN = {"percent": 10.0, "shifted_at": NOON.isoformat()}
ALL = {"percent": 100.0, "shifted_at": NOON.isoformat()}


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "words"),
    [
        (shifting(10), seen("BeforeAllowTraffic"), Wait, "10 % of production comes next"),
        (shifting(10), seen("BeforeAllowTraffic", percent=10), Note, "sends 10 % of production to green"),
        (shifting(10, facts=SHOWN), seen("BeforeAllowTraffic", percent=10), Wait, "10 % on green"),
        (shifting(10, facts=ALL), seen("BeforeAllowTraffic", percent=100), Advance, ""),
        (shifting(100, facts=ALL), seen("BeforeAllowTraffic", percent=100), Wait, "100 % on green"),
        (shifting(100, facts=ALL), seen("AfterAllowTraffic", percent=100), Advance, ""),
        (shifting(100, facts=SHOWN), seen("AfterAllowTraffic", production=rule(90, 10)), Fail, "only 10 %"),
        (shifting(10, facts=SHOWN), seen("BeforeAllowTraffic"), Fail, "now none is"),
        (
            shifting(10, facts=SHOWN),
            seen(percent=50, production=rule(90, 10)),
            Fail,
            "reports 50 % on green, but the listener shows 90 % blue, 10 % green",
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
KEPT = {**ALL, "kept_until": UNTIL.isoformat()}
WARM = seen("AfterAllowTraffic", percent=100, deployment=deployment(termination_wait_started=True))


def test_the_warm_time_is_waited_out_or_ended_by_a_click() -> None:
    warm = at(Stage.BAKE_TIME, facts=KEPT, source_kept_until=UNTIL)
    clicked = replace(warm, source_kept_until=NOON)

    assert isinstance(decide(warm, WARM), Wait)
    ended = decide(clicked, WARM)
    assert isinstance(ended, Act)
    assert ended.action == ContinueDeployment(deployment="d-1", wait="TERMINATION_WAIT")
    assert isinstance(decide(replace(clicked, facts={**clicked.facts, **ended.facts}), WARM), Advance)
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
        (Observed(production=rule()), Advance, "all production traffic is on blue"),
        (Observed(production=rule(0, 100)), Fail, "Set it right by hand"),
        (seen(percent=100), Act, "told to stop d-1"),
        (seen(deployment=deployment("Succeeded")), Fail, "Deploy the previous release"),
        (seen(deployment=STOPPED, undoing=deployment(id="d-2")), Wait, "rolls back by d-2"),
        (seen(deployment=STOPPED, undoing=deployment("Failed", id="d-2")), Fail, "could not roll back"),
        (seen(deployment=STOPPED, undoing=deployment("Succeeded", id="d-2")), Advance, "is on blue"),
        (seen(percent=100, deployment=STOPPED, undoing=deployment("Succeeded")), Fail, "right by hand"),
        (seen(deployment=deployment("Stopped", completed_at=NOON)), Wait, "may name its roll back yet"),
        (seen(deployment=deployment("Stopped", completed_at=NOON - seconds(60))), Advance, "is on blue"),
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


def test_what_was_never_started_needs_no_way_back() -> None:
    unsure = at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=())

    assert isinstance(decide(unsure, Observed(production=rule())), Advance)
    assert not CONTROLLER.changed_anything(unsure)
    intent = {"operation": "CreateDeployment"}
    assert CONTROLLER.changed_anything(replace(unsure, intent=intent))


# ---------------------------------------------------------------- words and plans


def test_every_error_code_of_codedeploy_says_what_to_do() -> None:
    assert set(client("codedeploy").meta.service_model.shape_for("ErrorCode").enum) <= set(troubles.FIXES)


def test_a_failed_event_is_told_with_its_script_and_last_line() -> None:
    event = LifecycleEvent(name="AfterInstall", status="Failed", script="up.sh", message="exit 1", log="a\nboom\n")

    told = troubles.failed_event([target(events=(event,), id="i-1")])

    assert told == "AfterInstall (up.sh) failed on i-1: exit 1. Last line: boom"


def test_plans() -> None:
    settings = cases.settings(controller="CODE_DEPLOY", **GATED)

    group, canary = (CONTROLLER.plan(settings, s) for s in (Strategy.GROUP_CONFIG, Strategy.CANARY_10_5))

    assert CONTROLLER.strategies(settings)[0] is Strategy.GROUP_CONFIG
    assert (group.ladder, canary.ladder) == ((100,), (10, 100))
    assert [step.stage for step in canary.steps if step.gate] == [READY]
    without_test = CONTROLLER.plan(cases.settings(test_rule="", test_url=""), Strategy.GROUP_CONFIG)
    assert Stage.TEST_TRAFFIC_SHIFT not in [step.stage for step in without_test.steps]
    assert READY not in [step.stage for step in without_test.steps]
