"""What AWS tells: through EventBridge's default bus and a rule into a queue that somebody waits at."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.account import arn
from sandbox.server import Sandbox
from sandbox.world.events import PATTERN
from tests.sandbox.shop import CLUSTER, created, steady, tasks

SCALE = 100
METRIC = {"Namespace": "Shop", "MetricName": "Orders", "Statistic": "Sum", "Period": 60}
ECHO = {"Source": "tealgate", "DetailType": "Tealgate Echo", "Detail": '{"number": 7}'}
Event = dict[str, Any]
STATE, CONFIGURATION = "CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"


class Listener:
    """Somebody who waits at a queue, and takes what is there."""

    def __init__(self, sqs: Any, queue: str) -> None:
        self._sqs = sqs
        self.url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self.heard: list[Event] = []

    def hears(self, wanted: Callable[[Event], bool]) -> Event:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for event in self.heard:
                if wanted(event):
                    return event
            self.takes(wait=2)
        raise AssertionError([(each["detail-type"], each["resources"]) for each in self.heard])

    def takes(self, wait: int = 0) -> list[Event]:
        answer = self._sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=wait, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        events = [json.loads(message["Body"]) for message in messages]
        self.heard += events
        return events


@pytest.fixture(scope="module")
def listener(client: Any, sandbox: Sandbox) -> Listener:
    return Listener(client("sqs"), sandbox.control.world["events"]["queue"])


@pytest.fixture
def alarm(client: Any) -> str:
    name = f"orders-{uuid.uuid4().hex[:6]}"
    put_alarm(client, name)
    return name


def put_alarm(client: Any, name: str, **changes: Any) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        EvaluationPeriods=1,
        TreatMissingData="ignore",
        **METRIC | changes,
    )


def about(name: str, detail_type: str, **detail: Any) -> Callable[[Event], bool]:
    """Whether an event is of this alarm or service, and says so."""

    def wanted(event: Event) -> bool:
        told = event["detail"]
        found = name in (told.get("alarmName"), told.get("group", "").removeprefix("service:"))
        return found and event["detail-type"] == detail_type and all(told.get(key) == detail[key] for key in detail)

    return wanted


def goes_to(name: str, state: str) -> Callable[[Event], bool]:
    return lambda event: about(name, STATE)(event) and event["detail"]["state"]["value"] == state


@pytest.fixture
def own_queue(client: Any) -> Iterator[Callable[..., Listener]]:
    """A queue with a rule that a client made; EventBridge may send to it unless its policy is another."""
    name = f"own-{uuid.uuid4().hex[:6]}"

    def make(pattern: dict[str, Any] | None, policy: dict[str, Any] | None = None, **rule: Any) -> Listener:
        open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": open_to_all} if policy is None else policy
        client("sqs").create_queue(QueueName=name, Attributes={"Policy": json.dumps(document)})
        pattern_of_it = {"EventPattern": json.dumps(pattern)} if pattern else {}
        client("events").put_rule(Name=name, **pattern_of_it, **rule)
        client("events").put_targets(Rule=name, Targets=[{"Id": "one", "Arn": arn("sqs", name)}])
        return Listener(client("sqs"), name)

    yield make
    client("events").remove_targets(Rule=name, Ids=["one"])
    client("events").delete_rule(Name=name)


def test_an_alarm_that_goes_off_by_itself_is_told(client: Any, listener: Listener) -> None:
    put_alarm(client, "too-many-errors", MetricName="Errors")
    datum = {"MetricName": "Errors", "Value": 5.0}
    client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[datum])

    event = listener.hears(goes_to("too-many-errors", "ALARM"))

    assert event["source"] == "aws.cloudwatch"
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")
    assert event["resources"] == ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:too-many-errors"]
    assert time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")
    assert event["detail"]["state"]["reason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [5.0")
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    watched = event["detail"]["configuration"]["metrics"][0]["metricStat"]
    assert watched == {
        "metric": {"namespace": "Shop", "name": "Errors", "dimensions": {}},
        "period": 60,
        "stat": "Sum",
    }


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

    event = listener.hears(about(name, "ECS Task State Change", lastStatus="STOPPED", taskArn=task["taskArn"]))

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

    wanted = about(name, "ECS Task State Change", lastStatus="STOPPED", taskArn=task)
    detail = listener.hears(wanted)["detail"]

    assert detail["stopCode"] == "EssentialContainerExited"
    assert detail["containers"][0]["exitCode"] == 137


def test_what_a_client_says_comes_back_at_once_to_who_waits(client: Any, listener: Listener) -> None:
    listener.takes()
    while listener.takes():
        continue
    heard: list[tuple[list[Event], float]] = []
    waiting = threading.Thread(target=lambda: heard.append((listener.takes(wait=20), time.monotonic())))
    waiting.start()
    time.sleep(0.2)  # until it waits

    said = time.monotonic()
    answer = client("events").put_events(Entries=[ECHO])
    waiting.join()

    [(events, at)] = heard
    assert answer["FailedEntryCount"] == 0
    assert [(each["id"], each["source"], each["detail-type"], each["detail"]) for each in events] == [
        (answer["Entries"][0]["EventId"], "tealgate", "Tealgate Echo", {"number": 7})
    ]
    assert at - said < 1


def test_nobody_speaks_for_aws(client: Any) -> None:
    forged = ECHO | {"Source": "aws.cloudwatch", "DetailType": STATE}

    answer = client("events").put_events(Entries=[forged, ECHO])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert answer["Entries"][1]["EventId"]


def test_only_the_rules_that_ask_for_it_hear_of_it(
    client: Any, listener: Listener, own_queue: Callable[..., Listener]
) -> None:
    other = own_queue({"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
    name = f"seen-{uuid.uuid4().hex[:6]}"
    put_alarm(client, name)
    for state in ("OK", "ALARM"):
        client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a trial")

    other.hears(goes_to(name, "ALARM"))
    listener.hears(goes_to(name, "OK"))

    mine = [event for event in other.heard if event["detail"]["alarmName"] == name]
    assert [event["detail-type"] for event in mine] == [STATE]


@pytest.mark.parametrize(
    "settings",
    [
        {"pattern": {"source": ["tealgate"]}, "State": "DISABLED"},
        {"pattern": {"source": ["tealgate"]}, "policy": {"Version": "2012-10-17", "Statement": []}},
        {"pattern": None, "ScheduleExpression": "rate(1 hour)"},
    ],
    ids=["a disabled rule", "a queue that lets nobody in", "a rule with a schedule only"],
)
def test_some_rules_and_queues_get_nothing_and_keep_nothing_from_others(
    client: Any, listener: Listener, own_queue: Callable[..., Listener], settings: dict[str, Any]
) -> None:
    deaf = own_queue(**settings)

    event = client("events").put_events(Entries=[ECHO])["Entries"][0]["EventId"]

    listener.hears(lambda each: bool(each["id"] == event))
    assert deaf.takes() == []


def test_a_rule_without_a_queue_does_not_stop_the_others(
    client: Any, listener: Listener, own_queue: Callable[..., Listener], alarm: str
) -> None:
    gone = own_queue(PATTERN)
    client("sqs").delete_queue(QueueUrl=gone.url)
    client("cloudwatch").delete_alarms(AlarmNames=[alarm])

    assert listener.hears(about(alarm, CONFIGURATION, operation="delete"))


def test_a_message_ends_with_its_time(client: Any, own_queue: Callable[..., Listener]) -> None:
    brief = own_queue({"source": ["tealgate"]})
    client("events").put_events(Entries=[ECHO])
    # AWS takes no less than a minute, which nobody wants to wait for.
    client("sqs").set_queue_attributes(QueueUrl=brief.url, Attributes={"MessageRetentionPeriod": "0"})

    assert brief.takes() == []
