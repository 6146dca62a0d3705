"""No proof without a healthy task: what the balancer says of the release's targets counts in every way to swap."""

from dataclasses import replace
from typing import Any

import pytest

from deployments import swaps
from deployments.swaps.decisions import Advance, Decision, Fail, Snapshot, Wait
from deployments.swaps.facts import sure
from deployments.vocabulary import Stage
from tests.evidence import stories
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON, seconds


def look(snapshot: Snapshot[Any], aws: FakeGateway) -> Decision:
    swap = swaps.get(snapshot.settings.controller)
    return swap.decide(snapshot, swap.observe(snapshot, aws, NOON), NOON)


def release_of(snapshot: Snapshot[Any], aws: FakeGateway) -> Any:
    group = getattr(snapshot.facts, "target_group", "") or snapshot.target_group(sure(snapshot.target))
    return next(service for service in aws.ecs.values() if service.target_group == group)


@pytest.mark.parametrize("swap", stories.ALL)
def test_a_release_that_hangs_is_turned_back_in_every_swap(swap: str) -> None:
    snapshot, aws = stories.watching(swap)
    assert isinstance(look(snapshot, aws), Wait)

    hung = "Request timed out"
    aws.set_health(release_of(snapshot, aws).running_task_definition, "unhealthy", "Target.Timeout", hung)
    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert "No target of " in decision.reason
    assert "(Request timed out)" in decision.reason


@pytest.mark.parametrize("swap", stories.ALL)
def test_a_release_whose_targets_vanish_is_turned_back_in_every_swap(swap: str) -> None:
    snapshot, aws = stories.watching(swap)
    release_of(snapshot, aws).running = 0

    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert decision.reason.startswith(("No target of ", "No task of "))


@pytest.mark.parametrize("swap", stories.ALL)
def test_a_release_that_lost_one_of_two_targets_goes_on(swap: str) -> None:
    snapshot, aws = stories.watching(swap)
    release_of(snapshot, aws).running = 1

    assert isinstance(look(snapshot, aws), Wait)


@pytest.mark.parametrize("swap", ["ROLLING", "CODE_DEPLOY", "SERVICE_PAIR"])
def test_a_service_that_was_scaled_in_is_judged_by_what_it_is_to_have(swap: str) -> None:
    snapshot, aws = stories.watching(swap)
    many = replace(snapshot, facts=replace(snapshot.facts, desired=1))

    service = release_of(snapshot, aws)
    service.desired = service.running = 1

    assert isinstance(look(many, aws), Wait)


@pytest.mark.parametrize("swap", ["ECS", "CODE_DEPLOY"])
def test_an_approval_moves_nothing_while_no_task_is_healthy(swap: str) -> None:
    snapshot, aws = stories.approved(swap)
    assert not isinstance(look(snapshot, aws), Fail)

    release_of(snapshot, aws).running = 0
    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert "No target of new 1.1.0 is healthy: no target is registered" in decision.reason
    assert decision.reason.endswith("was not told to go on.")


@pytest.mark.parametrize("swap", ["ECS", "CODE_DEPLOY", "EXPRESS_MODE"])
def test_the_end_is_no_success_without_a_healthy_task(swap: str) -> None:
    snapshot, aws = stories.ended(swap)
    assert isinstance(look(snapshot, aws), Advance)

    aws.set_health(release_of(snapshot, aws).running_task_definition, "unhealthy", "Target.Timeout", "no answer")
    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert f"but nothing proves it. No target of {stories.called(swap)} is healthy" in decision.reason


@pytest.mark.parametrize("swap", ["ECS", "CODE_DEPLOY"])
def test_the_end_is_no_success_without_a_task(swap: str) -> None:
    snapshot, aws = stories.ended(swap)

    release_of(snapshot, aws).running = 0
    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert "but nothing proves it. No target of new 1.1.0 is healthy" in decision.reason


def test_the_source_of_a_pair_stays_while_the_release_has_no_healthy_target() -> None:
    facts = {"percent": 100, "weights": {cases.BLUE: 0, cases.GREEN: 100}, "shifted_at": NOON - seconds(600)}
    done = ("scaling:blue", "scaling:green")
    snapshot = cases.at(Stage.CLEAN_UP, facts=facts, done=done, source_kept_until=NOON)
    aws = FakeGateway.pair(live="green")
    aws.ecs[SHOP.cluster, "shop-blue"].running = aws.ecs[SHOP.cluster, "shop-blue"].desired = 2
    green = aws.ecs[SHOP.cluster, "shop-green"]
    assert not isinstance(look(snapshot, aws), Fail)

    green.running = green.desired = 0
    decision = look(snapshot, aws)

    assert isinstance(decision, Fail), decision
    assert decision.reason == (
        "Old 1.0.0 was not scaled down. New 1.1.0 is to run 0 tasks, so nothing shows that it works: no target is "
        "registered"
    )
