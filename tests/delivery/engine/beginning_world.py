"""Worlds in which an ordinary deployment is refused: production is sick, or nothing runs."""

from dataclasses import dataclass

import pytest

from deployments.aws.values import Image
from deployments.catalog import environments
from deployments.delivery import requests
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import DeploymentKind
from tests.delivery.engine.crashing import Story
from tests.delivery.engine.world import World, person


@dataclass(frozen=True)
class Begun(Story):
    """One that begins as a repair or as a first release."""

    kind: DeploymentKind = DeploymentKind.REPAIR

    def begin(self) -> tuple[World, Deployment]:
        with pytest.MonkeyPatch.context() as patch:
            world = connected(self.make(), patch)
            return world, begun(world, self.kind, self.strategy)


def connected(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """What asks for a repair or a first release reads the account in memory; a person may ask for both."""
    for module in (environments, requests):
        monkeypatch.setattr(module, "connect", lambda binding: world.aws)
    for image in world.release.images.all():
        found = Image(repository=image.repository, tag="1.1.0", digest=image.digest, platforms=("linux/amd64",))
        world.aws.images[image.repository, image.digest] = found
    rights = ("add_deployment", "stop_deployment", "repair_deployment", "first_deployment")
    world.requester = person("mender", *rights)
    return world


def begun(world: World, kind: DeploymentKind, strategy: str = "") -> Deployment:
    return requests.request_deployment(
        environment=world.environment,
        release=world.release,
        strategy=strategy or world.environment.strategy,
        principal=Principal.person(world.requester),
        reason="the health check answers 400",
        now=world.clock(),
        kind=kind,
    )
