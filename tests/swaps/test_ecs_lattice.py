"""VPC Lattice beside the load balancer: what its rules forward to is compared before ECS is told, in every look, at the
end and on the way back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.values import Lattice
from deployments.swaps import get
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.ecs.facts import EcsFacts, LatticeWay, Snapshot
from deployments.swaps.ecs.observe import observe
from deployments.vocabulary import Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.fakes.names import arn
from tests.swaps.cases import BLUE, GREEN, NEW, NOON
from tests.swaps.test_ecs_owner import ARN, BEFORE, at, native, told

ECS = get("ECS")
RULE = arn("vpc-lattice", "service/svc-1/listener/listener-1/rule/rule-1")
ONE, OTHER = (arn("vpc-lattice", f"targetgroup/tg-{number}") for number in (1, 2))
NAME = "svc-1/listener/listener-1/rule/rule-1"
WAY = Lattice(target_group=ONE, alternate_target_group=OTHER, production_rule=RULE)
NOTED = (LatticeWay(rule=RULE, source="tg-1", target="tg-2"),)
SHIFTED: dict[str, Any] = {"lattice": NOTED, "shifted_at": NOON, "percent": 100.0, "configuration_before": {}}


def account(weights: Mapping[str, int], *, live: str = "green", **ecs: Any) -> FakeGateway:
    """shop-blue is reached by VPC Lattice too, and ECS is as far as `ecs` says."""
    aws = FakeGateway.pair(live=live)
    service = aws.ecs[SHOP.cluster, "shop-blue"]
    service.lattice, service.desired, service.deployment_configuration = (WAY,), 2, BEFORE
    if live == "green":
        service.target_group, service.task_definition = GREEN, NEW
        service.running, service.running_task_definition = 2, NEW
        aws.ecs[SHOP.cluster, "shop-green"].running = 0
    aws.lattice[RULE] = dict(weights)
    aws.native[ARN] = replace(native("IN_PROGRESS"), **{"production_percent": 100.0, "requested": 2, **ecs})
    return aws


def look(snapshot: Snapshot, aws: FakeGateway) -> Decision:
    return ECS.decide(snapshot, observe(snapshot, aws, NOON), NOON)


def baking(**facts: Any) -> Snapshot:
    return told(Stage.BAKE_TIME, **{**SHIFTED, **facts})


def test_before_ecs_is_told_it_is_noted_who_is_live_there() -> None:
    aws = account({"tg-1": 0, ONE.replace("tg-1", "tg-2"): 100}, live="blue")

    noted = look(at(Stage.SCALE_UP), aws)
    assert isinstance(noted, Note)
    assert isinstance(noted.facts, EcsFacts)
    assert noted.facts.lattice == (LatticeWay(rule=RULE, source="tg-2", target="tg-1"),)

    assert isinstance(look(replace(at(Stage.SCALE_UP), facts=noted.facts), aws), Act)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"tg-1": 50, "tg-2": 50}, "forwards to tg-1 50, tg-2 50, so it is not clear which one is live."),
        ({"tg-1": 90, "tg-9": 10}, "forwards to tg-1 90, tg-9 10, which are not its two target groups alone."),
        ({}, "forwards to no target group, so it is not clear which one is live."),
    ],
)
def test_ecs_is_not_told_where_its_rule_does_not_fit(weights: Mapping[str, int], words: str) -> None:
    decision = look(at(Stage.SCALE_UP), account(weights, live="blue"))

    assert isinstance(decision, Fail)
    assert words in decision.reason
    assert decision.reason.endswith("ECS was told nothing.")


def test_somebody_who_moves_its_traffic_before_ecs_is_told_is_named() -> None:
    snapshot = at(Stage.SCALE_UP, lattice=NOTED, configuration_before=BEFORE)

    decision = look(snapshot, account({"tg-1": 60, "tg-2": 40}, live="blue"))

    assert isinstance(decision, Fail)
    assert decision.reason == (
        f"Someone else changed the rule {NAME} of VPC Lattice: it forwards to tg-1 60, tg-2 40, but all of it was on "
        "tg-1."
    )


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"tg-1": 100, "tg-2": 0}, "ECS reports 100 % on the release, but the rule"),
        ({"tg-2": 90, "tg-9": 10}, "of VPC Lattice: it forwards to tg-9."),
        ({}, "forwards to no target group, of which tg-2 is the release's."),
    ],
)
def test_every_look_of_the_watch_compares_it(weights: Mapping[str, int], words: str) -> None:
    snapshot = baking()
    assert isinstance(look(snapshot, account({"tg-1": 0, "tg-2": 100}, stage="BAKE_TIME")), Wait)

    decision = look(snapshot, account(weights, stage="BAKE_TIME"))

    assert isinstance(decision, Fail), decision
    assert words in decision.reason


@pytest.mark.parametrize(("weights", "kind"), [({"tg-2": 100}, Advance), ({"tg-1": 5, "tg-2": 95}, Fail)])
def test_success_is_what_its_rule_shows_too(weights: Mapping[str, int], kind: type[Decision]) -> None:
    aws = account(weights, status="SUCCESSFUL", stage="CLEAN_UP")

    decision = look(told(Stage.CLEAN_UP, **SHIFTED), aws)

    assert isinstance(decision, kind), decision
    assert kind is Advance or decision.reason == (
        f"ECS says that it succeeded, but the rule {NAME} of VPC Lattice forwards to tg-1 5, tg-2 95; all of it should "
        "be on tg-2. Set it right by hand."
    )


@pytest.mark.parametrize(("weights", "kind"), [({"tg-1": 100}, Advance), ({"tg-1": 90, "tg-2": 10}, Fail)])
def test_so_is_a_roll_back(weights: Mapping[str, int], kind: type[Decision]) -> None:
    aws = account(weights, live="blue", status="ROLLBACK_SUCCESSFUL", production_percent=0.0)
    aws.set_weights(SHOP.production_rule, {BLUE: 100, GREEN: 0})

    decision = look(told(Stage.CLEAN_UP, back=True, **SHIFTED), aws)

    assert isinstance(decision, kind), decision
    assert kind is Advance or "ECS says that it rolled back, but the rule" in decision.reason


def test_what_may_not_be_read_is_not_compared_and_said_for_good() -> None:
    aws = account({"tg-1": 100}, live="blue")
    aws.fail_next("lattice_weights", errors.Denied)

    noted = look(at(Stage.SCALE_UP), aws)

    assert isinstance(noted, Note)
    assert isinstance(noted.facts, EcsFacts)
    assert noted.facts.lattice == ()
    assert noted.facts.warnings == (
        f"What the callers get that come by VPC Lattice is not known: its rule {NAME} could not be read.",
    )


def test_a_service_that_vpc_lattice_does_not_reach_costs_no_call() -> None:
    aws = account({}, live="blue")
    aws.ecs[SHOP.cluster, "shop-blue"].lattice = ()

    look(at(Stage.SCALE_UP), aws)
    look(baking(lattice=()), aws)

    assert not aws.calls["lattice_weights"]
