"""What the listener makes of ECR's events."""

import json

import pytest

from deployments.catalog.models import SelfRegistration
from deployments.ops import events_listener
from tests.catalog.self_registering.registry import make_registry

pytestmark = pytest.mark.django_db


def pushed(repository: str, **changes: str) -> str:
    detail = {"result": "SUCCESS", "repository-name": repository, "image-tag": "1.4.2", "action-type": "PUSH"}
    place = {"account": "123456789012", "region": "eu-central-1"} | changes
    return json.dumps({**place, "source": "aws.ecr", "detail-type": "ECR Image Action", "detail": detail})


@pytest.mark.parametrize(
    ("body", "due"),
    [
        (pushed("shop/web"), True),
        (pushed("shop/other"), False),
        (pushed("shop/web", account="210987654321"), False),
        (pushed("shop/web", region="us-east-1"), False),
    ],
)
def test_a_push_makes_the_look_at_its_repository_due(monkeypatch: pytest.MonkeyPatch, body: str, due: bool) -> None:
    registry = make_registry(monkeypatch)
    registry.switch_on()
    registry.look()

    events_listener.hear([body, body], registry.clock())

    assert SelfRegistration.objects.due(registry.clock()).exists() is due


def test_what_is_no_event_keeps_none_of_the_others_from_being_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would come back with them for as long as the queue keeps it."""
    registry = make_registry(monkeypatch)
    registry.switch_on()
    registry.look()

    events_listener.hear(["[" * 200_000, "9" * 5000, "null", pushed("shop/web")], registry.clock())

    assert SelfRegistration.objects.due(registry.clock()).exists()
