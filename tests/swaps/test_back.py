"""The way back: traffic first, then the test listener, then the target is scaled to 0."""

from typing import Any

import pytest

from deployments.aws.actions import SetWeights, SuspendScaling, UpdateService
from deployments.aws.values import Rule, ScalableTarget, Service, Target
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.vocabulary import Slot, Stage
from tests.evidence import cases as evidence
from tests.fakes.aws import SHOP
from tests.swaps.cases import (
    BLUE,
    ELSEWHERE,
    GREEN,
    HEALTHY,
    NOON,
    OLD,
    at,
    decide,
    learnt,
    pair,
    rule,
    seconds,
    service,
    targets,
)

SHIFTED = ("suspend_target", "scale_up", "test_shift", "shift:4")
LOST = {"operation": "SetWeights"}


def shifting_back(*done: str, **changes: Any) -> Snapshot:
    return at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=(*SHIFTED, *done), **changes)


def look(production: Rule, blue: tuple[Target, ...] = HEALTHY, source: Service | None = None) -> Observed:
    return Observed(**evidence.look(production=production, health={Slot.BLUE: blue}, services=pair(blue=source)))


IDLE = service("shop-blue", desired=0)
STARTING = service("shop-blue", running=0)


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (shifting_back(), look(rule(90, 10)), Act, "Production: 100 % back to old 1.0.0"),
        (shifting_back(), look(rule(100, 0)), Act, "Production: 100 % back to old 1.0.0"),
        (shifting_back("back#0"), look(rule(100, 0)), Advance, "All production traffic is on old 1.0.0"),
        (
            at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=("scale_up",)),
            look(rule(100, 0)),
            Advance,
            "All production traffic is on old 1.0.0",
        ),
        (
            at(Stage.PRODUCTION_TRAFFIC_SHIFT, back=True, done=("scale_up",), facts={"in_flight": (LOST,)}),
            look(rule(100, 0)),
            Act,
            "Production: 100 % back to old 1.0.0",
        ),
        (
            shifting_back("back#0"),
            look(rule(50, 50)),
            Fail,
            "Someone else changed the production rule during the roll back: it shows 50 % on old 1.0.0, 50 % on new "
            "1.1.0.",
        ),
        (
            shifting_back(),
            look(rule(weights={ELSEWHERE: 1})),
            Fail,
            "was left alone because it forwards to maintenance; traffic is where someone else put it "
            "(100 % on maintenance). Set the rule right, then try the roll back again.",
        ),
        (
            shifting_back(),
            look(rule(weights={}, forwards=False)),
            Fail,
            "was left alone because it no longer forwards",
        ),
        (shifting_back(), look(rule(0, 100), (), IDLE), Act, "shop-blue scaled back to 2 tasks"),
        (
            shifting_back("warm#0"),
            look(rule(0, 100), targets("initial", "healthy"), STARTING),
            Wait,
            "1 of 2 targets of old 1.0.0 are healthy; traffic moves back when all are",
        ),
        (
            shifting_back(),
            look(rule(0, 100), targets("healthy", "unhealthy"), service("shop-blue")),
            Act,
            "Production: 100 % back to old 1.0.0",
        ),
        (
            shifting_back(),
            look(rule(0, 100), targets("unhealthy"), service("shop-blue")),
            Wait,
            "0 of 2 targets of old 1.0.0 are healthy",
        ),
        (
            shifting_back("warm#0", step_started_at=NOON - seconds(1801)),
            look(rule(0, 100), targets("unhealthy", description="[503]"), STARTING),
            Fail,
            "No target of old 1.0.0 became healthy (10.0.0.1:8000 unhealthy ([503])); traffic was left",
        ),
        (
            shifting_back(),
            Observed(production=rule(0, 100)),
            Fail,
            "Service shop-blue (of old 1.0.0) does not exist any more, so there is nothing to roll back to; traffic "
            "was left",
        ),
        (
            shifting_back(),
            look(rule(0, 100), (), service("shop-blue", desired=0, status="INACTIVE")),
            Fail,
            "does not exist any more",
        ),
    ],
)
def test_moving_production_back(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_production_goes_back_whatever_weights_are_there() -> None:
    decision = decide(shifting_back(), look(rule(37, 63)))

    assert isinstance(decision, Act)
    assert decision.action == SetWeights(rule=SHOP.production_rule, weights={BLUE: 100, GREEN: 0}, expected=None)
    assert (learnt(decision).percent, decision.mark) == (0, "back#0")


def test_the_source_is_warmed_with_what_it_ran_before() -> None:
    decision = decide(shifting_back(), look(rule(0, 100), (), IDLE))

    assert isinstance(decision, Act)
    assert decision.action == UpdateService(cluster="shop", service="shop-blue", task_definition=OLD, desired=2)
    assert decision.mark == "warm#0"


def test_a_second_try_does_everything_again() -> None:
    again = shifting_back("warm#0", "back#0", attempt=1)

    moved = decide(again, look(rule(0, 100)))
    warmed = decide(again, look(rule(0, 100), (), IDLE))

    assert isinstance(moved, Act) and isinstance(warmed, Act)
    assert (moved.mark, warmed.mark) == ("back#1", "warm#1")


def test_a_rule_that_was_not_read_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="was not read"):
        decide(shifting_back(), Observed())


