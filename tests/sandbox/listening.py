"""Somebody who waits at a queue for what AWS tells, and how to know what it is about."""

import json
import time
from collections.abc import Callable
from typing import Any

METRIC = {"Namespace": "Shop", "MetricName": "Orders", "Statistic": "Sum", "Period": 60}
STATE, CONFIGURATION = "CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"
TASK = "ECS Task State Change"
Event = dict[str, Any]


class Listener:
    """Takes what is there, and keeps it."""

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
