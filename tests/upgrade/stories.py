"""What a version writes: deployments of every controller, ended and under way, each of an application of its own.

Told by the engine itself against AWS in memory, by a clock that stands: a version writes the same rows again, but for
random keys and the times at which rows were made.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple
from unittest import mock

from django.contrib.auth.models import Group, Permission, User

from deployments.catalog.models import Application, Environment
from deployments.delivery import approvals, moves
from deployments.delivery.models import Deployment, EventsQueue
from deployments.delivery.moves import beginning
from deployments.moving.values import Wanted
from deployments.ops.models import Heartbeat
from deployments.people import roles
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.record.kinds import Kind
from deployments.vocabulary import Stage
from tests.delivery.engine import express_world as express
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.crashing import Step, run, until
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import NOON, World, make_world
from tests.fakes.aws import API, SHOP
from tests.fakes.names import arn

PEOPLE = {"requester": roles.MANAGERS, "approver": roles.APPROVERS, "viewer": roles.VIEWERS}


class Told(NamedTuple):
    make: Callable[..., World]
    strategy: str
    steps: tuple[Step, ...]


def make_asking_world(**changes: Any) -> World:
    """What it would ask the outside comes after the stage at which it is left."""
    world = make_world(test_url="http://test.shop.example.com", **changes)
    world.environment.smoke_checks.create(path="/healthz")
    world.environment.webhooks.create(url="https://ci.example.com/hooks/of-the-shop", secret="SHOP")  # noqa: S106 - a name
    return world


def approve(world: World, deployment: Deployment) -> None:
    world.approve(deployment)


def reject(world: World, deployment: Deployment) -> None:
    gate, who = deployment.gates.open().get(), Principal.person(world.approver)
    approvals.reject(gate=gate, principal=who, comment="not on a Friday", now=world.clock())


def slowly(world: World, deployment: Deployment) -> None:
    world.aws.scale_after = 9


def alarm(world: World, deployment: Deployment) -> None:
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")


_STARTING, _SHIFTING = until(Stage.SCALE_UP), until(Stage.PRODUCTION_TRAFFIC_SHIFT)
_BAKING, _WARM = until(Stage.BAKE_TIME), until(Stage.CLEAN_UP)
#: by the application's name; those that end before `run` are under way for ever
STORIES = {
    "pair": Told(make_world, "CANARY", (run, approve, run)),
    "pair-turned-back": Told(make_world, "CANARY", (run, approve, _SHIFTING, alarm, run)),
    "pair-rejected": Told(make_world, "CANARY", (run, reject, run)),
    "pair-starting": Told(make_asking_world, "CANARY", (slowly, _STARTING)),
    "pair-at-gate": Told(make_world, "CANARY", (run,)),
    "pair-shifting": Told(make_world, "CANARY", (run, approve, _SHIFTING)),
    "pair-warm": Told(make_world, "BLUE_GREEN", (run, approve, _WARM)),
    "rolling": Told(make_rolling_world, "ROLLING", (run,)),
    "rolling-baking": Told(make_rolling_world, "ROLLING", (_BAKING,)),
    "ecs-baking": Told(shifting.make_native_world, "BLUE_GREEN", (_STARTING, shifting.ecs_bakes, _BAKING)),
    "code-deploy-baking": Told(
        shifting.make_code_deploy_world, "AllAtOnce", (_STARTING, shifting.code_deploy_bakes, _BAKING)
    ),
    "servers": Told(servers.make_servers_world, "GROUP_CONFIG", (servers.told, servers.installs, run)),
    "servers-installing": Told(servers.make_servers_world, "GROUP_CONFIG", (servers.told,)),
    "servers-stuck": Told(
        servers.make_servers_world, "GROUP_CONFIG", (servers.told, servers.cannot_stop_what_is_there, run)
    ),
    "express-at-gate": Told(express.make_express_world, "CANARY", (run,)),
    "express-shifting": Told(
        express.make_express_world, "CANARY", (run, approve, _STARTING, express.ecs_has_shifted(5), _SHIFTING)
    ),
}


def tell() -> None:
    """Into an empty database that has its tables."""
    roles.ensure_roles()
    for name, role in PEOPLE.items():
        person = User.objects.create_user(name, f"{name}@example.com", is_staff=True)
        person.groups.add(Group.objects.get(name=role))
    for name, story in STORIES.items():
        application = Application.objects.create(name=name.replace("-", " ").capitalize(), slug=name)
        world = story.make(application=application)
        _register(application)
        _with_policies(world.environment)
        deployment = world.request(story.strategy)
        for step in story.steps:
            step(world, deployment)
    _begin_a_move()
    Heartbeat.objects.create(token="host:1:a", beat_at=NOON)
    EventsQueue.objects.create(read_at=NOON)


def _begin_a_move() -> None:
    application = Application.objects.create(name="Moving", slug="moving")
    world = make_rolling_world(application=application)
    _register(application)
    world.requester.user_permissions.add(Permission.objects.get(codename="change_environment"))
    other = arn("elasticloadbalancing", "targetgroup/api-green/1")
    rule = arn("elasticloadbalancing", "listener-rule/app/api/50dc6c495c0c9188/1/2")
    world.aws.groups[other] = replace(world.aws.groups[API.target_group], arn=other, name="api-green")
    world.aws.set_weights(rule, {API.target_group: 1})
    wanted = Wanted(
        controller="ECS", alternate_target_group=other, infrastructure_role="arn:aws:iam::123456789012:role/ecs-shifts"
    )
    with mock.patch.object(beginning, "connect", lambda binding: world.aws):
        who = Principal.person(world.requester)
        moves.begin(environment=world.environment, wanted=wanted, principal=who, now=world.clock())


def _register(application: Application) -> None:
    """As a pipeline does: whoever checks the log looks for it."""
    for release in application.releases.order_by("pk"):
        holds = {"bundle": release.bundle} if release.bundle else {"images": dict(release.pinned)}
        said = f"Release {release.version} registered by ci"
        append_event(application, Kind.RELEASE_REGISTERED, said, now=NOON, data=holds)


def _with_policies(environment: Environment) -> None:
    """What stands beside an environment's columns, but for what asks the outside."""
    if environment.compute_platform == "ECS":
        environment.one_off_tasks.create(command="python manage.py migrate")
    for gate in environment.gate_policies.all():
        gate.groups.add(Group.objects.get(name=roles.APPROVERS))
