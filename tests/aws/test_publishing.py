"""Topics of SNS and buses of EventBridge, held against AWS's own models."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import ANY

from deployments.aws import errors, publishing, role_arns
from deployments.aws.publishing import Publisher
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Sent, adapter_of, through_aws
from tests.aws.aws_stubs import Stubs
from tests.delivery.engine.world import NOON
from tests.stack_database import ROOT
from tests.telling.notifications.services.outgoing import FAILED, outgoing

TOPIC = "arn:aws:sns:eu-central-1:123456789012:deploys"
BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/deploys"


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    found = Stubs()
    monkeypatch.setattr(through_aws, "publisher", lambda arn, **_: Publisher(found))
    yield found
    found.close(all_used=True)


class Heard(Publisher):
    """Takes everything."""

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        self._calls = calls

    def call(self, service: str, operation: str, /, *, region: str = "", **parameters: Any) -> dict[str, Any]:
        self._calls.append(parameters)
        return {"Entries": [{"EventId": "e"}]}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What AWS was asked."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(through_aws, "publisher", lambda arn, **_: Heard(found))
    return found


def told(url: str, **changes: Any) -> Sent:
    return adapter_of(url.partition(":")[0]).send(outgoing(url, **changes))


def published(topic: str, **changes: Any) -> dict[str, Any]:
    """What SNS is asked to publish."""
    attributes = {"kind": "rollback_failed", "does": "TELL", "thread": "rollback:deployment:7"}
    return {
        "TopicArn": topic,
        "Subject": FAILED.subject,
        "Message": ANY,
        "MessageStructure": "json",
        "MessageAttributes": {key: {"DataType": "String", "StringValue": each} for key, each in attributes.items()},
        **changes,
    }


def test_a_topic_is_told_with_what_one_can_filter_by(stubs: Stubs) -> None:
    stubs.add("sns", "publish", {"MessageId": "m"}, published(TOPIC))

    assert told(f"sns://{TOPIC}") == Sent(ok=True, said="deploys took it.")
    assert stubs.asked == [("sns", True, "")]


def test_a_fifo_topic_tells_once_however_often_it_is_sent(stubs: Stubs) -> None:
    once = {"MessageGroupId": "rollback:deployment:7", "MessageDeduplicationId": "event:123"}
    for _ in range(2):
        stubs.add("sns", "publish", {"MessageId": "m"}, published(f"{TOPIC}.fifo", **once))

    assert told(f"sns://{TOPIC}.fifo").ok and told(f"sns://{TOPIC}.fifo", attempt=2).ok


def test_a_key_that_sns_does_not_take_is_hashed_and_a_subject_is_ascii_in_a_hundred_letters(
    calls: list[dict[str, Any]],
) -> None:
    content = replace(FAILED, subject="Ünïcödé 🚀 " + "x" * 200)

    told(f"sns://{TOPIC}.fifo", key="reminder:gate 17:2", content=content)

    [asked] = calls
    assert len(asked["MessageDeduplicationId"]) == 64
    assert asked["Subject"].isascii() and len(asked["Subject"]) <= 100 and asked["Subject"].endswith("...")
    assert json.loads(asked["Message"])["sms"].startswith("Ünïcödé 🚀 xx")


def test_a_bus_hears_an_event_with_its_id_thread_and_facts(calls: list[dict[str, Any]]) -> None:
    assert told(f"eventbridge://{BUS}", does=Does.RESOLVE).ok

    [entry] = calls[0]["Entries"]
    detail = json.loads(entry.pop("Detail"))
    assert entry == {"EventBusName": BUS, "Source": "tealgate", "DetailType": "Tealgate Notification", "Time": NOON}
    assert {name: detail[name] for name in ("id", "kind", "does", "thread", "tone")} == {
        "id": "event:123", "kind": "rollback_failed", "does": "RESOLVE", "thread": "rollback:deployment:7",
        "tone": "bad",
    }  # fmt: skip
    assert detail["facts"] == {"Environment": "shop/production"} and detail["url"].endswith("/7/change/")


def test_a_bus_that_refuses_with_200_is_a_refusal(stubs: Stubs) -> None:
    refused = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    stubs.add("events", "put_events", {"FailedEntryCount": 1, "Entries": [refused]})

    sent = told(f"eventbridge://{BUS}")

    assert not sent.ok and "Not authorized for the source." in sent.said and not sent.maybe


@pytest.mark.parametrize(
    ("code", "status", "gone", "maybe"),
    [
        ("NotFound", 404, True, False), ("AuthorizationError", 403, False, False), ("Throttling", 400, False, False),
        ("InternalError", 500, False, True),
    ],
)  # fmt: skip
def test_what_sns_refuses_is_said_and_sorted(stubs: Stubs, code: str, status: int, gone: bool, maybe: bool) -> None:
    stubs.refuse("sns", "publish", code, "No.", status)

    sent = told(f"sns://{TOPIC}")

    assert (sent.ok, sent.gone, sent.maybe) == (False, gone, maybe)
    assert code in sent.said and ("infra/iam has the policy" in sent.said) == (status == 403)


def test_an_answer_of_a_fifo_topic_that_was_lost_is_no_doubt(stubs: Stubs) -> None:
    stubs.refuse("sns", "publish", "InternalError", "No.", 500)

    assert not told(f"sns://{TOPIC}.fifo").maybe


@pytest.mark.parametrize("arn", ["", "deploys", "arn:aws:sns::123456789012:deploys"])
def test_what_is_no_arn_is_refused(arn: str) -> None:
    with pytest.raises(errors.Invalid, match="no ARN with a region"):
        publishing.publisher(arn)


def test_a_role_that_is_not_on_the_list_is_not_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_arns, "_allowed", ("arn:aws:iam::123456789012:role/tealgate-*",))

    sent = told(f"sns://{TOPIC}?role=arn:aws:iam::123456789012:role/admin")

    assert not sent.ok and "AWS_ROLE_ARNS" in sent.said


def test_the_page_on_it_shows_the_event_as_it_is(calls: list[dict[str, Any]]) -> None:
    said = (ROOT / "docs/on-call.md").read_text().split("```json\n")
    shown, rule = (json.loads(each.partition("```")[0]) for each in said[1:])

    told(f"eventbridge://{BUS}")

    [entry] = calls[0]["Entries"]
    assert (shown["source"], shown["detail-type"]) == (entry["Source"], entry["DetailType"])
    assert list(shown["detail"]) == list(json.loads(entry["Detail"]))
    assert rule["source"] == [entry["Source"]] and set(rule["detail"]["kind"]) <= set(Kind)
    assert all(f"`{kind}`" in said[1] for kind in Kind if kind is not Kind.WEEKLY)
