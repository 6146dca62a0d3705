"""Rules, the queues they fill, and what clients say on the bus."""

import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.sqs.models import sqs_backends

from sandbox.account import ACCOUNT, REGION, arn
from sandbox.server import Sandbox
from sandbox.world.events import PATTERN
from tests.sandbox.conftest import eventually, polling
from tests.sandbox.listening import CONFIGURATION, STATE, Listener, about, goes_to, put_alarm

SCALE = 100
ECHO = {"Source": "tealgate", "DetailType": "Tealgate Echo", "Detail": '{"number": 7}'}


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
        client("events").put_targets(Rule=name, Targets=[{"Id": "one", "Arn": arn("sqs", name, REGION)}])
        return Listener(client("sqs"), name)

    yield make
    client("events").remove_targets(Rule=name, Ids=["one"])
    client("events").delete_rule(Name=name)


def test_what_a_client_says_comes_back_to_who_waits(
    client: Any, own_queue: Callable[..., Listener], sandbox: Sandbox
) -> None:
    echoes = own_queue({"source": ["tealgate"]})
    waiting = polling(sandbox, lambda: echoes.takes(wait=20))

    answer = client("events").put_events(Entries=[ECHO])
    waiting.join()

    assert answer["FailedEntryCount"] == 0
    assert [(each["id"], each["source"], each["detail-type"], each["detail"]) for each in echoes.heard] == [
        (answer["Entries"][0]["EventId"], "tealgate", "Tealgate Echo", {"number": 7})
    ]


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


def test_what_happens_in_another_region_comes_by_a_rule_there(client: Any, listener: Listener) -> None:
    events, cloudwatch = (client(service, region="eu-west-1") for service in ("events", "cloudwatch"))
    name = f"abroad-{uuid.uuid4().hex[:6]}"
    for word, action in (("may", "events:PutEvents"), ("may-not", "sqs:*")):
        role = role_of_events(client, f"{word}-{name}", action)
        target = {"Id": "home", "Arn": arn("events", "event-bus/default", REGION), "RoleArn": role}
        events.put_rule(Name=word, EventPattern=json.dumps({"detail": {"alarmName": [f"{word}-{name}"]}}))
        events.put_targets(Rule=word, Targets=[target])
    for word in ("may-not", "may"):
        cloudwatch.put_composite_alarm(AlarmName=f"{word}-{name}", AlarmRule="FALSE")

    event = listener.hears(about(f"may-{name}", CONFIGURATION, operation="create"))

    assert event["region"] == "eu-west-1"
    assert event["resources"] == [f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:may-{name}"]
    assert not any(about(f"may-not-{name}", CONFIGURATION)(each) for each in listener.heard)


def role_of_events(client: Any, name: str, action: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    client("iam").put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=json.dumps(document))
    return str(role["Role"]["Arn"])


def test_a_rule_without_a_queue_does_not_stop_the_others(
    client: Any, listener: Listener, own_queue: Callable[..., Listener]
) -> None:
    gone = own_queue(PATTERN)
    client("sqs").delete_queue(QueueUrl=gone.url)
    name = f"heard-{uuid.uuid4().hex[:6]}"
    put_alarm(client, name)

    assert listener.hears(about(name, CONFIGURATION, operation="create"))


def test_a_rule_that_fails_is_in_the_log_and_others_hear_what_comes_after(
    client: Any, listener: Listener, own_queue: Callable[..., Listener], caplog: pytest.LogCaptureFixture
) -> None:
    own_queue({"detail": {"alarmName": [{"wildcard": None}]}})  # AWS would not take it
    names = [f"{which}-{uuid.uuid4().hex[:6]}" for which in ("first", "second")]
    for name in names:
        put_alarm(client, name)

    for name in names:
        assert listener.hears(about(name, CONFIGURATION, operation="create"))
    assert "failed with an event of aws.cloudwatch" in caplog.text


def test_each_message_comes_and_goes_once_while_others_come_and_go(own_queue: Callable[..., Listener]) -> None:
    name = own_queue({"source": ["tealgate"]}).url.rpartition("/")[2]
    backend = sqs_backends[ACCOUNT][REGION]
    seen: list[str] = []
    done = threading.Event()

    def take() -> None:
        while not done.is_set():
            for message in backend.receive_message(name, 10, 0, 30):
                backend.delete_message(name, str(message.receipt_handle))
                seen.append(message.body)

    taking = threading.Thread(target=take)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        taking.start()
        for number in range(500):
            backend.send_message(name, str(number))
        eventually(lambda: len(seen) >= 500, within=10)
    finally:
        sys.setswitchinterval(interval)
        done.set()
        taking.join()

    queue = backend.get_queue(name)
    assert sorted(seen, key=int) == [str(number) for number in range(500)]
    assert (queue.approximate_number_of_messages, queue.approximate_number_of_messages_not_visible) == (0, 0)


def test_a_message_ends_with_its_time(client: Any, own_queue: Callable[..., Listener]) -> None:
    brief = own_queue({"source": ["tealgate"]})
    client("events").put_events(Entries=[ECHO])
    # AWS takes no less than a minute, which nobody wants to wait for.
    client("sqs").set_queue_attributes(QueueUrl=brief.url, Attributes={"MessageRetentionPeriod": "0"})

    assert brief.takes() == []
