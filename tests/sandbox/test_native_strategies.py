"""BLUE_GREEN, CANARY and LINEAR with real traffic."""

from typing import Any

import pytest

from sandbox.ecs.service_deployments.stages import ladder
from sandbox.ecs.service_deployments.traffic import weights
from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.native import FAST, PRODUCTION, TEST, Native, pause
from tests.sandbox.shop import CLUSTER, network, registered, tasks

SCALE = FAST


def test_blue_green_tests_first_then_moves_everybody_and_loses_no_request(sandbox: Sandbox) -> None:
    hooks = [pause("POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT")]
    native = Native(sandbox, count=2, strategy="BLUE_GREEN", bakeTimeInMinutes=1, lifecycleHooks=hooks)

    with native.traffic() as seen:
        arn = native.deploy("1.1.0")
        hook = native.paused(arn)
        assert (native.version_at(PRODUCTION), native.version_at(TEST)) == ("1.0.0", "1.1.0")
        assert native.weights(native.production) == (100, 0)
        native.answer(arn, hook)
        second = native.paused(arn)
        assert second != hook
        assert (native.weights(native.production), native.weights(native.test)) == ((0, 100), (0, 100))
        # The source is kept for as long as it may be needed again.
        assert [each["runningCount"] for each in native.service()["deployments"]] == [2, 2]
        eventually(lambda: seen["1.1.0"])
        native.answer(arn, second)
        ended = native.until(arn, "SUCCESSFUL")

    assert set(seen) == {"1.0.0", "1.1.0"}
    assert native.version_at(PRODUCTION) == "1.1.0"
    assert ended["lifecycleStage"] == "CLEAN_UP"
    assert ended["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100.0
    assert len(eventually(lambda: _alone(native))) == 2


def _alone(native: Native) -> list[dict[str, Any]]:
    running = tasks(native.ecs, serviceName=native.name)
    one = len(native.service()["deployments"]) == 1
    return running if one and len(running) == 2 else []


def test_target_groups_swap_roles_and_a_drift_of_weights_goes_unnoticed(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")
    assert _serves_from(native, native.first) == native.blue
    second = native.deploy("1.1.0")
    native.until(second, "SUCCESSFUL")
    assert _serves_from(native, second) == native.green
    drifted = [{"TargetGroupArn": native.blue, "Weight": 30}, {"TargetGroupArn": native.green, "Weight": 70}]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": drifted}}
    native.elb.modify_rule(RuleArn=native.production, Actions=[action])

    third = native.deploy("1.6.0")

    native.until(third, "SUCCESSFUL")
    assert _serves_from(native, third) == native.blue
    assert native.weights(native.production) == (100, 0)
    # What was declared stays as it was declared.
    assert native.service()["loadBalancers"] == [native.load_balancer()]


def _serves_from(native: Native, deployment: str) -> str:
    revision = native.at(deployment)["targetServiceRevision"]["arn"]
    described = native.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    (resolved,) = described["resolvedConfiguration"]["loadBalancers"]
    assert resolved["productionListenerRule"] == native.production
    return str(resolved["targetGroupArn"])


@pytest.mark.parametrize(
    ("strategy", "shares"),
    [
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 25, "canaryBakeTimeInMinutes": 0}}, [25]),
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40, "stepBakeTimeInMinutes": 0}}, [40, 80]),
    ],
    ids=["canary", "linear"],
)
def test_every_step_asks_anew(sandbox: Sandbox, strategy: dict[str, Any], shares: list[int]) -> None:
    native = Native(sandbox, lifecycleHooks=[pause("PRE_PRODUCTION_TRAFFIC_SHIFT")], **strategy)

    arn = native.deploy("1.1.0")
    hooks = []
    for share in (0, *shares):
        hooks.append(native.paused(arn))
        assert native.weights(native.production) == (100 - share, share)
        assert native.at(arn)["lifecycleStage"] == "PRE_PRODUCTION_TRAFFIC_SHIFT"
        native.answer(arn, hooks[-1])

    native.until(arn, "SUCCESSFUL")
    assert native.weights(native.production) == (0, 100)
    assert len(set(hooks)) == len(shares) + 1


def test_a_canary_gets_its_share_of_real_requests_while_it_bakes(sandbox: Sandbox) -> None:
    canary = {"canaryPercent": 50.0, "canaryBakeTimeInMinutes": 3}
    native = Native(sandbox, strategy="CANARY", canaryConfiguration=canary)

    arn = native.deploy("1.1.0")
    eventually(lambda: native.at(arn)["targetServiceRevision"]["requestedProductionTrafficWeight"] == 50)
    answers = {native.version_at(PRODUCTION) for _ in range(40)}
    seen = native.at(arn)

    assert answers == {"1.0.0", "1.1.0"}
    assert seen["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT"
    assert seen["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"] == 50
    native.until(arn, "SUCCESSFUL")


def test_a_service_changes_to_rolling_and_back_without_losing_a_request(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")
    native.until(native.deploy("1.1.0"), "SUCCESSFUL")

    with native.traffic() as seen:
        rolling = native.deploy("1.6.0", deploymentConfiguration={"strategy": "ROLLING"})
        native.until(rolling, "SUCCESSFUL")
        # Its tasks registered where the traffic was.
        assert (_serves_from(native, rolling), native.weights(native.production)) == (native.green, (0, 100))
        back = native.deploy("1.0.0", deploymentConfiguration={"strategy": "BLUE_GREEN"})
        native.until(back, "SUCCESSFUL")

    assert set(seen) <= {"1.0.0", "1.1.0", "1.6.0"}
    assert (_serves_from(native, back), native.weights(native.production)) == (native.blue, (100, 0))


def test_a_service_without_load_balancer_goes_through_the_same_stages(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    created = ecs.create_service(
        cluster=CLUSTER,
        serviceName="headless",
        taskDefinition=registered(ecs, "1.0.0"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=network(sandbox),
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
    )["service"]
    first = created["currentServiceDeployment"]
    eventually(lambda: _status(ecs, first) == "SUCCESSFUL")

    updated = ecs.update_service(cluster=CLUSTER, service="headless", taskDefinition=registered(ecs, "1.1.0"))

    eventually(lambda: _status(ecs, updated["service"]["currentServiceDeployment"]) == "SUCCESSFUL")


def _status(ecs: Any, arn: str) -> str:
    return str(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]["status"])


@pytest.mark.parametrize(
    ("percent", "expected"), [(100.0, (100, 0)), (10.0, (10, 90)), (0.1, (1, 999)), (12.5, (125, 875))]
)
def test_weights_are_whole_numbers_below_1000(percent: float, expected: tuple[int, int]) -> None:
    assert weights(percent) == expected


@pytest.mark.parametrize(
    ("step", "expected"), [(50, [50.0, 100.0]), (33.4, [33.4, 66.8, 100.0]), (60, [60.0, 100.0]), (100, [100.0])]
)
def test_linear_ends_at_100_percent(step: float, expected: list[float]) -> None:
    assert ladder({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": step}}) == expected
