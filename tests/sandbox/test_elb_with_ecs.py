"""The whole sandbox: ECS tasks behind a listener, a shift of all traffic under load."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from sandbox.server import Sandbox
from sandbox.world import LISTENER_PORTS
from tests.sandbox.load_balancing import eventually, weighted


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    ports = dict.fromkeys(LISTENER_PORTS, 0)
    with Sandbox(scale=60, listener_ports=ports, applications=["storefront"]) as sandbox:
        yield sandbox


class Visitors:
    """Four clients, about 200 requests a second between them, who count every answer."""

    def __init__(self, port: int) -> None:
        self.seen: Counter[str] = Counter()
        self._port = port
        self._leave = threading.Event()
        self._threads = [threading.Thread(target=self._browse) for _ in range(4)]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._leave.set()
        for thread in self._threads:
            thread.join()

    def _browse(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        while not self._leave.wait(0.02):
            connection.request("GET", "/")
            response = connection.getresponse()
            body = response.read()
            self.seen[json.loads(body)["host"] if response.status == 200 else str(response.status)] += 1
        connection.close()


def client(sandbox: Sandbox, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=sandbox.url,
        region_name=sandbox.control.world["region"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def healthy(elbv2: Any, group: str) -> int:
    found = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return sum(1 for one in found if one["TargetHealth"]["State"] == "healthy")


def test_a_swap_of_services_loses_no_request(sandbox: Sandbox) -> None:
    environment = sandbox.control.world["environments"]["production"]
    groups, services = environment["target_groups"], environment["services"]
    ecs, elbv2 = client(sandbox, "ecs"), client(sandbox, "elbv2")
    listener = environment["production_listener"]
    port = next(one["LocalPort"] for one in sandbox.load_balancers.listeners() if one["ListenerArn"] == listener)
    eventually(lambda: healthy(elbv2, groups["blue"]) == 2)
    cluster = sandbox.control.world["cluster"]

    with Visitors(port) as visitors:
        ecs.update_service(cluster=cluster, service=services["green"], desiredCount=2)
        eventually(lambda: healthy(elbv2, groups["green"]) == 2)
        for green in (10, 50, 100):
            shares = weighted((groups["blue"], 100 - green), (groups["green"], green))
            elbv2.modify_rule(RuleArn=environment["production_rule"], Actions=shares)
            time.sleep(0.3)
        ecs.update_service(cluster=cluster, service=services["blue"], desiredCount=0)
        eventually(
            lambda: elbv2.describe_target_health(TargetGroupArn=groups["blue"])["TargetHealthDescriptions"] == []
        )
        time.sleep(0.2)

    assert not {"502", "503", "504"} & set(visitors.seen)
    assert len(visitors.seen) == 4, "two tasks of each service have answered"
