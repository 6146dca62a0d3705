"""The same request by several threads at once, under one key: done once, and told to each."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deployments.catalog import device_grants
from deployments.catalog.models import Token
from deployments.delivery.models import Deployment
from deployments.ops.models import Answered
from deployments.people.principal import Principal
from tests.api.conftest import Given
from tests.delivery.engine.test_concurrency import database_of_threads  # noqa: F401 - it is for all tests of this module
from tests.delivery.engine.threads import at_once
from tests.delivery.engine.world import World

PATH = "/api/v1/environments/shop/production/deployments"


def sent(secret: str, version: str) -> tuple[int, str]:
    client = Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "run-1"})
    answer = client.post(PATH, {"version": version, "reason": "merged"}, content_type="application/json")
    return answer.status_code, json.dumps(answer.json())


@pytest.mark.django_db(transaction=True)
def test_one_deployment_is_made(world: World, given: Given) -> None:
    secret, version = given().secret, world.release.version

    answers = at_once(*[lambda: sent(secret, version)] * 6)

    assert {status for status, _ in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    assert all("being answered just now" in body for status, body in answers if status == 409)
    assert Deployment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_terminal_is_given_one_token(world: World) -> None:
    said: dict[str, Any] = {"client": "tealgate", "address": "127.0.0.1", "now": timezone.now()}
    codes = device_grants.ask(**said)
    grant = device_grants.waiting(codes.user, timezone.now())
    assert grant
    device_grants.allow(grant=grant, principal=Principal.person(world.approver), now=timezone.now())

    def fetched() -> int:
        answer = Client().post("/api/v1/device/token", {"device_code": codes.device}, content_type="application/json")
        return int(answer.status_code)

    assert sorted(at_once(*[fetched] * 6)) == [200, *[400] * 5]
    assert Token.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_is_refused_to_each(given: Given) -> None:
    secret = given().secret

    answers = at_once(*[lambda: sent(secret, "9.9")] * 6)

    assert {status for status, _ in answers} <= {404, 409}
    assert not Answered.objects.exists()
