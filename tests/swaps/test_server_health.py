"""Servers whose release fails after CodeDeploy is done: their target group is looked at as long as they bake."""

from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.values import Target
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.decisions import Fail, Wait
from deployments.swaps.reports import TargetLifecycle
from deployments.vocabulary import Stage
from tests.fakes.aws import SHOP, FakeGateway
from tests.swaps.cases import NOON
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import CONTROLLER, INSTALL, at, decide, deployment
from tests.swaps.test_code_deploy_server_before import account

GROUP = SHOP.target_group("blue")
SERVERS = tuple(TargetLifecycle(target=f"i-{number}", status="Succeeded") for number in (1, 2))
FAILED = TargetLifecycle(target="i-3", status="Failed")
ORIGINAL = TargetLifecycle(target="i-4", status="Succeeded", label="Blue")


class Fleet(FakeGateway):
    """Its target group answers with these states."""

    states: tuple[str, ...] = ()

    def target_health(self, target_group: str) -> tuple[Target, ...]:
        self._called("target_health")
        assert target_group == GROUP
        return tuple(Target(id=f"i-{number}", port=8000, state=each) for number, each in enumerate(self.states, 1))


def baking(stage: str = Stage.BAKE_TIME, **facts: Any) -> Snapshot:
    return at(stage, facts={"percent": 100.0, "target_group": GROUP, "targets": (*SERVERS, FAILED, ORIGINAL)} | facts)


def fleet(*states: str) -> Fleet:
    gateway = Fleet()
    known = account()
    gateway.codedeploy_groups, gateway.bundles = known.codedeploy_groups, known.bundles
    gateway.codedeploy["d-1"] = deployment("Succeeded")
    gateway.states = states
    return gateway


@pytest.mark.parametrize("states", [("healthy", "healthy"), ("healthy", "unhealthy"), ("healthy", "unused")])
def test_as_long_as_half_of_those_that_got_it_are_healthy_it_goes_on(states: tuple[str, ...]) -> None:
    assert isinstance(decide(baking(), CONTROLLER.observe(baking(), fleet(*states), NOON)), Wait)


@pytest.mark.parametrize("states", [("unhealthy", "unhealthy"), ()])
def test_servers_that_fail_in_the_bake_turn_it_back(states: tuple[str, ...]) -> None:
    decision = decide(baking(), CONTROLLER.observe(baking(), fleet(*states), NOON))

    assert isinstance(decision, Fail)
    assert "No target of web is healthy" in decision.reason


def test_while_codedeploy_is_at_work_it_waits_for_health_itself() -> None:
    gateway = fleet("unhealthy")
    gateway.codedeploy["d-1"] = deployment()

    CONTROLLER.observe(baking(INSTALL), gateway, NOON)

    assert gateway.calls["target_health"] == 0


def test_the_target_group_is_found_once_and_done_without_where_it_is_not_shown() -> None:
    reconciling = at(Stage.RECONCILE_SERVICE, done=())
    shown = FakeGateway.pair()
    hidden = FakeGateway.pair()
    hidden.fail_next("target_health", errors.Denied)
    for gateway in (shown, hidden):
        known = account(target_groups=("shop-blue",), traffic_control=True)
        gateway.codedeploy_groups, gateway.bundles, gateway.healthy = (
            known.codedeploy_groups, known.bundles, known.healthy,
        )  # fmt: skip

    found = [learnt(decide(reconciling, CONTROLLER.observe(reconciling, each, NOON))) for each in (shown, hidden)]

    assert [each.target_group for each in found] == [GROUP, ""]
