"""Events about alarms and tasks, as they come to the queue of the seeded world."""

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.listening import CONFIGURATION, STATE, TASK, Listener, about, goes_to, put_alarm
from tests.sandbox.shop import CLUSTER, created, steady, tasks

SCALE = 100


@pytest.fixture
def alarm(client: Any) -> str:
    name = f"orders-{uuid.uuid4().hex[:6]}"
    put_alarm(client, name)
    return name


def test_an_alarm_that_goes_off_under_traffic_is_told(client: Any, sandbox: Sandbox, listener: Listener) -> None:
    staging = sandbox.control.world["environments"]["staging"]
    balancer = staging["load_balancer"].partition(":loadbalancer/")[2]
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_4XX_Count"}
    dimensions = [{"Name": "LoadBalancer", "Value": balancer}]
    put_alarm(client, "lost", **metric, Dimensions=dimensions)
    eventually(lambda: answers(sandbox, "/nothing-here") == 404)

    event = listener.hears(goes_to("lost", "ALARM"))

    assert event["source"] == "aws.cloudwatch"
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")
    assert event["resources"] == ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:lost"]
    assert time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")
    assert event["detail"]["state"]["reason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0")
    data = json.loads(event["detail"]["state"]["reasonData"])
    assert (data["statistic"], data["period"], data["recentDatapoints"], data["threshold"]) == ("Sum", 60, [1.0], 1.0)
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    watched = event["detail"]["configuration"]["metrics"][0]["metricStat"]
    assert watched == {
        "metric": {
            "namespace": "AWS/ApplicationELB",
            "name": "HTTPCode_Target_4XX_Count",
            "dimensions": {"LoadBalancer": balancer},
        },
        "period": 60,
        "stat": "Sum",
    }


def answers(sandbox: Sandbox, path: str) -> int:
    """Status of one request to staging."""
    url = next(each["Url"] for each in sandbox.load_balancers.listeners() if each["Port"] == 8082)
    try:
        with urllib.request.urlopen(url + path, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_an_alarm_that_somebody_sets_is_told_and_what_is_built_on_it(
    client: Any, listener: Listener, alarm: str
) -> None:
    client("cloudwatch").put_composite_alarm(AlarmName=f"any-{alarm}", AlarmRule=f"ALARM({alarm})")
    client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="a trial", StateReasonData='{"by": "hand"}'
    )

    state = listener.hears(goes_to(alarm, "ALARM"))["detail"]["state"]
    composite = listener.hears(goes_to(f"any-{alarm}", "ALARM"))["detail"]

    assert (state["reason"], state["reasonData"]) == ("a trial", '{"by": "hand"}')
    assert composite["configuration"] == {"alarmRule": f"ALARM({alarm})"}


def test_an_alarm_that_is_set_to_what_it_is_tells_nothing(client: Any, listener: Listener, alarm: str) -> None:
    client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="INSUFFICIENT_DATA", StateReason="a trial")
    client("cloudwatch").delete_alarms(AlarmNames=[alarm])

    listener.hears(about(alarm, CONFIGURATION, operation="delete"))

    assert not any(about(alarm, STATE)(event) for event in listener.heard)


def test_an_alarm_that_is_made_changed_or_deleted_is_told(client: Any, listener: Listener, alarm: str) -> None:
    put_alarm(client, alarm, Period=300)
    client("cloudwatch").delete_alarms(AlarmNames=[alarm])

    made, changed, deleted = (
        listener.hears(about(alarm, CONFIGURATION, operation=operation))["detail"]
        for operation in ("create", "update", "delete")
    )

    assert (made["configuration"]["threshold"], made["state"]["value"]) == (1.0, "INSUFFICIENT_DATA")
    periods = [
        configuration["metrics"][0]["metricStat"]["period"]
        for configuration in (changed["previousConfiguration"], changed["configuration"], deleted["configuration"])
    ]
    assert periods == [60, 300, 300]


def test_a_deleted_alarm_that_never_was_tells_nothing(client: Any, listener: Listener, alarm: str) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=["nobody", alarm])

    listener.hears(about(alarm, CONFIGURATION, operation="delete"))

    assert not any(about("nobody", CONFIGURATION)(event) for event in listener.heard)


def test_a_task_is_told_from_its_first_state_to_its_last(ecs: Any, sandbox: Sandbox, listener: Listener) -> None:
    name = created(ecs, sandbox)
    steady(ecs, name)
    task = tasks(ecs, serviceName=name)[0]
    ecs.stop_task(cluster=CLUSTER, task=task["taskArn"], reason="a trial")

    event = listener.hears(about(name, TASK, lastStatus="STOPPED", taskArn=task["taskArn"]))

    detail = event["detail"]
    assert (event["source"], event["resources"]) == ("aws.ecs", [task["taskArn"]])
    assert (detail["stopCode"], detail["stoppedReason"]) == ("UserInitiated", "a trial")
    assert (detail["clusterArn"], detail["startedBy"]) == (task["clusterArn"], task["startedBy"])
    assert detail["containers"][0]["lastStatus"] == "STOPPED"
    assert detail["stoppedAt"].endswith("Z")
    told = [each["detail"] for each in listener.heard if each["resources"] == [task["taskArn"]]]
    told.sort(key=lambda each: each["version"])
    assert [(each["lastStatus"], each["desiredStatus"]) for each in told] == [
        ("PROVISIONING", "RUNNING"),
        ("PENDING", "RUNNING"),
        ("ACTIVATING", "RUNNING"),
        ("RUNNING", "RUNNING"),
        ("RUNNING", "STOPPED"),
        ("DEACTIVATING", "STOPPED"),
        ("STOPPING", "STOPPED"),
        ("STOPPED", "STOPPED"),
    ]
    assert [each["version"] for each in told] == list(range(1, 9))


def test_a_task_whose_process_died_says_so(ecs: Any, sandbox: Sandbox, listener: Listener) -> None:
    name = created(ecs, sandbox)
    steady(ecs, name)
    task = tasks(ecs, serviceName=name)[0]["taskArn"]
    sandbox.control.kill(task)

    wanted = about(name, TASK, lastStatus="STOPPED", taskArn=task)
    detail = listener.hears(wanted)["detail"]

    assert detail["stopCode"] == "EssentialContainerExited"
    assert detail["containers"][0]["exitCode"] == 137
