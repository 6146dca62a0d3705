"""What the load balancer tests share: moto with our load balancers, and tiny programs to be the targets."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import elb, machine_images
from sandbox.clock import Clock
from sandbox.moto_server import Dispatcher, forget_everything
from sandbox.patching import Patches

ADDRESSES = (f"127.{a}.{b}.{c}" for a, b, c in itertools.product(range(40, 99), range(1, 250), range(1, 250)))
REGION = "eu-west-1"


class Target:
    """A program that answers its name, or whatever it is told to."""

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        self.status = 200
        self.health_status = 200
        self.delay = 0.0
        self.health_delay = 0.0
        self.seen: list[dict[str, str]] = []
        self.checks: list[dict[str, str]] = []
        self.ip = next(ADDRESSES)
        self._server = ThreadingHTTPServer((self.ip, port), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                checked = self.headers["User-Agent"] == "ELB-HealthChecker/2.0"
                (target.checks if checked else target.seen).append(dict(self.headers))
                time.sleep(target.health_delay if checked else target.delay)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or target.name.encode()
                self.send_response(target.health_status if checked else target.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else body)

            do_POST = do_HEAD = do_GET

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


class QuietHandler(WSGIRequestHandler):  # type: ignore[misc,unused-ignore]
    def log(self, *args: Any) -> None:
        pass


class Balanced:
    """A load balancer with one listener and as many target groups as a test likes."""

    def __init__(self, url: str, balancers: elb.LoadBalancers) -> None:
        self.url = url
        self.balancers = balancers
        self.elbv2 = self.client("elbv2")
        self.cloudwatch = self.client("cloudwatch")
        ec2 = self.client("ec2")
        self.vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self._subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        self.targets: list[Target] = []

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def load_balancer(self, name: str = "web") -> str:
        created = self.elbv2.create_load_balancer(Name=name, Subnets=self._subnets)
        return str(created["LoadBalancers"][0]["LoadBalancerArn"])

    def target_group(self, name: str, **settings: Any) -> str:
        created = self.elbv2.create_target_group(
            **{
                "Name": name,
                "Protocol": "HTTP",
                "Port": 80,
                "VpcId": self.vpc,
                "TargetType": "ip",
                "HealthCheckPath": "/health",
                "HealthCheckIntervalSeconds": 5,
                "HealthCheckTimeoutSeconds": 4,
                **settings,
            }
        )
        return str(created["TargetGroups"][0]["TargetGroupArn"])

    def target(self, name: str) -> Target:
        self.targets.append(Target(name))
        return self.targets[-1]

    def register(self, group: str, *targets: Target) -> None:
        entries = [{"Id": target.ip, "Port": target.port} for target in targets]
        self.elbv2.register_targets(TargetGroupArn=group, Targets=entries)

    def deregister(self, group: str, *targets: Target) -> None:
        entries = [{"Id": target.ip, "Port": target.port} for target in targets]
        self.elbv2.deregister_targets(TargetGroupArn=group, Targets=entries)

    def serving(self, group: str, name: str) -> Target:
        """A new target that is registered and healthy once its group is attached."""
        target = self.target(name)
        self.register(group, target)
        return target

    def listener(self, load_balancer: str, actions: list[dict[str, Any]], port: int = 80) -> str:
        created = self.elbv2.create_listener(
            LoadBalancerArn=load_balancer, Protocol="HTTP", Port=port, DefaultActions=actions
        )
        return str(created["Listeners"][0]["ListenerArn"])

    def states(self, group: str) -> list[tuple[str, str]]:
        found = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [(one["TargetHealth"]["State"], one["TargetHealth"].get("Reason", "")) for one in found]

    def wait_for(self, group: str, *states: str) -> None:
        eventually(lambda: [state for state, _ in self.states(group)] == list(states), lambda: self.states(group))

    def get(self, listener: str, path: str = "/", **headers: str) -> tuple[int, str]:
        with self.connection(listener) as connection:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    @contextmanager
    def connection(self, listener: str) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.local_port(listener), timeout=10)
        try:
            yield connection
        finally:
            connection.close()

    def local_port(self, listener: str) -> int:
        port: int = next(one["LocalPort"] for one in self.balancers.listeners() if one["ListenerArn"] == listener)
        return port

    def answers(self, listener: str, count: int) -> dict[str, int]:
        """How often each target answered, by name."""
        tally: dict[str, int] = {}
        with self.connection(listener) as connection:
            for _ in range(count):
                connection.request("GET", "/")
                response = connection.getresponse()
                body = response.read().decode()
                name = body if response.status == 200 else str(response.status)
                tally[name] = tally.get(name, 0) + 1
        return tally


def weighted(*shares: tuple[str, int], sticky: int = 0) -> list[dict[str, Any]]:
    """A forward action; ``sticky`` in AWS seconds."""
    stickiness = {"Enabled": True, "DurationSeconds": sticky} if sticky else {"Enabled": False}
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares]
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
    return [{"Type": "forward", "ForwardConfig": config}]


def eventually(holds: Callable[[], bool], seen: Callable[[], object] = lambda: "", seconds: float = 8) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, seen()
        time.sleep(0.01)


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@contextmanager
def balanced(scale: float = 50, listener_ports: dict[int, int] | None = None) -> Iterator[Balanced]:
    """moto's server in this process with our load balancers, gone without a trace afterwards."""
    forget_everything()
    patches = Patches()
    machine_images.install(patches)  # nobody here asks for one, and moto would make a thousand
    balancers = elb.install(Clock(scale), listener_ports or {})
    server = make_server("127.0.0.1", 0, Dispatcher(), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    world = Balanced(f"http://127.0.0.1:{server.server_port}", balancers)
    try:
        yield world
    finally:
        balancers.close()
        server.shutdown()
        thread.join()
        server.server_close()
        for target in world.targets:
            target.stop()
        patches.undo()
        forget_everything()
