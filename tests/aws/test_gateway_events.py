"""EventBridge's events as they come out of the queue, and the one that Tealgate puts."""

import json
from typing import Any

import pytest

from deployments.aws import errors, eventbridge
from deployments.aws.actions import Made, PutEvents
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs

HERE = {"account": "123456789012", "region": "eu-central-1"}
ASKED = {
    "Entries": [{"Source": "tealgate", "DetailType": "Tealgate Echo", "Detail": json.dumps({"deployment": "7-abc"})}]
}


def event(source: str, kind: str, **detail: Any) -> str:
    return json.dumps({**HERE, "version": "0", "source": source, "detail-type": kind, "detail": detail})


def task(status: str = "STOPPED", group: str = "service:shop-green") -> str:
    cluster = "arn:aws:ecs:eu-central-1:123456789012:cluster/shop"
    return event("aws.ecs", "ECS Task State Change", clusterArn=cluster, group=group, lastStatus=status)


def pushed(**changes: str) -> str:
    detail = {"result": "SUCCESS", "repository-name": "shop/web", "image-tag": "1.4.2", "action-type": "PUSH"}
    return event("aws.ecr", "ECR Image Action", **detail | changes)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            event("aws.cloudwatch", "CloudWatch Alarm State Change", alarmName="5xx", state={"value": "ALARM"}),
            AwsEvent(**HERE, alarm="5xx"),
        ),
        (
            event("aws.cloudwatch", "CloudWatch Alarm Configuration Change", alarmName="5xx", operation="delete"),
            AwsEvent(**HERE, alarm="5xx"),
        ),
        (task(), AwsEvent(**HERE, cluster="shop", service="shop-green")),
        (task("RUNNING"), None),
        (task(group="family:migration"), None),
        (event("tealgate", "Tealgate Echo", deployment="7-abc"), AwsEvent(**HERE, echo_of="7-abc")),
        (pushed(), AwsEvent(**HERE, repository="shop/web")),
        (pushed(**{"image-tag": ""}), None),
        (pushed(result="FAILURE"), None),
        (pushed(**{"action-type": "DELETE"}), None),
        (event("somebody", "Tealgate Echo", deployment="7-abc"), None),
        (event("aws.ecs", "ECS Deployment State Change", eventName="SERVICE_DEPLOYMENT_COMPLETED"), None),
    ],
)
def test_an_event_says_what_it_is_about(body: str, told: AwsEvent | None) -> None:
    assert eventbridge.read(body) == told


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", "null", "{}", json.dumps({**HERE, "source": "tealgate"}), event("tealgate", "Tealgate Echo")],
)
def test_what_is_no_event_is_said_to_be_none(body: str) -> None:
    with pytest.raises(ValueError, match="."):
        eventbridge.read(body)


def test_an_echo_is_put_on_the_default_bus(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("events", "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, ASKED)

    assert gateway.perform(PutEvents(echo_of="7-abc")) == Made()
    assert aws.asked == [("events", True, "")]


def test_an_event_that_the_bus_does_not_take_is_an_error(gateway: BotoGateway, aws: Stubs) -> None:
    entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
    aws.add("events", "put_events", {"FailedEntryCount": 1, "Entries": [entry]}, ASKED)

    with pytest.raises(errors.Unavailable, match="try again"):
        gateway.perform(PutEvents(echo_of="7-abc"))
