"""One shop with one environment, AWS in memory, and browsers for the cast."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.aws.values import Image
from deployments.catalog import environments
from deployments.catalog.models import GatePolicy
from deployments.delivery import requests
from deployments.delivery.models import Deployment
from deployments.people import roles
from tests.conftest import group_of
from tests.delivery.engine.told import AwsEvent
from tests.delivery.engine.world import Clock, World, made, make_environment, make_release

Browser = Callable[[User | str], Client]


@pytest.fixture
def world(requester: User, approver: User) -> World:
    environment = make_environment()
    made(GatePolicy(environment=environment, timeout_minutes=60))
    # The pages ask the real clock.
    return World(
        environment=environment,
        release=make_release(environment.application),
        requester=requester,
        approver=approver,
        clock=Clock(timezone.now()),
    )


@pytest.fixture
def aws(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The account in memory behind the pages that read AWS."""
    for image in world.release.images.all():
        found = Image(repository=image.repository, tag="1.1.0", digest=image.digest, platforms=tuple(image.platforms))
        world.aws.images[image.repository, image.digest] = found
    for module in (environments, requests):
        monkeypatch.setattr(module, "connect", lambda binding: world.aws)
    return world


@pytest.fixture(scope="module")
def told() -> AwsEvent:
    return AwsEvent()


@pytest.fixture
def at_gate(world: World, told: AwsEvent) -> Deployment:
    return told.again("at gate", world, lambda: world.run(world.request()))


@pytest.fixture
def shifting(world: World, at_gate: Deployment, told: AwsEvent) -> Deployment:
    """A tenth of production is on green."""

    def approved() -> Deployment:
        world.approve(at_gate)
        return world.advance(at_gate)

    return told.again("shifting", world, approved)


@pytest.fixture
def warm(world: World, shifting: Deployment, told: AwsEvent) -> Deployment:
    """All traffic is on green, and blue still runs."""

    def watched() -> Deployment:
        while not shifting.is_warm:
            world.clock.forward(minutes=1)  # past all that is watched, instead of a dozen looks
            world.advance(shifting)
        return shifting

    told.again("warm", world, watched)
    # The watching took minutes of the test's clock; the page's clock is the real one.
    Deployment.objects.filter(pk=shifting.pk).update(source_kept_until=timezone.now() + timedelta(minutes=9))
    shifting.refresh_from_db()
    return shifting


@pytest.fixture
def administrator(db: None) -> User:
    person = User.objects.create_user("administrator", password="correct horse", is_staff=True)
    person.groups.add(group_of(roles.ADMINISTRATORS))
    return person


@pytest.fixture
def browse() -> Browser:
    def browser(person: User | str) -> Client:
        client = Client()
        client.force_login(person if isinstance(person, User) else User.objects.get(username=person))
        return client

    return browser
