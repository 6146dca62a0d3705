"""A service of Express Mode, and short ways to talk about it."""

import contextlib
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.images.registry import ecr_host
from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.native import role
from tests.sandbox.shop import CLUSTER

TERMINAL = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")


class Express:
    def __init__(self, sandbox: Sandbox, version: str = "1.0.0", **changes: Any) -> None:
        self.sandbox, self.ecs = sandbox, sandbox.client("ecs")
        self.name = f"express-{uuid.uuid4().hex[:6]}"
        world = sandbox.control.world
        network = world["network"]
        given = {
            "cluster": CLUSTER,
            "serviceName": self.name,
            "infrastructureRoleArn": role(sandbox),
            "executionRoleArn": world["roles"]["execution"],
            "primaryContainer": {"image": image(sandbox, version), "containerPort": 8000},
            "healthCheckPath": "/healthz",
            "networkConfiguration": {"subnets": network["subnets"], "securityGroups": [network["security_group"]]},
        }
        self.arn = self.ecs.create_express_gateway_service(**given | changes)["service"]["serviceArn"]
        self.first = self.current()
        self.until(self.first, "SUCCESSFUL")

    def deploy(self, version: str) -> str:
        """The ARN of the service deployment."""
        return self.update(primaryContainer={"image": image(self.sandbox, version), "containerPort": 8000})

    def update(self, **changes: Any) -> str:
        self.ecs.update_express_gateway_service(serviceArn=self.arn, **changes)
        return self.current()

    def described(self) -> dict[str, Any]:
        return dict(self.ecs.describe_express_gateway_service(serviceArn=self.arn)["service"])

    def service(self) -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster=CLUSTER, services=[self.name])["services"][0])

    def current(self) -> str:
        return str(self.service()["currentServiceDeployment"])

    def at(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])

    def until(self, arn: str, *statuses: str) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            seen = self.at(arn)
            if seen["status"] in statuses:
                return seen
            assert seen["status"] not in TERMINAL, (seen["status"], seen.get("statusReason"))
            return {}

        return eventually(read)

    def made(self) -> dict[str, Any]:
        """What ECS made for what runs now."""
        revision = self.service()["currentServiceRevisions"][-1]["arn"]
        shown = self.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
        return dict(shown["ecsManagedResources"])

    def version(self) -> str:
        path = self.made()["ingressPaths"][0]
        return answers(self.sandbox, path["listener"]["arn"], path["endpoint"])

    @contextlib.contextmanager
    def traffic(self) -> Iterator[Counter[str]]:
        """Requests all the time; what answered, by version or error."""
        path, seen, done = self.made()["ingressPaths"][0], Counter[str](), threading.Event()

        def ask() -> None:
            while not done.is_set():
                seen[answers(self.sandbox, path["listener"]["arn"], path["endpoint"])] += 1
                time.sleep(0.02)

        callers = [threading.Thread(target=ask) for _ in range(3)]
        for caller in callers:
            caller.start()
        try:
            yield seen
        finally:
            done.set()
            for caller in callers:
                caller.join()


def answers(sandbox: Sandbox, listener: str, host: str) -> str:
    url = next(each["Url"] for each in sandbox.load_balancers.listeners() if each["ListenerArn"] == listener)
    try:
        asked = urllib.request.Request(f"{url}/", headers={"Host": host})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
            return str(answer.headers["X-Version"])
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"


def image(sandbox: Sandbox, version: str) -> str:
    return f"{ecr_host(sandbox.region)}/storefront:{version}"
