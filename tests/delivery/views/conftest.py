"""Deployments to look at, as rows or as the engine left them, and the values that a door gets of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import DeploymentView, deployment_view, load
from deployments.delivery.views.reader_actions import Act, ActionView
from deployments.people.principal import Principal
from tests.delivery.engine.world import World, make_world

#: A deployment as a person sees it, at the time of the world's clock.
Seen = Callable[[Deployment, User], DeploymentView]


@pytest.fixture
def world(db: None) -> World:
    return make_world(max_latency_ms=200)


@pytest.fixture
def seen(world: World) -> Seen:
    def view(deployment: Deployment, person: User) -> DeploymentView:
        loaded = load(deployment.pk)
        assert loaded
        return deployment_view(loaded, principal=Principal.person(person), now=world.clock())

    return view


def actions(view: DeploymentView) -> dict[Act, ActionView]:
    return {action.act: action for action in view.actions}


def change(deployment: Deployment, **columns: Any) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(**columns)
