"""The same request by several threads at once, under one key: done once, and told to each."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.catalog import device_grants
from deployments.catalog.models import IssuerKeys, JobToken, Token
from deployments.catalog.trusts import issuer_keys, making
from deployments.delivery.models import Deployment
from deployments.ops.models import Answered
from deployments.people.principal import Principal
from tests.api.conftest import Given
from tests.delivery.engine.test_concurrency import database_of_threads  # noqa: F401 - it is for all tests of this module
from tests.delivery.engine.threads import at_once
from tests.delivery.engine.world import World
from tests.fakes.issuer import AUDIENCE, Issuer, issuing, rsa_key

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


@pytest.fixture
def trusting(world: World, administrator: User, settings: Any) -> Iterator[Issuer]:
    with issuing() as issuer:
        settings.OIDC_PLAIN_ISSUERS = [issuer.name]
        making.make(
            name="ci", issuer=issuer.name, audience=AUDIENCE, claims={"sub": "x"}, scopes=["read"], applications=[],
            environments=[], principal=Principal.person(administrator), now=timezone.now(),
        )  # fmt: skip
        yield issuer


def exchanged(token: str) -> int:
    return int(Client().post("/api/v1/oidc/token", {"id_token": token}, content_type="application/json").status_code)


@pytest.mark.django_db(transaction=True)
def test_an_id_token_is_exchanged_once(world: World, trusting: Issuer) -> None:
    token = trusting.token(timezone.now(), sub="x")

    assert sorted(at_once(*[lambda: exchanged(token)] * 6)) == [201, *[401] * 5]
    assert JobToken.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_rotated_keys_are_read_once_however_many_jobs_start(world: World, trusting: Issuer) -> None:
    trusting.keys = {"two": rsa_key(1)}
    trusting.publish()
    IssuerKeys.objects.update(asked_at=timezone.now() - issuer_keys.PAUSE)
    tokens = [trusting.token(timezone.now(), kid="two", sub="x") for _ in range(6)]

    answers = at_once(*[lambda token=token: exchanged(token) for token in tokens])

    assert trusting.asked == 2
    assert 201 in answers and set(answers) <= {201, 503}


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_is_refused_to_each(given: Given) -> None:
    secret = given().secret

    answers = at_once(*[lambda: sent(secret, "9.9")] * 6)

    assert {status for status, _ in answers} <= {404, 409}
    assert not Answered.objects.exists()
