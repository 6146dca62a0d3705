"""Views are for any door: plain values that become JSON as they are, and code that knows of no page."""

import ast
import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from deployments.catalog.models import Environment
from deployments.delivery import views
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views.board import board_view
from deployments.delivery.views.deployment import DeploymentView, deployment_view, load
from deployments.frozen import Plan
from deployments.people.principal import Principal
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import World, make_world

pytestmark = pytest.mark.django_db

#: of the deployment's page: style, mark-up, and icons
OF_A_PAGE = ("<", "tg-", "material-symbols", "progress_activity", "front_hand", "check_circle", "M12.0")
LIFECYCLE = {"target": "i-0aaa", "status": "InProgress", "events": [{"name": "Install", "status": "InProgress"}]}


def pair() -> Deployment:
    world = make_world(max_latency_ms=200)
    deployment = world.run(world.request())
    world.approve(deployment)
    return world.advance(deployment)


def rolling() -> Deployment:
    world = make_rolling_world(gate=True)
    return world.run(world.request("ROLLING"))


def native() -> Deployment:
    return requested(make_world(gate=False), "CANARY", controller="ECS", service="shop")


def code_deploy() -> Deployment:
    names = {"codedeploy_application": "shop", "codedeploy_group": "web"}
    deployment = requested(make_world(gate=False), "Canary10Percent5Minutes", controller="CODE_DEPLOY", **names)
    deployment.targets, deployment.percent = [LIFECYCLE], 10
    deployment.save()
    return deployment


def requested(world: World, strategy: str, **columns: str) -> Deployment:
    Environment.objects.update(**columns)
    world.environment.refresh_from_db()
    return world.request(strategy)


def seen(deployment: Deployment) -> DeploymentView:
    loaded = load(deployment.pk)
    assert loaded
    return deployment_view(loaded, principal=approver(), now=timezone.now())


def approver() -> Principal:
    return Principal.person(User.objects.get(username="approver"))


@pytest.mark.parametrize("tell", [pair, rolling, native, code_deploy])
def test_a_deployment_of_each_controller_becomes_json_without_anything_of_a_page(tell: Any) -> None:
    view = seen(tell())

    text = json.dumps(dataclasses.asdict(view), cls=DjangoJSONEncoder)

    assert json.loads(text)["headline"] == view.headline
    assert [word for word in OF_A_PAGE if word in text] == []


@pytest.mark.parametrize("tell", [pair, rolling, native, code_deploy])
def test_a_deployment_of_each_controller_holds_plain_values_only(tell: Any) -> None:
    leaves = dict(walked(seen(tell())))

    assert len(leaves) > 100
    assert {name: value for name, value in leaves.items() if not isinstance(value, PLAIN)} == {}


def test_the_board_becomes_json_too() -> None:
    deployment = pair()

    board = board_view(principal=approver(), waiting_for_me=Gate.objects.for_person(approver()))
    text = json.dumps(dataclasses.asdict(board), cls=DjangoJSONEncoder)

    (row,) = json.loads(text)["rows"]
    assert row["cells"][0]["running"]["id"] == deployment.pk
    assert [word for word in OF_A_PAGE if word in text] == []


def test_a_view_cannot_be_changed() -> None:
    assert all(kind.__dataclass_params__.frozen for kind in kinds(seen(pair())))


def test_views_know_of_no_page_and_no_request() -> None:
    """import-linter sees no part of a package from outside, so it cannot tell django.db from django.http."""
    folder = Path(views.__path__[0])

    used = {name for file in folder.glob("*.py") for name in imported(file) if name.startswith("django")}

    assert used <= {"django.db.models"}


PLAIN = (str, int, float, datetime, type(None))


def walked(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf by its path."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from walked(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, tuple | list):
        for number, member in enumerate(value):
            yield from walked(member, f"{name}.{number}")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from walked(member, f"{name}.{key}")
    else:
        yield name, value


def kinds(value: Any) -> set[Any]:
    """The classes of all dataclasses in it, but the plan, which is frozen by its own test."""
    if isinstance(value, tuple):
        return {kind for member in value for kind in kinds(member)}
    if not dataclasses.is_dataclass(value) or isinstance(value, Plan):
        return set()
    inner = [kinds(getattr(value, field.name)) for field in dataclasses.fields(value)]
    return {type(value)}.union(*inner)


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
