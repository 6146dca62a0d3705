"""Deployments to ECS by CodeDeploy that end early: nobody came, stopped, an alarm, a bad release."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.codedeploy.ecs import story
from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.releases import (
    CANARY,
    PRODUCTION,
    Visitors,
    catalog_running,
    configure,
    deployed,
    events,
    events_of,
    info,
    over,
    serving,
    settle,
    target,
    task_definition,
    version_at,
    weights,
)
from tests.sandbox.shop import service


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with catalog_running() as running:
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Iterator[Any]:
    """Without a gate and with a short termination wait, unless a test asks for another."""
    codedeploy = client("codedeploy")
    configure(codedeploy)
    yield codedeploy
    settle(codedeploy)


def test_nobody_at_the_gate_stops_the_deployment_without_a_roll_back(
    sandbox: Sandbox, ecs: Any, codedeploy: Any
) -> None:
    configure(codedeploy, gate=1)
    before = serving(sandbox)

    ended = over(codedeploy, deployed(codedeploy, task_definition(ecs, "1.1.0")))

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Stopped", "TIMEOUT")
    assert ended["errorInformation"]["message"].endswith("This time out period is 1 minutes.")
    assert "rollbackDeploymentId" not in ended.get("rollbackInfo", {})
    eventually(lambda: len(service(ecs, "catalog")["taskSets"]) == 1)
    assert serving(sandbox) == before


def test_stopping_in_the_termination_wait_rolls_back_by_a_new_deployment(
    sandbox: Sandbox, ecs: Any, codedeploy: Any
) -> None:
    configure(codedeploy, wait=60)
    before, old = serving(sandbox), version_at(sandbox, PRODUCTION)
    new = "1.1.0" if old == "1.0.0" else "1.0.0"

    with Visitors(sandbox, PRODUCTION) as visitors:
        number = deployed(codedeploy, task_definition(ecs, new))
        eventually(lambda: info(codedeploy, number)["instanceTerminationWaitTimeStarted"])
        assert version_at(sandbox, PRODUCTION) == new
        stopped = codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=True)
        assert stopped["status"] == "Pending"
        ended = over(codedeploy, number)
        rollback = ended["rollbackInfo"]["rollbackDeploymentId"]
        undone = over(codedeploy, rollback)

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert (undone["status"], undone["creator"]) == ("Succeeded", "codeDeployRollback")
    assert undone["rollbackInfo"]["rollbackTriggeringDeploymentId"] == number
    assert (serving(sandbox), version_at(sandbox, PRODUCTION)) == (before, old)
    assert set(visitors.seen) == {old, new}


def test_stopping_without_a_roll_back_still_gives_traffic_back(sandbox: Sandbox, ecs: Any, codedeploy: Any) -> None:
    before = serving(sandbox)
    number = deployed(codedeploy, task_definition(ecs, "1.1.0"), CANARY)
    eventually(lambda: events_of(codedeploy, number).get("AllowTraffic") == "InProgress")

    codedeploy.stop_deployment(deploymentId=number, autoRollbackEnabled=False)

    assert "rollbackDeploymentId" not in over(codedeploy, number).get("rollbackInfo", {})
    assert serving(sandbox) == before
    listener = sandbox.control.world["codedeploy"]["catalog"]["production_listener"]
    assert weights(sandbox, listener)[before] == 100


def test_an_alarm_stops_the_deployment_and_rolls_it_back(
    client: Any, sandbox: Sandbox, ecs: Any, codedeploy: Any
) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="checkout-errors",
        Namespace="Shop",
        MetricName="Errors",
        Statistic="Sum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    alarms = {"alarms": [{"name": "checkout-errors"}], "enabled": True}
    before = serving(sandbox)
    number = deployed(codedeploy, task_definition(ecs, "1.1.0"), CANARY, overrideAlarmConfiguration=alarms)
    eventually(lambda: events_of(codedeploy, number).get("AllowTraffic") == "InProgress")

    def stopped_by_the_alarm() -> bool:
        """Set by hand, a state lasts only until the alarm's next look at its metric."""
        client("cloudwatch").set_alarm_state(AlarmName="checkout-errors", StateValue="ALARM", StateReason="test")
        return bool(codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]["status"] == "Stopped")

    eventually(stopped_by_the_alarm)
    ended = over(codedeploy, number)
    assert (ended["status"], ended["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert "Activated alarms: <checkout-errors>" in ended["errorInformation"]["message"]
    assert over(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])["status"] == "Succeeded"
    assert serving(sandbox) == before


def test_an_alarm_that_cannot_be_read_counts_unless_told_otherwise(ecs: Any, codedeploy: Any) -> None:
    missing = {"alarms": [{"name": "never-made"}], "enabled": True, "ignorePollAlarmFailure": False}
    definition = task_definition(ecs, "1.1.0")

    ended = over(codedeploy, deployed(codedeploy, definition, overrideAlarmConfiguration=missing))
    over(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    ignored = missing | {"ignorePollAlarmFailure": True}
    assert (
        over(codedeploy, deployed(codedeploy, definition, overrideAlarmConfiguration=ignored))["status"] == "Succeeded"
    )


def test_a_version_that_is_never_healthy_fails_and_is_rolled_back(
    sandbox: Sandbox, ecs: Any, codedeploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "HEALTHY_WITHIN", 2)
    before, old = serving(sandbox), version_at(sandbox, PRODUCTION)

    with Visitors(sandbox, PRODUCTION) as visitors:
        ended = over(codedeploy, deployed(codedeploy, task_definition(ecs, "1.3.0")))
        over(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert "waiting for the replacement task set to become healthy" in ended["errorInformation"]["message"]
    assert events(target(codedeploy, ended["deploymentId"]))["Install"] == "Failed"
    assert (serving(sandbox), set(visitors.seen)) == (before, {old})


@pytest.mark.parametrize(
    ("reference", "words"),
    [("catalog:latest", "Invalid revision number. Number: latest"), ("catalog:999", "TaskDefinition not found.")],
)
def test_what_ecs_refuses_is_an_update_error(codedeploy: Any, reference: str, words: str) -> None:
    ended = over(codedeploy, deployed(codedeploy, reference))

    over(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])
    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "ECS_UPDATE_ERROR")
    assert words in ended["errorInformation"]["message"]


def test_a_listener_that_points_elsewhere_is_refused(client: Any, sandbox: Sandbox, ecs: Any, codedeploy: Any) -> None:
    listener = sandbox.control.world["codedeploy"]["catalog"]["production_listener"]
    elbv2 = client("elbv2")
    before = elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    refuse = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=refuse)

    ended = over(codedeploy, deployed(codedeploy, task_definition(ecs, "1.1.0")))

    elbv2.modify_listener(ListenerArn=listener, DefaultActions=before)
    assert ended["errorInformation"]["code"] == "ELASTIC_LOAD_BALANCING_INVALID"
    assert f"Primary taskset target group must be behind listener {listener}" in ended["errorInformation"]["message"]
    over(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"])
