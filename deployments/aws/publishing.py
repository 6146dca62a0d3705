"""Telling by AWS's own services: a topic of SNS, a bus of EventBridge. Each is sent once; botocore repeats none."""

import os
import threading
from collections.abc import Mapping
from typing import Any

from deployments.aws import errors
from deployments.aws.calling import Caller
from deployments.aws.sessions import Clients
from deployments.aws.translate import from_answer
from deployments.aws.values import Binding


class Publisher(Caller):
    """Raises what a gateway raises."""

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        """`message`: the other members of SNS's Publish."""
        self.call("sns", "Publish", TopicArn=topic, **message)

    def put_event(self, entry: Mapping[str, Any]) -> None:
        """An entry of EventBridge's PutEvents, which answers with 200 also where it does not take it."""
        answer = self.call("events", "PutEvents", Entries=[entry])
        for refused in (each for each in answer["Entries"] if "ErrorCode" in each):
            said = {"Code": refused["ErrorCode"], "Message": refused.get("ErrorMessage", "")}
            raise from_answer("PutEvents", {"Error": said})


def publisher(arn: str, *, role_arn: str = "", external_id: str = "") -> Publisher:
    """To where this ARN is; the same one every time in one process. Raises Invalid for what is none, and Denied."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn" or not parts[3]:
        raise errors.Invalid("Publish", "InvalidArn", "The address names no ARN with a region.")
    key = (os.getpid(), Binding(region=parts[3], role_arn=role_arn, external_id=external_id))
    with _lock:
        if key not in _publishers:
            _publishers[key] = Publisher(Clients(key[1]))
        return _publishers[key]


_publishers: dict[tuple[int, Binding], Publisher] = {}
_lock = threading.Lock()
