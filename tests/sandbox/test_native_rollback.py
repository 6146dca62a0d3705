"""Ways back: asked for, superseded, unhealthy, alarmed, not allowed."""

from typing import Any

import pytest

from sandbox.ecs.service_deployments import machine
from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of, eventually
from tests.sandbox.native import FAST, PRODUCTION, Native, pause, role
from tests.sandbox.shop import CLUSTER, created, registered, service

SCALE = FAST
BREAKER = {"enable": True, "rollback": True}
CANARY = {"canaryPercent": 50.0, "canaryBakeTimeInMinutes": 60}


def test_a_stop_in_the_middle_of_a_canary_loses_no_request(sandbox: Sandbox) -> None:
    native = Native(sandbox, count=2, strategy="CANARY", canaryConfiguration=CANARY)

    with native.traffic() as seen:
        arn = native.deploy("1.1.0")
        eventually(lambda: seen["1.1.0"] > 5)
        native.stop(arn)
        ended = native.until(arn, "ROLLBACK_SUCCESSFUL")

    assert set(seen) == {"1.0.0", "1.1.0"}
    assert native.weights(native.production) == (100, 0)
    assert ended["targetServiceRevision"]["runningTaskCount"] == 0
    assert ended["sourceServiceRevisions"][0]["runningTaskCount"] == 2
    assert len(eventually(lambda: _steady(native))["deployments"]) == 1


def _steady(native: Native) -> dict[str, Any]:
    seen = native.service()
    return seen if seen["deployments"][0]["rolloutState"] == "COMPLETED" else {}


def test_what_is_over_cannot_be_stopped(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")
    ecs: Any = client_of(sandbox, "ecs")

    with pytest.raises(ecs.exceptions.ConflictException):
        ecs.stop_service_deployment(serviceDeploymentArn=native.first, stopType="ROLLBACK")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.stop_service_deployment(serviceDeploymentArn=native.first, stopType="ABORT")
    with pytest.raises(ecs.exceptions.ServiceDeploymentNotFoundException):
        ecs.stop_service_deployment(serviceDeploymentArn=native.first + "x", stopType="ROLLBACK")


def test_a_newer_update_stops_the_one_under_way_and_gives_its_traffic_back(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause("POST_PRODUCTION_TRAFFIC_SHIFT")])

    with native.traffic() as seen:
        older = native.deploy("1.1.0")
        native.paused(older)
        eventually(lambda: seen["1.1.0"])
        newer = native.deploy("1.6.0")
        native.until(older, "STOPPED")
        hook = native.paused(newer)
        eventually(lambda: seen["1.6.0"])
        native.answer(newer, hook)
        ended = native.until(newer, "SUCCESSFUL")

    assert set(seen) == {"1.0.0", "1.1.0", "1.6.0"}
    assert native.version_at(PRODUCTION) == "1.6.0"
    assert len(ended["sourceServiceRevisions"]) == 2
    history = native.ecs.list_service_deployments(cluster=CLUSTER, service=native.name)["serviceDeployments"]
    assert [each["status"] for each in history] == ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]


def test_a_target_that_never_becomes_healthy_trips_the_circuit_breaker(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", deploymentCircuitBreaker=BREAKER)

    arn = native.deploy("1.3.0", healthCheckGracePeriodSeconds=0)

    ended = native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert "the circuit breaker threshold was exceeded" in ended["statusReason"]
    assert ended["deploymentCircuitBreaker"] == {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
    assert native.version_at(PRODUCTION) == "1.0.0"


def test_without_a_circuit_breaker_a_bad_target_stays_in_scale_up(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")

    arn = native.deploy("9.9.9")
    eventually(lambda: native.at(arn)["deploymentCircuitBreaker"]["failureCount"] >= 2)

    seen = native.at(arn)
    assert (seen["status"], seen["lifecycleStage"]) == ("IN_PROGRESS", "SCALE_UP")
    assert seen["deploymentCircuitBreaker"]["status"] == "DISABLED"
    native.stop(arn)
    native.until(arn, "ROLLBACK_SUCCESSFUL")


def test_a_stage_that_lasts_too_long_is_given_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LONGEST_STAGE", 120.0)  # a day is too long for a test, even at this pace
    native = Native(sandbox, strategy="BLUE_GREEN")

    ended = native.until(native.deploy("9.9.9"), "ROLLBACK_SUCCESSFUL")

    assert "the lifecycle stage SCALE_UP did not complete within 24 hours" in ended["statusReason"]


def test_without_a_source_there_is_nowhere_to_go_back_to(sandbox: Sandbox, ecs: Any) -> None:
    name = created(
        ecs, sandbox, taskDefinition=registered(ecs, "9.9.9"), deploymentConfiguration={"strategy": "BLUE_GREEN"}
    )
    arn = service(ecs, name)["currentServiceDeployment"]

    ecs.stop_service_deployment(serviceDeploymentArn=arn)

    eventually(lambda: _status(ecs, arn) == "STOPPED")
    # Something that works takes its place.
    better = ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))["service"]
    eventually(lambda: _status(ecs, better["currentServiceDeployment"]) == "SUCCESSFUL")


def _status(ecs: Any, arn: str) -> str:
    return str(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]["status"])


