"""Queues and rules when the sandbox ends, and after it came back."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.account import REGION, arn
from sandbox.server import Sandbox
from sandbox.world.events import PATTERN
from tests.sandbox.conftest import client_of, polling

QUEUE, STATE = "tealgate-events", "CloudWatch Alarm State Change"


def opened(state: Path | None = None) -> Sandbox:
    return Sandbox(scale=100, applications=(), state=state)


def rules(sandbox: Sandbox) -> list[str]:
    return [rule["Name"] for rule in sandbox.client("events").list_rules()["Rules"]]


def url(sandbox: Sandbox, queue: str = QUEUE) -> str:
    return str(sandbox.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def news(sandbox: Sandbox, queue: str = QUEUE) -> list[str]:
    """All that is told up to the end of an alarm that was only made for it."""
    change_an_alarm(sandbox)
    heard: list[str] = []
    while "delete" not in heard:
        answer = sandbox.client("sqs").receive_message(
            QueueUrl=url(sandbox, queue), WaitTimeSeconds=5, MaxNumberOfMessages=10
        )
        events = [json.loads(message["Body"]) for message in answer["Messages"]]
        heard += [each["detail"].get("operation", each["detail-type"]) for each in events]
    return [each for each in heard if each != STATE]  # which it may have come to meanwhile


def change_an_alarm(sandbox: Sandbox) -> None:
    cloudwatch = sandbox.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="never", AlarmRule="FALSE")
    cloudwatch.delete_alarms(AlarmNames=["never"])


def test_the_world_has_the_queue_and_its_rule_from_the_beginning() -> None:
    with opened() as sandbox:
        rule = sandbox.client("events").describe_rule(Name=QUEUE)
        targets = sandbox.client("events").list_targets_by_rule(Rule=QUEUE)["Targets"]
        world = sandbox.control.world["events"]

        assert json.loads(rule["EventPattern"]) == PATTERN
        assert (rule["Arn"], rule["EventBusName"], rule["State"]) == (world["rule_arn"], "default", "ENABLED")
        assert [target["Arn"] for target in targets] == [world["queue_arn"]]
        assert news(sandbox) == ["create", "delete"]  # of that alarm: what was there before is no news


def test_a_restart_brings_queues_and_rules_back_and_repeats_no_news(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        all_may = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
        open_to_all = {"Version": "2012-10-17", "Statement": all_may}
        first.client("sqs").create_queue(QueueName="own", Attributes={"Policy": json.dumps(open_to_all)})
        first.client("events").put_rule(Name="own", EventPattern='{"source": ["aws.cloudwatch"]}')
        first.client("events").put_targets(Rule="own", Targets=[{"Id": "own", "Arn": arn("sqs", "own", REGION)}])
        assert news(first, "own") == ["create", "delete"]

    with opened(tmp_path) as second:
        assert rules(second) == [QUEUE, "own"]
        assert news(second, "own") == ["create", "delete"]
        second.client("events").remove_targets(Rule=QUEUE, Ids=["queue"])
        second.client("events").delete_rule(Name=QUEUE)

    with opened(tmp_path) as third:
        assert rules(third) == ["own"]


def test_who_waits_at_a_queue_keeps_nobody_waiting_and_is_not_in_the_journal(tmp_path: Path) -> None:
    with opened(tmp_path) as sandbox:
        sqs, queue = client_of(sandbox, "sqs"), url(sandbox)
        heard: list[Any] = []
        waiting = polling(sandbox, lambda: heard.append(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
        change_an_alarm(sandbox)
        waiting.join()

        # Had the change waited for the one who waits, that one would have ended without a message.
        assert heard[0]["Messages"]
        journal = (tmp_path / "journal.jsonl").read_text()
        assert len(journal.splitlines()) == 2  # the alarm's


def test_the_sandbox_does_not_wait_for_those_who_wait() -> None:
    with opened() as sandbox:
        sqs, queue = client_of(sandbox, "sqs"), url(sandbox)
        ends: list[str] = []

        def wait() -> None:
            with pytest.raises(ClientError) as refused:
                sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
            ends.append(refused.value.response["Error"]["Code"])

        waiting = polling(sandbox, wait)
    waiting.join()

    # Had it waited, that one would have ended without a message and without an error.
    assert ends == ["ServiceUnavailable"]
