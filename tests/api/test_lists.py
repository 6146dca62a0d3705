"""Lists cost the same however long they are."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deployments.catalog.models import Application, Environment, Release
from deployments.delivery.models import Approval, Deployment
from deployments.record.append import append_event
from tests.api.conftest import Given, Pipeline
from tests.api.description import Call, Shop, calls, shop_at_gate
from tests.delivery.engine.world import World, make_environment, make_release
from tests.delivery.stages import at_gate

LISTS = [call for call in calls() if call.method == "get" and ("query", "cursor") in call.taken]


@pytest.fixture
def shop(world: World) -> Shop:
    """One of three that differ in everything that a row can lead to."""
    approver, now = world.approver, timezone.now()
    for slug, region in (("tea", "eu-west-1"), ("cups", "us-east-1")):
        there = make_environment(application=Application.objects.create(name=slug, slug=slug), region=region)
        release = make_release(there.application)
        gate = at_gate(World(there, release, world.requester, world.approver, clock=world.clock))
        gate.groups.set(approver.groups.all())
        Approval.objects.create(gate=gate, person=approver, verdict="APPROVE", at=now)
        locked = {"live_release": release, "locked_by": approver, "locked_at": now, "unattended_by": approver}
        Environment.objects.filter(pk=there.pk).update(**locked, unattended_at=now)
        make_release(world.environment.application, version=f"2.{slug}")
    shop = shop_at_gate(world)
    append_event(Deployment.objects.get(pk=shop.deployment), "deployment.noted", "Seen", now=now)
    return shop


def queries(ci: Pipeline, call: Call, shop: Shop, limit: int) -> tuple[int, int]:
    """How many for how many rows."""
    address = call.address(shop, {"limit": limit}).removeprefix("/api/v1")
    with CaptureQueriesContext(connection) as made:
        found: dict[str, Any] = ci.get(address).json()
    return len(made), len(found["items"])


@pytest.mark.parametrize("call", LISTS, ids=str)
def test_a_longer_list_asks_the_database_no_more(call: Call, shop: Shop, given: Given) -> None:
    ci = given()
    ci.get("/applications")  # when the token was last used is noted once a minute

    (of_one, one), (of_all, all_of_them) = queries(ci, call, shop, 1), queries(ci, call, shop, 100)

    assert one == 1 < all_of_them
    assert of_all == of_one


def test_what_has_a_task_definition_is_told_without_reading_it(shop: Shop, given: Given) -> None:
    ci, document = given(), {"document": {"family": "shop"}}
    Release.objects.filter(version="2.tea").update(task_definition=document)
    one = ci.get("/applications/shop/releases/2.tea").json()

    with CaptureQueriesContext(connection) as made:
        found = {each["version"]: each for each in ci.get("/applications/shop/releases").json()["items"]}

    assert found["2.tea"]["has_task_definition"] is one["has_task_definition"] is True
    assert found["2.cups"]["has_task_definition"] is False
    (read,) = (each["sql"] for each in made.captured_queries if 'FROM "deployments_release"' in each["sql"])
    assert read.count('"task_definition"') == read.count('"task_definition" IS NOT NULL') == 1


def test_one_deployment_is_read_without_its_chart_and_its_log(
    shop: Shop, given: Given, django_assert_max_num_queries: Any
) -> None:
    ci = given()
    ci.get("/applications")

    with django_assert_max_num_queries(12) as made:
        assert ci.get(f"/deployments/{shop.deployment}").json()["gate"]["id"] == shop.gate
    assert "deployments_event" not in str(made.captured_queries)


def test_an_environment_says_why_it_has_no_gate_and_what_is_under_way(shop: Shop, given: Given) -> None:
    found = {each["application"]: each for each in given().get("/environments").json()["items"]}

    assert found["shop"]["deployment"] == shop.deployment
    assert found["shop"]["unasked"] == ""
    assert "approver" in found["tea"]["unasked"]
