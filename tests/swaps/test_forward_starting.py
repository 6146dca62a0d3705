"""SCALE_UP, TEST_TRAFFIC_SHIFT and POST_TEST_TRAFFIC_SHIFT: the release runs, production does not know it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import SetWeights, SuspendScaling, UpdateService
from deployments.aws.values import Rule, ScalableTarget, Service, Target
from deployments.frozen import SmokeSpec, WebhookSpec
from deployments.swaps.decisions import Act, Advance, Decision, Fail, OpenGate, Probe, Wait
from deployments.swaps.reports import CheckResult
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.vocabulary import GateStatus, Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP
from tests.swaps.cases import (
    BEFORE,
    BLUE,
    CONTROLLER,
    ELSEWHERE,
    GREEN,
    HEALTHY,
    NEW,
    NOON,
    OLD,
    at,
    decide,
    gate,
    learnt,
    pair,
    rule,
    seconds,
    service,
    targets,
    wants_approval,
)

SCALED = {"scaled_at": NOON - seconds(60)}
JUST_SCALED = {"scaled_at": NOON - seconds(1), "compared": {}}


def scaling(*, suspended: bool) -> dict[Slot, ScalableTarget]:
    name = "service/shop/shop-green"
    return {Slot.GREEN: ScalableTarget(resource_id=name, minimum=1, maximum=9, suspended=suspended)}


def look(green: Service | None = None, health: tuple[Target, ...] = HEALTHY, **changes: Any) -> Observed:
    usual = {"services": pair(green=green), "health": {Slot.GREEN: health}, "production": rule()}
    return Observed(**evidence.look(**{**usual, **changes}))


def scaled(facts: Mapping[str, Any] = SCALED, **changes: Any) -> Snapshot:
    return at(Stage.SCALE_UP, done=("suspend_target", "scale_up"), facts=facts, **changes)


def test_the_target_gets_the_definition_and_as_many_tasks_as_the_source() -> None:
    decision = decide(at(Stage.SCALE_UP), look(service(desired=0, task_definition=OLD)))

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="shop", service="shop-green", task_definition=NEW, desired=2)
    assert decision.reason == "shop-green scaled to 2 tasks of 1.1.0"
    assert (decision.mark, decision.facts) == ("scale_up", replace(BEFORE, scaled_at=NOON))


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        ({"production": rule(0, 100)}, "it shows 100 % on new 1.1.0, but 0 % on new 1.1.0 was expected"),
        ({"production": rule(90, 10)}, "it shows 90 % on old 1.0.0, 10 % on new 1.1.0"),
        ({"production": replace(rule(), weights={ELSEWHERE: 100})}, "it forwards to maintenance"),
        (
            {"services": pair(blue=service("shop-blue", task_definition=SHOP.task_definition(9)))},
            "shop-blue runs shop:9",
        ),
    ],
)
def test_what_changed_while_people_thought_is_left_alone(meanwhile: Mapping[str, Any], words: str) -> None:
    """The slot that was idle when the gate opened may have been made live by hand."""
    decision = decide(at(Stage.SCALE_UP), look(**meanwhile))

    assert isinstance(decision, Fail)
    assert words in decision.reason
    assert not CONTROLLER.changed_anything(at(Stage.SCALE_UP))


def test_autoscaling_of_the_target_is_suspended_first() -> None:
    decision = decide(at(Stage.SCALE_UP), look(scaling=scaling(suspended=False)))

    assert isinstance(decision, Act)
    assert decision.action == SuspendScaling(resource_id="service/shop/shop-green", suspended=True)
    assert decision.reason == "Autoscaling of shop-green suspended"


def test_autoscaling_that_is_suspended_already_is_left() -> None:
    decision = decide(at(Stage.SCALE_UP), look(scaling=scaling(suspended=True)))

    assert isinstance(decision, Act)
    assert isinstance(decision.action, UpdateService)


def test_a_suspension_whose_answer_was_lost_is_recorded_all_the_same() -> None:
    wanted = SuspendScaling(resource_id="service/shop/shop-green", suspended=True)

    decision = decide(at(Stage.SCALE_UP, intent=wanted.as_json()), look(scaling=scaling(suspended=True)))

    assert isinstance(decision, Act)
    assert decision.action == wanted


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (at(Stage.SCALE_UP), Observed(services={}), Fail, "Service shop-blue (of old 1.0.0) does not exist any more."),
        (
            at(Stage.SCALE_UP),
            Observed(services={Slot.BLUE: service("shop-blue")}),
            Fail,
            "Service shop-green (of new 1.1.0) does not exist any more.",
        ),
        (scaled(), look(), Advance, "2 of 2 targets of new 1.1.0 are healthy"),
        (
            scaled(),
            look(service(running=1), targets("initial")),
            Wait,
            "1 of 2 tasks run, 0 of 2 targets healthy; 10.0.0.1:8000 initial",
        ),
        (scaled(), look(health=targets("healthy", "initial")), Wait, "1 of 2 targets healthy"),
        (scaled(), look(service(pending=1)), Wait, "2 of 2 tasks run, 2 of 2 targets healthy"),
        (scaled(), look(service(status="DRAINING")), Fail, "Service shop-green is DRAINING, so nothing can be started"),
        (
            scaled(),
            look(service(task_definition=OLD)),
            Fail,
            "shop-green runs shop:1, which is not shop:2 (1.1.0). It was changed outside Tealgate.",
        ),
        (scaled(JUST_SCALED), look(service(task_definition=OLD, running=0)), Wait, "0 of 2 tasks run"),
        (
            scaled(),
            look(service(primary={"rollout_state": "FAILED", "rollout_reason": "circuit breaker"})),
            Fail,
            "ECS gave up on shop-green: circuit breaker. Targets: all registered",
        ),
        (
            scaled(),
            look(service(running=0, primary={"failed_tasks": 3}), ()),
            Fail,
            "3 tasks of 1.1.0 failed in a row. Targets: no target",
        ),
        (scaled(), look(service(running=0, primary={"failed_tasks": 2}), ()), Wait, "0 of 2 tasks run"),
        (
            scaled({**SCALED, "desired": 10}),
            look(service(desired=10, running=0, primary={"failed_tasks": 4})),
            Wait,
            "0 of 10 tasks run",
        ),
        (
            scaled({**SCALED, "desired": 10}),
            look(service(desired=10, running=0, primary={"failed_tasks": 5})),
            Fail,
            "5 tasks of 1.1.0 failed in a row.",
        ),
        (
            scaled(step_started_at=NOON - seconds(1801)),
            look(service(running=1), targets("unhealthy", description="[503]")),
            Fail,
            "not healthy after 30 min: 1 of 2 tasks run, 0 of 2 targets healthy; 10.0.0.1:8000 unhealthy ([503])",
        ),
        (scaled(step_started_at=NOON - seconds(1800)), look(service(running=1)), Wait, "1 of 2 tasks run"),
    ],
)
def test_scaling_up(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_the_last_unhealthy_target_is_remembered_for_the_failure() -> None:
    unhealthy = look(service(running=1), targets("unhealthy", description="[503]"))
    remembered = learnt(decide(scaled(), unhealthy))

    decision = decide(scaled(vars(remembered)), look(service(running=0, primary={"failed_tasks": 3}), ()))

    assert decision.reason == "3 tasks of 1.1.0 failed in a row. Targets: 10.0.0.1:8000 unhealthy ([503])"


def test_an_unhealthy_target_that_nobody_saw_is_taken_from_what_ecs_says_about_it() -> None:
    told = (
        "(service shop-green) registered 1 targets in (target-group other)",
        f"(task 1f) (port 8000) is unhealthy in (target-group {GREEN}) due to (reason Health checks failed with these "
        "codes: [503])",
        f"(task 1e) (port 8000) is unhealthy in (target-group {GREEN}) due to (reason Request timed out)",
    )
    replaced = look(service(running=0, events=told, primary={"failed_tasks": 3}), ())

    decision = decide(scaled(), replaced)

    assert decision.reason == (
        "3 tasks of 1.1.0 failed in a row. Targets: (task 1f) (port 8000) is unhealthy in (target-group shop-green) "
        "due to (reason Health checks failed with these codes: [503])"
    )


@pytest.mark.parametrize(
    "told",
    [
        (f"(task 1f) (port 8000) is unhealthy in (target-group {BLUE}) due to (reason Request timed out)",),
        ("(service shop-green) has reached a steady state.", f"(task 1) is unhealthy in (target-group {GREEN})"),
    ],
    ids=["another target group", "before it was last steady"],
)
def test_what_ecs_said_of_something_else_explains_nothing(told: tuple[str, ...]) -> None:
    decision = decide(scaled(), look(service(running=0, events=told, primary={"failed_tasks": 3}), ()))

    assert decision.reason == "3 tasks of 1.1.0 failed in a row. Targets: no target is registered"


def test_before_the_slots_are_known_nothing_is_decided() -> None:
    with pytest.raises(ValueError, match="slots are not known"):
        decide(at(Stage.SCALE_UP, source=None, target=None), look())


# TEST_TRAFFIC_SHIFT


@pytest.mark.parametrize(
    ("done", "seen", "kind", "fragment"),
    [
        ((), None, Fail, "The test rule is not ours to write: it was not read."),
        ((), rule(weights={ELSEWHERE: 1}), Fail, "not ours to write: it forwards to maintenance."),
        ((), rule(100, 0), Act, "Test listener: 100 % to new 1.1.0"),
        ((), rule(0, 100), Act, "Test listener: 100 % to new 1.1.0"),
        (("test_shift",), rule(0, 1), Advance, "The test listener sends everything to new 1.1.0"),
        (
            ("test_shift",),
            rule(1, 1),
            Fail,
            "Someone else changed the test rule: it shows 50 % on old 1.0.0, 50 % on new 1.1.0.",
        ),
    ],
)
def test_shifting_test_traffic(done: tuple[str, ...], seen: Rule | None, kind: type[Decision], fragment: str) -> None:
    decision = decide(at(Stage.TEST_TRAFFIC_SHIFT, done=done), Observed(test=seen))

    assert type(decision) is kind
    assert fragment in decision.reason


def test_the_test_weights_are_written_over_what_was_just_read() -> None:
    decision = decide(at(Stage.TEST_TRAFFIC_SHIFT), Observed(test=rule(100, 0, arn=SHOP.test_rule)))

    assert isinstance(decision, Act)
    assert decision.action == SetWeights(
        rule=SHOP.test_rule, weights={GREEN: 100, BLUE: 0}, expected={BLUE: 100, GREEN: 0}
    )


# POST_TEST_TRAFFIC_SHIFT

CHECKED = {"smoke_checks": (SmokeSpec(path="/"),)}
GOOD = CheckResult(path="/", ok=True, sentence="GET / answered 200 in 3 ms.")
BAD = CheckResult(path="/", ok=False, sentence="GET / answered 503, expected 200.")


def tried(*results: CheckResult, tries: int = 1, ago: float = 3) -> dict[str, Any]:
    return {"smoke": results, "smoke_tries": tries, "smoke_at": NOON - seconds(ago)}


@pytest.mark.parametrize(
    ("environment", "facts", "kind", "fragment"),
    [
        ({}, {}, Advance, "No checks are configured"),
        (CHECKED, {}, Probe, "Checks against the test address"),
        ({"webhooks": (WebhookSpec(place="x.example"),)}, {}, Probe, "Checks against the test address"),
        (CHECKED, tried(GOOD, GOOD), Advance, "2 checks passed"),
        (CHECKED, tried(GOOD, BAD, ago=1), Wait, "GET / answered 503, expected 200.; trying again"),
        (CHECKED, tried(GOOD, BAD), Probe, "Checks against the test address, try 2"),
        (CHECKED, tried(GOOD, BAD, tries=2), Probe, "try 3"),
        (CHECKED, tried(GOOD, BAD, tries=3), Fail, "1 of 2 checks failed: GET / answered 503, expected 200."),
        ({**CHECKED, **wants_approval()}, tried(GOOD), OpenGate, "Waiting for 1 approval"),
    ],
)
def test_checking_the_release(
    environment: Mapping[str, Any], facts: Mapping[str, Any], kind: type[Decision], fragment: str
) -> None:
    decision = decide(at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=environment, facts=facts), Observed())

    assert type(decision) is kind
    assert fragment in decision.reason


def test_a_failed_check_is_tried_again_two_seconds_later() -> None:
    snapshot = at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=CHECKED, facts=tried(BAD, ago=0.5))

    decision = decide(snapshot, Observed())

    assert isinstance(decision, Wait)
    assert decision.until == NOON + seconds(1.5)


def test_who_approved_is_kept_with_the_stage() -> None:
    approved = gate(GateStatus.SUCCEEDED, reason="approved by approver")
    snapshot = at(Stage.POST_TEST_TRAFFIC_SHIFT, environment=wants_approval(), gate=approved)

    assert decide(snapshot, Observed()).reason == "No checks are configured; approved by approver"
