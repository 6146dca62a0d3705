"""One shop with one environment, AWS in memory, and a pipeline with a token."""

from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.aws.values import Image
from deployments.catalog import environments, releases, tokens
from deployments.catalog.models import Environment, GatePolicy
from deployments.delivery import requests
from deployments.ops import rate
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from tests.delivery.engine.world import Clock, World, made, make_environment, make_release
from tests.fakes.aws import FakeGateway

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"


class Pipeline:
    """Speaks JSON, and shows its token."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=True)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._client.get(f"/api/v1{path}", query or {}, headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._sent("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._sent("put", path, body, headers)

    def delete(self, path: str) -> Any:
        return self._client.delete(f"/api/v1{path}")

    def _sent(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        send = getattr(self._client, method)
        return send(f"/api/v1{path}", body or {}, content_type="application/json", headers=_named(headers))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def world(requester: User, approver: User) -> World:
    environment = make_environment()
    made(GatePolicy(environment=environment, timeout_minutes=60))
    return World(
        environment=environment,
        release=make_release(environment.application),
        requester=requester,
        approver=approver,
        clock=Clock(timezone.now()),  # the door asks the real one
    )


Given = Callable[..., Pipeline]


@pytest.fixture(autouse=True)
def tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each test its own: names of tokens are the same in all."""
    limits = rate.AWS_READERS
    monkeypatch.setattr(rate, "AWS_READERS", rate.Bucket(burst=limits.burst, per_second=limits.per_second))


@pytest.fixture
def given(world: World) -> Given:
    """A pipeline with a token of the requester's, for these scopes and environments."""

    def make(*scopes: str, environments: Collection[Environment] = (), name: str = "shop-ci") -> Pipeline:
        _, secret = tokens.make(
            name=name,
            scopes=scopes or tuple(SCOPES),
            environments=environments,
            principal=Principal.person(world.requester),
            now=timezone.now(),
        )
        return Pipeline(secret)

    return make


@pytest.fixture
def ci(given: Given) -> Pipeline:
    return given()


@pytest.fixture
def aws(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    for image in world.release.images.all():
        found = Image(repository=image.repository, tag="1.1.0", digest=image.digest, platforms=tuple(image.platforms))
        world.aws.images[image.repository, image.digest] = found
    for module in (environments, requests):
        monkeypatch.setattr(module, "connect", lambda binding: world.aws)
    return world


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """Has shop:1.4 and shop:1.5."""
    aws = FakeGateway()
    for tag, letter in (("1.4", "4"), ("1.5", "5")):
        digest = "sha256:" + letter * 64
        aws.images[ECR, tag] = Image(repository=ECR, tag=tag, digest=digest, platforms=("linux/amd64",))
    monkeypatch.setattr(releases, "connect", lambda binding: aws)
    return aws
