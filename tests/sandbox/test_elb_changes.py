"""Requests that are under way while a listener changes."""

import asyncio
import itertools
import threading
from collections.abc import Iterator

import pytest

from sandbox.clock import Clock
from sandbox.elb.actions import Forward
from sandbox.elb.exchange import Route, Settings
from sandbox.elb.meter import Meter
from sandbox.elb.metrics import Metrics
from sandbox.elb.pool import Pool
from sandbox.elb.proxy import Proxy
from sandbox.elb.targets import HEALTHY, Target, TargetGroup
from tests.sandbox.load_balancing import Balanced, balanced, eventually, weighted

BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1234"
names = (f"change-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as running:
        yield running


@pytest.mark.parametrize("deregisters", [False, True])
def test_a_request_under_way_outlives_its_group_in_the_rule(world: Balanced, deregisters: bool) -> None:
    old, new = world.target_group(next(names)), world.target_group(next(names))
    listener = world.listener(world.load_balancer(next(names)), weighted((old, 1), (new, 0)))
    patient = world.serving(old, "patient")
    world.serving(new, "next")
    world.wait_for(old, "healthy")
    world.wait_for(new, "healthy")
    patient.delay = 0.4
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(world.get(listener)))
    asking.start()
    eventually(lambda: bool(patient.seen))

    world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=weighted((new, 1)))
    if deregisters:
        world.deregister(old, patient)
    assert world.get(listener) == (200, "next")
    asking.join()

    assert answers == [(200, "patient")]


def test_a_request_that_is_routed_while_its_targets_leave_goes_by_the_new_rule(world: Balanced) -> None:
    staying = world.target("staying")
    old, new = TargetGroup("old"), TargetGroup("new")
    new.targets["t", 1] = Target("t", staying.port, staying.ip, HEALTHY)
    new.settle()

    async def served() -> bytes:
        def swap(request: object) -> bool:
            proxy.settings = _settings(Route([], Forward([new], [1])))
            return True

        pool = Pool()
        proxy = Proxy(_settings(Route([swap], Forward([old], [1]))), pool, Meter(Metrics(60.0), BALANCER))
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        pool.close()
        server.close()
        await server.wait_closed()
        return answer

    answer = asyncio.run(served())

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"staying")


def _settings(*routes: Route) -> Settings:
    return Settings("HTTP", 80, 80, routes, Clock(1.0).seconds(60))
