"""What is retired has no address here, and by its number nothing is done with it; another one may have its name."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.catalog.models import Environment
from deployments.delivery import retiring
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status
from tests.api.conftest import Pipeline
from tests.delivery import stages
from tests.delivery.engine.world import World, make_environment

PLACE = "/environments/shop/production"


@pytest.fixture
def failed(world: World) -> Deployment:
    return stages.not_rolled_back(world)


@pytest.fixture
def ci(ci: Pipeline, world: World, failed: Deployment, administrator: User) -> Pipeline:
    """After the environment was retired."""
    who = Principal.person(administrator)
    retiring.retire(environment=world.environment, principal=who, reason="Gone", now=timezone.now())
    return ci


def numbers(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json()["items"]]


def test_its_addresses_are_gone_and_nothing_is_done_by_its_number(ci: Pipeline, failed: Deployment) -> None:
    told, before = Event.objects.count(), Environment.objects.values().get()
    ask = {"version": "1.1.0", "reason": "Once more", "strategy": "CANARY"}
    answers = [
        ci.get(PLACE),
        ci.post(f"{PLACE}/deployments", ask),
        ci.put(f"{PLACE}/lock", {"message": "Freeze"}),
        ci.delete(f"{PLACE}/lock"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    retried = ci.post(f"/deployments/{failed.pk}/retry")
    assert retried.status_code in range(400, 500)
    assert "was retired by administrator" in retried.content.decode()
    assert ci.get(f"/deployments/{failed.pk}").status_code == 200
    assert (Deployment.objects.get().status, Event.objects.count()) == (Status.ROLLBACK_FAILED, told)
    assert Environment.objects.values().get() == before


def test_by_its_name_only_those_of_its_successor_are_listed(ci: Pipeline, world: World, failed: Deployment) -> None:
    world.environment = make_environment(application=world.environment.application)
    new = world.request()

    assert numbers(ci.get("/deployments", {"application": "shop", "environment": "production"})) == [new.pk]
    assert sorted(numbers(ci.get("/deployments"))) == [failed.pk, new.pk]
