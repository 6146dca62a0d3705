"""The engine's world where AWS's events are read: a gate at 10 %, and what tests have AWS tell."""

import json
from datetime import timedelta
from typing import Any

from deployments.catalog.models import GatePolicy
from deployments.delivery.models import Deployment, EventsQueue
from deployments.ops import events_listener
from deployments.vocabulary import Stage
from tests.delivery.engine.world import NOON, World, made, make_world
from tests.fakes.aws import SHOP

HERE = {"account": "123456789012", "region": "eu-central-1"}


def make_listening_world(**changes: Any) -> World:
    """A gate at 10 %, and a queue that is read."""
    world = make_world(gate=False, canary_bake_seconds=2, bake_seconds=2, **changes)
    made(GatePolicy(environment=world.environment, stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10))
    EventsQueue.objects.create(read_at=NOON + timedelta(days=1))
    return world


def tell(world: World, source: str, kind: str, **detail: Any) -> None:
    body = json.dumps({**HERE, "source": source, "detail-type": kind, "detail": detail})
    events_listener.hear([body], world.clock())


def tell_echo(world: World, deployment: Deployment) -> None:
    tell(world, "tealgate", "Tealgate Echo", deployment=deployment.key)


def tell_of_alarm(world: World, deployment: Deployment) -> None:
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")
    tell(world, "aws.cloudwatch", "CloudWatch Alarm State Change", alarmName=SHOP.alarm)


def at_the_gate(world: World) -> Deployment:
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    tell_echo(world, deployment)
    world.run(deployment)
    assert world.share("green") == 10
    return world.advance(deployment)


def an_hour_goes_by(world: World, deployment: Deployment) -> None:
    """Pass by pass, as often as the deployment wants to be looked at."""
    ends = world.clock.now + timedelta(hours=1)
    EventsQueue.objects.update(read_at=ends)
    while deployment.next_check_at and deployment.next_check_at < ends:
        world.clock.now = deployment.next_check_at
        EventsQueue.objects.update(read_at=world.clock.now)
        world.advance(deployment)
