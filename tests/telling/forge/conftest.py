"""A shop whose code is on a GitHub on loopback, and a worker that tells it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction

from deployments.catalog.models import Environment, Release
from deployments.delivery.models import Deployment
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.telling.forge import app_tokens, telling
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository
from deployments.vocabulary import Status
from tests.delivery.engine.world import World, make_release, make_world
from tests.telling.forge.github_server import APP, INSTALLATION, GitHub, key_pair
from tests.telling.forge.server import served

RECEIVER = "deployments.telling.forge.receiving.receive"
SHA = "c0ffee" + "0" * 34
SECRET = "It's a Secret to Everybody"  # noqa: S105
RUN = 77


@pytest.fixture(scope="session")
def keys() -> tuple[str, str]:
    """PEM: private, public."""
    return key_pair()


@pytest.fixture
def world(settings: LazySettings) -> World:
    settings.OUTBOX_RECEIVERS = [RECEIVER]
    world = make_world(gate=False, termination_wait_seconds=60, bake_seconds=1, production_url="https://shop.example")
    return with_commit(world, SHA)


def with_commit(world: World, sha: str) -> World:
    Release.objects.filter(pk=world.release.pk).update(git_sha=sha)
    world.release.refresh_from_db()
    return world


def another_release(world: World, version: str, sha: str) -> Release:
    release = make_release(world.environment.application, version, version[2])
    Release.objects.filter(pk=release.pk).update(git_sha=sha)
    release.refresh_from_db()
    return release


@pytest.fixture
def github(world: World, keys: tuple[str, str]) -> Iterator[GitHub]:
    app_tokens.forget()
    github = GitHub(keys[1], world.clock)
    github.commits.add(SHA)
    with served(github):
        yield github


@pytest.fixture
def forge(github: GitHub, keys: tuple[str, str]) -> Forge:
    return connected(github, keys[0])


def connected(github: GitHub, key: str) -> Forge:
    return Forge.objects.create(
        name="GitHub", kind=ForgeKind.GITHUB_APP, api_url=github.base, app_id=APP, installation_id=INSTALLATION,
        secret=key, webhook_secret=SECRET,
    )  # fmt: skip


@pytest.fixture
def repository(world: World, forge: Forge) -> ForgeRepository:
    application: Any = world.environment.application
    return ForgeRepository.objects.create(forge=forge, application=application, repository="shop/storefront")


def ended(world: World, **said: Any) -> Deployment:
    """Well, without the minutes that a swap takes: the first story has those."""
    deployment = world.request(**said)
    with transaction.atomic():
        Deployment.objects.filter(pk=deployment.pk).update(status=Status.SUCCESSFUL, finished_at=world.clock())
        Environment.objects.filter(pk=deployment.environment_id).update(live_release=deployment.release)
        append_event(deployment, "deployment.successful", "It is live.", now=world.clock())
    deployment.refresh_from_db()
    return deployment


def tell(world: World, holder: str = "worker") -> None:
    """What a worker does within a few seconds: hand on events, tell what is due."""
    outbox.deliver(holder, world.clock, lambda: False)
    telling.tell(holder, world.clock, lambda: False)
