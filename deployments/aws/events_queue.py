"""The queue that EventBridge fills, read with our own credentials."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deployments.aws import sessions
from deployments.aws.calling import Caller

#: The longest that SQS lets a call wait for a message.
WAIT_SECONDS = 20
_AT_ONCE = 10


@dataclass(frozen=True)
class Message:
    body: str
    receipt: str


class EventsQueue:
    """Raises what a gateway raises."""

    def __init__(self, region: str, name: str) -> None:
        self._calls = Caller(sessions.Patient(region, WAIT_SECONDS))
        self._name = name
        self._url = ""

    def receive(self) -> tuple[Message, ...]:
        """As soon as there is a message, or none after WAIT_SECONDS."""
        if not self._url:
            self._url = self._calls.call("sqs", "GetQueueUrl", QueueName=self._name)["QueueUrl"]
        answer = self._calls.call(
            "sqs", "ReceiveMessage",
            QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=WAIT_SECONDS,
        )  # fmt: skip
        return tuple(Message(raw["Body"], raw["ReceiptHandle"]) for raw in answer.get("Messages", ()))

    def delete(self, messages: Sequence[Message]) -> None:
        """One that SQS does not delete is delivered again, which does no harm."""
        entries: list[dict[str, Any]] = [
            {"Id": str(number), "ReceiptHandle": message.receipt} for number, message in enumerate(messages)
        ]
        self._calls.call("sqs", "DeleteMessageBatch", QueueUrl=self._url, Entries=entries)
