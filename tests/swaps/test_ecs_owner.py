"""The owner's own hooks, alarms and times of an ECS service: kept beside ours, and alone again at the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import UpdateService
from deployments.aws.values import NativeDeployment, PauseHook
from deployments.swaps import get
from deployments.swaps.decisions import Act, Advance, Fail, Note, Wait
from deployments.swaps.ecs import owner
from deployments.swaps.ecs.facts import EcsFacts, Snapshot
from deployments.swaps.ecs.observe import Observed, observe
from deployments.swaps.ecs.plan import at_once, deployment_configuration
from deployments.vocabulary import Slot, Stage, Strategy
from tests.evidence.cases import measured
from tests.fakes.aws import FakeGateway
from tests.swaps import cases
from tests.swaps.cases import HEALTHY, NOON, rule, seconds, service, wants_approval

ECS = get("ECS")
ON_GREEN = measured(health={"green": HEALTHY})
ARN = "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/shop-blue/1"


def pause(*stages: str, minutes: int = 5) -> dict[str, Any]:
    timeout = {"timeoutInMinutes": minutes, "action": "ROLLBACK"}
    return {"targetType": "PAUSE", "lifecycleStages": [*stages], "timeoutConfiguration": timeout}


LAMBDA = {"targetType": "AWS_LAMBDA", "hookTargetArn": "arn:fn", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}
BREAKER = {"enable": True, "rollback": True}


def alarms(*names: str, enable: bool = True, rollback: bool = True) -> dict[str, Any]:
    return {"alarmNames": [*names], "enable": enable, "rollback": rollback}


HOOK = pause("POST_TEST_TRAFFIC_SHIFT", minutes=60)
OURS: dict[str, Any] = {
    "strategy": "CANARY",
    "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5},
    "bakeTimeInMinutes": 10,
    "lifecycleHooks": [HOOK],
    "alarms": alarms("5xx"),
}


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ({}, OURS),
        ({"deploymentCircuitBreaker": BREAKER, "maximumPercent": 150}, {"deploymentCircuitBreaker": BREAKER}),
        ({"lifecycleHooks": [pause("PRE_SCALE_UP")]}, {"lifecycleHooks": [pause("PRE_SCALE_UP"), HOOK]}),
        ({"lifecycleHooks": [LAMBDA]}, {"lifecycleHooks": [LAMBDA, HOOK]}),
        ({"lifecycleHooks": [pause("POST_TEST_TRAFFIC_SHIFT")]}, {"lifecycleHooks": OURS["lifecycleHooks"]}),
        (
            {"lifecycleHooks": [pause("PRE_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT")]},
            {"lifecycleHooks": [pause("PRE_SCALE_UP"), HOOK]},
        ),
        ({"alarms": alarms("disk", rollback=False)}, {"alarms": alarms("disk", "5xx")}),
        ({"alarms": alarms("disk", "5xx")}, {"alarms": alarms("disk", "5xx")}),
        ({"alarms": alarms("disk", enable=False)}, {"alarms": alarms("5xx")}),
    ],
)
def test_what_the_owner_has_set_stays_beside_ours(before: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    merged = owner.beside(before, OURS)

    assert merged == {**before, **OURS, **sent}


def test_members_of_another_strategy_are_not_sent() -> None:
    before = {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 20.0}}

    assert "linearConfiguration" not in owner.beside(before, OURS)


def test_alarms_stay_where_we_have_none() -> None:
    ours = {name: value for name, value in OURS.items() if name != "alarms"}

    assert owner.beside({"alarms": alarms("disk")}, ours)["alarms"] == alarms("disk")


BEFORE = {
    "strategy": "LINEAR",
    "linearConfiguration": {"stepPercent": 20.0, "stepBakeTimeInMinutes": 3},
    "bakeTimeInMinutes": 7,
    "lifecycleHooks": [pause("PRE_SCALE_UP")],
    "alarms": alarms("disk", rollback=False),
    "deploymentCircuitBreaker": BREAKER,
}
SENT = owner.beside(BEFORE, OURS)
NO_BREAKER = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
TEAMS = [pause("POST_SCALE_UP")]


@pytest.mark.parametrize(
    ("before", "shown", "back"),
    [
        (BEFORE, SENT, BEFORE),
        (BEFORE, BEFORE, None),
        (
            {"strategy": "ROLLING"},
            owner.beside({"strategy": "ROLLING"}, OURS),
            dict(owner.NONE),
        ),
        (BEFORE, {**SENT, "lifecycleHooks": TEAMS}, {**BEFORE, "lifecycleHooks": TEAMS}),
        (BEFORE, {**SENT, **NO_BREAKER}, {**BEFORE, **NO_BREAKER}),
    ],
    ids=["all of it", "back already", "nothing was there", "hooks changed since", "a member that we left alone"],
)
def test_ours_are_taken_out_and_nothing_else(
    before: dict[str, Any], shown: dict[str, Any], back: dict[str, Any] | None
) -> None:
    told = owner.given_back(before, owner.beside(before, OURS), shown)

    told.pop("canaryConfiguration", None)  # says nothing with another strategy, and cannot be taken out
    assert told == (back or {})


def test_what_aws_adds_to_what_it_was_sent_is_not_taken_for_a_change() -> None:
    added = [{**hook, "hookDetails": {}} for hook in reversed(SENT["lifecycleHooks"])]

    back = owner.given_back(BEFORE, SENT, {**SENT, "lifecycleHooks": added})

    assert back["lifecycleHooks"] == [pause("PRE_SCALE_UP")]


# Decisions


def at(stage: str, *, back: bool = False, **facts: Any) -> Snapshot:
    environment = wants_approval(Stage.POST_TEST_TRAFFIC_SHIFT)
    settings = cases.settings(**{**environment, "controller": "ECS", "service_name": "shop-blue"})
    plan = ECS.plan(settings, Strategy.CANARY)
    steps = plan.way_back if back else plan.steps
    return Snapshot(
        source_version="1.0.0",
        key="7-abc", settings=settings, artefact=cases.release(), plan=plan, rolling_back=back,
        position=[step.stage for step in steps].index(stage), source=Slot.BLUE, target=Slot.GREEN,
        facts=EcsFacts(**{**cases.REGISTERED, **facts}), step_started_at=NOON - seconds(5),
    )  # fmt: skip


def told(stage: str, *, back: bool = False, **facts: Any) -> Snapshot:
    known = {"service_deployment": ARN, "configuration_before": BEFORE, "done": ("register", "update")}
    return at(stage, back=back, **{**known, **facts})


def native(status: str, **changes: Any) -> NativeDeployment:
    return NativeDeployment(arn=ARN, status=status, reason="", target_revision="r", **{"stage": "", **changes})


def with_ours(snapshot: Snapshot) -> dict[str, Any]:
    return owner.beside(BEFORE, deployment_configuration(snapshot.settings, Strategy.CANARY))


def test_what_was_there_is_noted_before_anything_is_written() -> None:
    seen = Observed(service=service("shop-blue", deployment_configuration=BEFORE), production=rule())

    noted = ECS.decide(at(Stage.SCALE_UP), seen, NOON)
    assert isinstance(noted, Note)
    assert isinstance(noted.facts, EcsFacts)
    assert noted.facts.configuration_before == BEFORE
    assert "pauses of its own at PRE_SCALE_UP" in noted.reason

    act = ECS.decide(replace(at(Stage.SCALE_UP), facts=noted.facts), seen, NOON)
    assert isinstance(act, Act)
    assert isinstance(act.action, UpdateService)
    assert act.action.deployment_configuration == with_ours(at(Stage.SCALE_UP))


@pytest.mark.parametrize(
    ("snapshot", "ended"),
    [
        (told(Stage.CLEAN_UP), native("SUCCESSFUL")),
        (told(Stage.CLEAN_UP, back=True), native("ROLLBACK_SUCCESSFUL")),
        (told(Stage.CLEAN_UP, back=True), None),
        (told(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), native("STOPPED")),
        (told(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True), native("ROLLBACK_FAILED")),
    ],
    ids=["went well", "rolled back", "never started", "somebody else's came", "ecs failed"],
)
def test_whatever_the_end_it_comes_after_giving_back(snapshot: Snapshot, ended: NativeDeployment | None) -> None:
    shown = service("shop-blue", deployment_configuration=with_ours(snapshot))
    seen = Observed(native=ended, production=rule(0, 100), service=shown, measured=ON_GREEN)

    first = ECS.decide(snapshot, seen, NOON)
    assert isinstance(first, Act)
    assert isinstance(first.action, UpdateService)
    assert first.mark == "give_back#0"
    assert (first.action.task_definition, first.action.desired) == (None, None)
    given = first.action.deployment_configuration
    assert given is not None
    assert {name: given[name] for name in BEFORE} == BEFORE

    then = ECS.decide(replace(snapshot, facts=snapshot.facts.marked("give_back#0")), seen, NOON)
    assert isinstance(then, Advance | Fail)


@pytest.mark.parametrize(
    "shown", [None, service("shop-blue", status="INACTIVE"), service("shop-blue", deployment_configuration=BEFORE)]
)
def test_there_is_not_always_something_to_give_back(shown: Any) -> None:
    seen = Observed(native=native("SUCCESSFUL"), production=rule(0, 100), service=shown, measured=ON_GREEN)

    assert isinstance(ECS.decide(told(Stage.CLEAN_UP), seen, NOON), Advance)


@pytest.mark.parametrize(("status", "gives"), [("IN_PROGRESS", False), ("SUCCESSFUL", True)])
def test_a_second_deployment_of_ours_is_taken_out_as_well_once_it_has_ended(status: str, gives: bool) -> None:
    """ECS had finished, and was told to go back at once: no hooks, no bake time."""
    told_again = {"again": "again", "again_at": NOON, "done": ("register", "update", "overtaken#0", "again#0")}
    snapshot = told(Stage.CLEAN_UP, back=True, **told_again)
    shown = service("shop-blue", deployment_configuration={**with_ours(snapshot), **at_once(snapshot.settings)})
    seen = Observed(native=native("SUCCESSFUL"), again=native(status), production=rule(100, 0), service=shown)

    decision = ECS.decide(snapshot, seen, NOON)

    assert isinstance(decision, Act) is gives, decision
    if isinstance(decision, Act) and isinstance(decision.action, UpdateService):
        given = decision.action.deployment_configuration or {}
        assert {name: given[name] for name in BEFORE} == BEFORE


@pytest.mark.parametrize(("status", "looks"), [("IN_PROGRESS", False), ("SUCCESSFUL", True)])
def test_the_service_is_looked_at_once_ecs_has_ended(status: str, looks: bool) -> None:
    aws = FakeGateway.pair()
    aws.native[ARN] = native(status)

    seen = observe(told(Stage.CLEAN_UP), aws, NOON)

    assert (seen.service is not None) is looks


@pytest.mark.parametrize("stage", [Stage.SCALE_UP, Stage.POST_TEST_TRAFFIC_SHIFT])
def test_a_pause_of_the_owners_is_left_for_the_owner_to_answer(stage: Stage) -> None:
    theirs = PauseHook(id="theirs", status="AWAITING_ACTION")
    seen = Observed(native=native("IN_PROGRESS", stage="PRE_SCALE_UP", hooks=(theirs,)), production=rule())

    decision = ECS.decide(replace(told(stage), step_started_at=NOON - seconds(90_000)), seen, NOON)

    assert isinstance(decision, Wait)


def test_the_time_that_the_owners_pause_took_does_not_count_for_the_scale_up() -> None:
    theirs = PauseHook(id="theirs", status="AWAITING_ACTION")
    snapshot = replace(told(Stage.SCALE_UP), step_started_at=NOON - seconds(90_000))
    held = Observed(native=native("IN_PROGRESS", stage="PRE_SCALE_UP", hooks=(theirs,)))
    waited = ECS.decide(snapshot, held, NOON)
    assert isinstance(waited.facts, EcsFacts)

    answered = Observed(native=native("IN_PROGRESS", stage="SCALE_UP"))
    decision = ECS.decide(replace(snapshot, facts=waited.facts), answered, NOON + seconds(10))

    assert isinstance(decision, Wait)


THEIRS = pause("POST_SCALE_UP", minutes=7)


@pytest.mark.parametrize(
    ("before", "shown", "left"),
    [
        ([LAMBDA], [LAMBDA, HOOK, THEIRS], [LAMBDA, THEIRS]),
        ([pause("POST_TEST_TRAFFIC_SHIFT")], [HOOK, THEIRS], [THEIRS, pause("POST_TEST_TRAFFIC_SHIFT")]),
        ([], [THEIRS], None),
    ],
    ids=["put beside ours", "ours stood for the owner's", "none of ours"],
)
def test_our_pause_goes_although_somebody_has_changed_the_hooks(
    before: list[Any], shown: list[Any], left: list[Any] | None
) -> None:
    was = {**BEFORE, "lifecycleHooks": before}
    sent = owner.beside(was, OURS)

    back = owner.given_back(was, sent, {**was, "lifecycleHooks": shown})

    assert back.get("lifecycleHooks") == left


def test_a_way_back_that_fails_while_ecs_is_still_at_it_gives_back_first() -> None:
    told_again = {"again": "again", "again_at": NOON, "done": ("register", "update", "overtaken#0", "again#0")}
    snapshot = told(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, **told_again)
    shown = service("shop-blue", deployment_configuration={**with_ours(snapshot), **at_once(snapshot.settings)})
    still = native("IN_PROGRESS", stage="SCALE_UP")
    seen = Observed(native=native("SUCCESSFUL"), again=still, production=rule(0, 100), service=shown)
    much_later = NOON + seconds(90_000)

    first = ECS.decide(snapshot, seen, much_later)
    assert isinstance(first, Act)
    assert first.mark == "give_back#0"

    then = ECS.decide(replace(snapshot, facts=snapshot.facts.marked("give_back#0")), seen, much_later)
    assert isinstance(then, Fail)
    assert "was not ready after" in then.reason


def test_a_deployment_that_came_beside_ours_with_our_pause_is_told_to_be_let_go() -> None:
    snapshot = told(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=("register", "update", "give_back#0"))
    beside = service("shop-blue", deployment_configuration=BEFORE)

    decision = ECS.decide(snapshot, Observed(native=native("STOPPED"), production=rule(), service=beside), NOON)

    assert isinstance(decision, Fail)
    assert "was started while Tealgate's pause at POST_TEST_TRAFFIC_SHIFT stood on shop-blue" in decision.reason
    assert "let it go on in ECS (ContinueServiceDeployment)" in decision.reason


def test_one_that_brings_the_release_that_was_turned_back_is_not_let_go_on() -> None:
    """It would bring to production what nobody has approved."""
    snapshot = told(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=("register", "update"))
    anew = service("shop-blue", task_definition=cases.NEW, deployment_configuration=BEFORE)
    seen = Observed(native=native("STOPPED"), production=rule(), service=anew)

    noted = ECS.decide(snapshot, seen, NOON)
    assert isinstance(noted, Note)
    assert noted.reason == "Somebody started 1.1.0 anew, for which ECS stopped ours: shop:1 is deployed again"
    assert isinstance(noted.facts, EcsFacts)

    act = ECS.decide(replace(snapshot, facts=noted.facts), seen, NOON)
    assert isinstance(act, Act)
    assert isinstance(act.action, UpdateService)
    assert act.action.task_definition == cases.OLD
