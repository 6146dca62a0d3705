"""ECS's own canary behind a Network Load Balancer: a listener stands where an application's has a rule."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.listeners import is_network, listener_of, load_balancer_of
from deployments.swaps import get
from deployments.swaps.decisions import Advance, Fail, Wait
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import two_slots
from deployments.vocabulary import Stage
from tests.evidence import cases as evidence
from tests.fakes.names import arn
from tests.swaps import cases
from tests.swaps.cases import NOON, rule
from tests.swaps.test_ecs_owner import native, told

LISTENER = arn("elasticloadbalancing", "listener/net/shop/50dc6c495c0c9188/aaaa")
BALANCER = arn("elasticloadbalancing", "loadbalancer/net/shop/50dc6c495c0c9188")
SHIFTED: dict[str, Any] = {"service_deployment": "ours", "shifted_at": NOON, "percent": 10.0}


def shifting(stage: str, **facts: Any) -> Any:
    snapshot = told(stage, **{**SHIFTED, **facts})
    return replace(snapshot, settings=replace(snapshot.settings, production_rule=LISTENER))


def listener(blue: int, green: int) -> Any:
    return replace(rule(blue, green), arn=LISTENER, listener_arn=LISTENER, is_default=True)


def test_a_network_listener_is_known_with_its_load_balancer() -> None:
    application = cases.settings().production_rule

    assert (is_network(LISTENER), load_balancer_of(LISTENER), listener_of(LISTENER)) == (True, BALANCER, LISTENER)
    assert not is_network(application)
    assert ":loadbalancer/app/" in load_balancer_of(application)


def test_the_watch_is_told_the_network_load_balancer() -> None:
    assert two_slots.watched(shifting(Stage.BAKE_TIME)).load_balancer == BALANCER


@pytest.mark.parametrize(
    ("seen", "kind"), [(listener(0, 100), Advance), (listener(100, 0), Fail)], ids=["agrees", "does not"]
)
def test_ecs_is_believed_only_when_the_listener_agrees(seen: Any, kind: type) -> None:
    ended = replace(native("SUCCESSFUL", stage="CLEAN_UP"), production_percent=100.0)

    measured = evidence.measured(health={"green": cases.HEALTHY}, alarms={})
    observed = Observed(native=ended, production=seen, measured=measured)
    decision = get("ECS").decide(shifting(Stage.CLEAN_UP, percent=100.0, configuration_before={}), observed, NOON)

    assert type(decision) is kind


def test_a_listener_with_one_target_group_before_the_shift_is_no_strangers() -> None:
    alone = replace(listener(100, 0), weights={cases.BLUE: 1})
    before = replace(native("IN_PROGRESS", stage="POST_TEST_TRAFFIC_SHIFT"), production_percent=0.0)

    decision = get("ECS").decide(
        shifting(Stage.PRODUCTION_TRAFFIC_SHIFT, percent=0), Observed(native=before, production=alone), NOON
    )

    assert type(decision) is Wait