# The test listener


@pytest.mark.parametrize(
    ("done", "facts", "seen", "kind", "fragment"),
    [
        (SHIFTED, {}, rule(0, 100), Act, "Test listener: 100 % back to old 1.0.0"),
        ((*SHIFTED, "test_back#0"), {}, rule(100, 0), Advance, "The test listener shows 100 % on old 1.0.0"),
        (("scale_up",), {}, rule(100, 0), Advance, "The test listener shows 100 % on old 1.0.0"),
        (("scale_up",), {}, rule(0, 100), Advance, "The test listener shows 100 % on new 1.1.0"),
        (("scale_up", "back#0"), {"in_flight": (LOST,)}, rule(0, 100), Act, "Test listener: 100 % back to old 1.0.0"),
        (SHIFTED, {}, rule(weights={ELSEWHERE: 1}), Advance, "not ours any more; it was left alone"),
        (SHIFTED, {}, None, Advance, "not ours any more; it was left alone"),
    ],
)
def test_moving_test_traffic_back(
    done: tuple[str, ...], facts: dict[str, Any], seen: Rule | None, kind: type[Decision], fragment: str
) -> None:
    decision = decide(at(Stage.TEST_TRAFFIC_SHIFT, back=True, done=done, facts=facts), Observed(test=seen))

    assert type(decision) is kind
    assert fragment in decision.reason


# The target


def cleaning(*done: str, **changes: Any) -> Snapshot:
    return at(Stage.CLEAN_UP, back=True, done=(*SHIFTED, "back#0", *done), **changes)


def left(green: Service | None = None, production: Rule | None = None, **changes: Any) -> Observed:
    return Observed(**{"production": production or rule(), "services": pair(green=green), **changes})


@pytest.mark.parametrize(
    ("snapshot", "observed", "kind", "fragment"),
    [
        (cleaning(), Observed(), Fail, "was not scaled down because the production rule shows nothing."),
        (
            cleaning(),
            left(production=rule(99, 1)),
            Fail,
            "the production rule shows 99 % on old 1.0.0, 1 % on new 1.1.0.",
        ),
        (cleaning(), left(services={}), Advance, "Service shop-green is gone; there is nothing to scale down"),
        (cleaning(), left(service(status="DRAINING")), Advance, "Service shop-green is gone"),
        (cleaning(), left(), Act, "shop-green scaled to 0"),
        (cleaning("back_scale_down#0"), left(service(desired=0, running=2)), Wait, "shop-green still drains 2 tasks"),
        (cleaning("back_scale_down#0"), left(service(desired=0, pending=1)), Wait, "shop-green still drains"),
        (
            cleaning("back_scale_down#0"),
            left(service(desired=0)),
            Advance,
            "All traffic is on old 1.0.0; shop-green is scaled to 0",
        ),
        (cleaning("back_scale_down#0", attempt=1), left(service(desired=0)), Act, "shop-green scaled to 0"),
    ],
)
def test_cleaning_the_target_up(snapshot: Snapshot, observed: Observed, kind: type[Decision], fragment: str) -> None:
    decision = decide(snapshot, observed)

    assert type(decision) is kind
    assert fragment in decision.reason


def test_scaling_that_the_owner_has_suspended_on_the_source_is_not_resumed() -> None:
    target = ScalableTarget(resource_id="service/shop/shop-blue", minimum=1, maximum=9, suspended=True)

    decision = decide(cleaning(), left(scaling={Slot.BLUE: target}))

    assert not (isinstance(decision, Act) and isinstance(decision.action, SuspendScaling))


def test_autoscaling_is_handed_back_to_the_source() -> None:
    def scaling(slot: Slot, suspended: bool) -> ScalableTarget:
        return ScalableTarget(resource_id=f"service/shop/shop-{slot.value}", minimum=1, maximum=9, suspended=suspended)

    both = {slot: scaling(slot, slot is Slot.BLUE) for slot in Slot}
    resumed = {slot: scaling(slot, False) for slot in Slot}

    handed = cleaning("scaling:blue")
    first, second = decide(handed, left(scaling=both)), decide(handed, left(scaling=resumed))

    assert isinstance(first, Act) and isinstance(second, Act)
    assert first.action == SuspendScaling(resource_id="service/shop/shop-blue", suspended=False)
    assert second.action == SuspendScaling(resource_id="service/shop/shop-green", suspended=True)
