"""Events: EventBridge's as they come out of the queue, and ours that shows whether any come.

One rule on the default bus of each account and region sends these to the queue, as they are:

    aws.cloudwatch  CloudWatch Alarm State Change, CloudWatch Alarm Configuration Change
    aws.ecs         ECS Task State Change
    aws.ecr         ECR Image Action
    tealgate        Tealgate Echo

The first two are durable: CloudWatch and ECS deliver each to EventBridge at least once. ECR does what it can, so that
repositories are looked at without being told as well.
https://docs.aws.amazon.com/eventbridge/latest/ref/event-delivery-level.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws import actions, errors
from deployments.aws.calling import Caller
from deployments.aws.translate import from_answer

SOURCE, ECHO = "tealgate", "Tealgate Echo"
_ALARM = ("CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change")
_TASK = "ECS Task State Change"
_IMAGE = "ECR Image Action"


@dataclass(frozen=True, kw_only=True)
class AwsEvent:
    """One event. Set is one of `alarm`, `service` with its `cluster`, `repository`, `echo_of` (a deployment's key)."""

    account: str
    region: str
    alarm: str = ""
    cluster: str = ""
    service: str = ""
    #: of ECR, without its host: a tag was pushed to it
    repository: str = ""
    echo_of: str = ""


def read(body: str) -> AwsEvent | None:
    """None is an event that means nothing to us, such as a task that starts. Raises ValueError: that is no event."""
    try:
        event = json.loads(body)
        place = {"account": str(event["account"]), "region": str(event["region"])}
        detail: Mapping[str, Any] = event["detail"]
        match event["source"], event["detail-type"]:
            case "aws.cloudwatch", kind if kind in _ALARM:
                return AwsEvent(**place, alarm=str(detail["alarmName"]))
            case "aws.ecs", kind if kind == _TASK:
                return _stopped(place, detail)
            case "aws.ecr", kind if kind == _IMAGE:
                return _pushed(place, detail)
            case source, kind if (source, kind) == (SOURCE, ECHO):
                return AwsEvent(**place, echo_of=str(detail["deployment"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return None


def _stopped(place: Mapping[str, str], detail: Mapping[str, Any]) -> AwsEvent | None:
    group = str(detail.get("group", ""))
    if detail["lastStatus"] != "STOPPED" or not group.startswith("service:"):
        return None
    return AwsEvent(
        **place, cluster=str(detail["clusterArn"]).rpartition("/")[2], service=group.removeprefix("service:")
    )


def _pushed(place: Mapping[str, str], detail: Mapping[str, Any]) -> AwsEvent | None:
    """The manifests inside an index are pushed before it, without a tag."""
    done = (detail["action-type"], detail["result"]) == ("PUSH", "SUCCESS")
    return AwsEvent(**place, repository=str(detail["repository-name"])) if done and detail.get("image-tag") else None


class Events(Caller):
    def _put_echo(self, action: actions.PutEvents) -> actions.Made:
        entry = {"Source": SOURCE, "DetailType": ECHO, "Detail": json.dumps({"deployment": action.echo_of})}
        answer = self.call("events", "PutEvents", Entries=[entry])
        for refused in (entry for entry in answer["Entries"] if "ErrorCode" in entry):
            raise _refusal(refused)
        return actions.Made()


def _refusal(entry: Mapping[str, Any]) -> errors.AwsError:
    said = {"Code": entry["ErrorCode"], "Message": entry.get("ErrorMessage", "")}
    return from_answer("PutEvents", {"Error": said})