def test_an_alarm_rolls_back(sandbox: Sandbox) -> None:
    alarm = _alarm(sandbox)
    native = Native(sandbox, strategy="BLUE_GREEN", bakeTimeInMinutes=60, alarms=alarm)

    arn = native.deploy("1.1.0")
    eventually(lambda: native.at(arn).get("lifecycleStage") == "BAKE_TIME")
    _set(sandbox, alarm, "ALARM")

    ended = native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert (ended["alarms"]["status"], ended["alarms"]["triggeredAlarmNames"]) == ("TRIGGERED", alarm["alarmNames"])
    assert native.weights(native.production) == (100, 0)


def test_an_alarm_that_is_on_at_the_start_is_ignored_for_good(sandbox: Sandbox) -> None:
    alarm = _alarm(sandbox)
    native = Native(sandbox, strategy="BLUE_GREEN", alarms=alarm)
    native.update(
        deploymentConfiguration={"lifecycleHooks": [pause("POST_TEST_TRAFFIC_SHIFT")]},
    )
    _set(sandbox, alarm, "ALARM")

    arn = native.deploy("1.1.0")
    hook = native.paused(arn)
    _set(sandbox, alarm, "OK")
    _set(sandbox, alarm, "ALARM")
    native.answer(arn, hook)

    assert native.until(arn, "SUCCESSFUL")["alarms"]["status"] == "DISABLED"


def _alarm(sandbox: Sandbox) -> dict[str, Any]:
    """One that only a test switches: nobody writes its metric."""
    name = f"alarm-{registered(sandbox.client('ecs'), '1.0.0').rpartition('/')[2]}"
    sandbox.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    return {"alarmNames": [name], "enable": True, "rollback": True}


def _set(sandbox: Sandbox, alarm: dict[str, Any], state: str) -> None:
    sandbox.client("cloudwatch").set_alarm_state(AlarmName=alarm["alarmNames"][0], StateValue=state, StateReason="test")


def test_a_role_that_may_not_change_rules_ends_the_deployment_before_it_starts_anything(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")
    native.role = role(sandbox, "elasticloadbalancing:Describe*")

    arn = native.deploy("1.1.0", loadBalancers=[native.load_balancer()])

    ended = native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert "ECS was unable to manage the ELB resources due to missing permissions" in ended["statusReason"]
    assert ended["targetServiceRevision"]["runningTaskCount"] == 0


def test_a_rule_that_disappears_is_noticed_when_it_is_written(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause("PRE_PRODUCTION_TRAFFIC_SHIFT")])
    arn = native.deploy("1.1.0")
    hook = native.paused(arn)
    native.elb.delete_rule(RuleArn=native.production)

    native.answer(arn, hook)

    ended = native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert ended["statusReason"].startswith("Service deployment rolled back because of invalid networking")


def test_a_deleted_service_stops_its_deployment(sandbox: Sandbox) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN", lifecycleHooks=[pause("POST_TEST_TRAFFIC_SHIFT")])
    arn = native.deploy("1.1.0")
    native.paused(arn)

    native.ecs.delete_service(cluster=CLUSTER, service=native.name, force=True)

    native.until(arn, "STOPPED")
    eventually(lambda: native.service()["status"] == "INACTIVE")
