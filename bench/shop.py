"""The seeded shop as its people have it: the manager asks, the approver decides, the worker does the rest."""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from django.contrib.auth.models import User

from demo.management.commands.seed_demo import make_environment
from demo.world import SHOPS, storefront_place
from deployments.catalog import tokens
from deployments.catalog.models import Environment, Release
from deployments.delivery import adoption, approvals, requests, turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Status
from sandbox import world
from tests.stack import Stack, free_port

GOOD = ("1.1.0", "1.6.0")


def now() -> datetime:
    return datetime.now(UTC)


class Shop:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.manager = User.objects.get(username="manager")
        self.approver = User.objects.get(username="approver")

    @property
    def web_port(self) -> int:
        return int(self.stack.url.rpartition(":")[2])

    def environment(self, name: str = "production") -> Environment:
        return Environment.objects.select_related("application", "live_release").get(name=name)

    def change(self, environment: Environment, **columns: Any) -> None:
        Environment.objects.filter(pk=environment.pk).update(**columns)

    def swap(self, strategy: str) -> Deployment:
        """Put on production whichever of the two good releases is not live."""
        return self.deploy(self.other_release().version, strategy)

    def other_release(self) -> Release:
        """Of the two good ones, the one that is not live."""
        environment = self.environment()
        live = environment.live_release
        version = next(each for each in GOOD if live is None or each != live.version)
        return environment.application.releases.get(version=version)

    def newest(self) -> Deployment | None:
        return Deployment.objects.order_by("-pk").first()

    def tokens(self, count: int, *scopes: str) -> list[str]:
        """Secrets of new ones for everywhere, made by the manager."""
        return [
            tokens.make(
                name=f"bench-{uuid.uuid4().hex[:12]}", scopes=scopes, environments=(),
                principal=Principal.person(self.manager), now=now(),
            )[1]
            for _ in range(count)
        ]  # fmt: skip

    def deploy(self, version: str, strategy: str, environment: str = "production") -> Deployment:
        target = self.environment(environment)
        return requests.request_deployment(
            environment=target,
            release=target.application.releases.get(version=version),
            strategy=strategy,
            principal=Principal.person(self.manager),
            reason="measure it",
            now=now(),
        )

    def until(self, deployment: Deployment, so: Callable[[Deployment], object], within: float = 60) -> None:
        """Look at the row until it is so; an unexpected end is told in its own words."""
        deadline = time.monotonic() + within
        while True:
            deployment.refresh_from_db()
            if so(deployment):
                return
            if deployment.is_terminal or time.monotonic() > deadline:
                seen = deployment.waiting_for or deployment.status_reason
                raise RuntimeError(f"{deployment}: {deployment.status} at {deployment.stage}: {seen}")
            time.sleep(0.05)

    def to_the_gate(self, deployment: Deployment) -> None:
        """Until it waits for a person, and the worker has put it down."""
        self.until(deployment, lambda d: d.gates.open().exists() and not d.lease_token)

    def reload(self, deployment: Deployment) -> Deployment:
        deployment.refresh_from_db()
        return deployment

    def approve(self, deployment: Deployment) -> None:
        approvals.approve(
            gate=deployment.gates.open().get(),
            principal=Principal.person(self.approver),
            comment="looks good",
            now=now(),
        )

    def reject(self, deployment: Deployment) -> None:
        approvals.reject(
            gate=deployment.gates.open().get(),
            principal=Principal.person(self.approver),
            comment="not today",
            now=now(),
        )

    def roll_back(self, deployment: Deployment) -> None:
        turning_back.roll_back(deployment=deployment, principal=Principal.person(self.manager), now=now())

    def stop(self, deployment: Deployment) -> None:
        turning_back.stop(deployment=deployment, principal=Principal.person(self.manager), now=now())

    def finish(self, deployment: Deployment, status: Status = Status.SUCCESSFUL, within: float = 180) -> None:
        self.until(deployment, lambda d: d.status == status, within)

    def calls(self) -> Counter[str]:
        """AWS calls by operation since they were last forgotten, without those that no deployment makes."""
        apart = {"sts:AssumeRole", *self.queue_calls()}
        return Counter({name: count for name, count in self._all_calls().items() if name not in apart})

    def queue_calls(self) -> Counter[str]:
        """Of the listener, which reads the queue of AWS's events whether or not anything is deployed."""
        return Counter({name: count for name, count in self._all_calls().items() if name.startswith("sqs:")})

    def _all_calls(self) -> dict[str, int]:
        seen: dict[str, int] = self.stack.sandbox("calls")
        return seen

    def forget_calls(self) -> None:
        self.stack.sandbox("calls", method="DELETE")

    def add_environments(self, count: int) -> list[str]:
        """More of them like staging: one task each and no gate. Their names."""
        seen = self.stack.sandbox("world")
        application = self.environment().application
        names = [f"shop-{number}" for number in range(1, count + 1)]
        for name in names:
            ports = free_port(), free_port()  # the sandbox opens a listener where AWS has it, if it can
            made = world.environment(self.aws, name, seen["network"], seen["task_definition"], *ports, 1)
            seen["environments"][name] = made
            addresses = {(one["LoadBalancerName"], one["Port"]): one["Url"] for one in self._listeners()}
            make_environment(application, SHOPS[0], storefront_place(name, rank=30), seen, addresses)
            environment = self.environment(name)
            self.change(environment, **self.stack.policy)
            adoption.adopt(environment=environment, now=now())
        return names

    def aws(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.stack.sandbox_url, region_name=self.environment().region)

    def _listeners(self) -> list[dict[str, Any]]:
        listeners: list[dict[str, Any]] = self.stack.sandbox("listeners")["listeners"]
        return listeners
