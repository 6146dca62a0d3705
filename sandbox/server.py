"""A sandbox: AWS on one loopback address.

One WSGI application on one port answers the AWS API of every service. ECS is ours and starts real processes; load
balancers are moto's records with real sockets; ECR, IAM, STS, CloudWatch and the rest are moto's, extended while a
sandbox runs and put back afterwards. moto keeps its state in the process: one sandbox a process at a time.
"""

import functools
import json
import logging
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.moto_api._internal import mock_random

from sandbox import (
    autoscaling,
    cloudwatch,
    delivery,
    ec2,
    ecr,
    elb,
    iam,
    inline_policies,
    lattice,
    machine_images,
    managed_policies,
    namespaces,
    pipelines,
    regions,
    schedules,
    sqs,
    sts,
)
from sandbox.account import REGION
from sandbox.client import InProcess, environ_of, perform
from sandbox.clock import Clock
from sandbox.codedeploy.history import KIND as CODEDEPLOY
from sandbox.codedeploy.running import CodeDeploy
from sandbox.control import Control
from sandbox.ecs.service_deployments import saved
from sandbox.ecs.store import Addresses, Store, Surroundings
from sandbox.elb.records import targets_are_instances
from sandbox.elb.rules import Rules
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.front import Front
from sandbox.functions.api import Api
from sandbox.functions.invoking import invoker
from sandbox.functions.store import Functions
from sandbox.images.registry import Images
from sandbox.logs import Logs
from sandbox.managed import Managed
from sandbox.moto_server import Dispatcher, forget_everything, listen
from sandbox.patching import Patches
from sandbox.replaying import replay
from sandbox.secret_values import secret_value
from sandbox.skew import Skew
from sandbox.state import Journal
from sandbox.world import APPLICATIONS, build

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


class Sandbox:
    def __init__(
        self,
        *,
        port: int = 0,
        scale: float = 1.0,
        world: bool = True,
        applications: Collection[str] = APPLICATIONS,
        region: str = REGION,
        listener_ports: Mapping[int, int] | None = None,
        state: Path | None = None,
        enforce_iam: bool = False,
        github: Path | None = None,
    ) -> None:
        self.clock = Clock(scale)
        self.faults = Faults()
        self.skew = Skew()
        self.images = Images()
        self.sessions = sts.Sessions()
        self.region = region
        self._port = port
        self._applications = applications if world else None
        self._listener_ports = listener_ports or {}
        self._journal = Journal(state)
        self._enforce_iam = enforce_iam
        self._github = github

    def __enter__(self) -> Self:
        if not _one_at_a_time.acquire(blocking=False):
            raise RuntimeError("A sandbox runs in this process already: moto's state is one per process.")
        try:
            self._open()
        except BaseException:
            _one_at_a_time.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ecs(self) -> Store:
        """Of the region that is seeded."""
        return self.regions[self.region].ecs

    @property
    def codedeploy(self) -> CodeDeploy:
        return self.regions[self.region].codedeploy

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def skip(self, aws_seconds: float) -> None:
        """Jump over a bake time, a hook's time-out or a termination wait."""
        self.clock.skip(aws_seconds)
        for region in self.regions:
            region.wake()

    def push(self, image: dict[str, Any]) -> dict[str, Any]:
        """Push an image, as POST /_sandbox/images does, so that a restart knows it."""
        body = json.dumps(image).encode()
        environ = environ_of("POST", f"{self.url}/_sandbox/images", {}, body)
        status, _, answer = perform(self._server.app, environ)
        if status != 200:
            raise ValueError(json.loads(answer)["message"])
        return dict(json.loads(answer))

    def close(self) -> None:
        """End every process, close every socket, leave moto as it was."""
        self._polls.close()
        self._server.shutdown()
        self._server_thread.join()
        self._server.server_close()
        self.regions.close()
        for part in (self._alarms, self._events, self.load_balancers, self.functions):
            part.close()
        self._addresses.close()
        self._journal.close()
        self._patches.undo()
        forget_everything()
        _one_at_a_time.release()

    def _open(self) -> None:
        self._server = listen(self._port, self.skew)
        self.port: int = self._server.port
        forget_everything()
        mock_random.seed(0)
        self.load_balancers = elb.install(self.clock, self._listener_ports)
        self._patches = Patches()
        regions.install(self._patches)
        self._polls = sqs.Polls(self._patches)
        self._events = Events(self._patches)
        self._alarms = cloudwatch.install(self.clock, self.load_balancers, self._events.put_event)
        self._addresses, self._logs = Addresses(), Logs()
        self.functions = Functions(lambda role: sts.as_role(self.sessions, role, self.url))
        self.regions = regions.Regions(self._region)
        autoscaling.install(self._service_exists)
        self.load_balancers.instance_address = self._instance_address
        ecr.install(self._patches, self.images, self.url, self._events.put_event)
        parts = (iam, managed_policies, inline_policies, delivery, pipelines, ec2, machine_images, lattice, schedules)
        for part in parts:
            part.install(self._patches)
        sts.install(self._patches, self.sessions)
        self.control = Control(self.regions, self.region, self.images, self.faults, self.load_balancers, self.skew)
        front = Front(
            Dispatcher(),
            running=self.regions,
            faults=self.faults,
            skew=self.skew,
            sessions=self.sessions,
            journal=self._journal,
            control=self.control,
            functions=Api(self.functions),
            enforce_iam=self._enforce_iam,
        )
        self._server.app = front
        self.client = InProcess(front, self.region)
        if self._applications is not None:
            self.control.world = build(self.client, self.control.push, self.url, self._applications, self.region)
        replay(self._journal, front, self.regions, self.url)
        self.faults.forget_calls()
        self._events.start()
        self.regions.start()
        self._server_thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-api", daemon=True
        )
        self._server_thread.start()

    def _region(self, name: str) -> regions.Region:
        ecs = Store(self._surroundings(name))
        remember = functools.partial(self._journal.remember, CODEDEPLOY)
        deploy = CodeDeploy(
            self.clock,
            ecs,
            iam.role_exists,
            lambda each: remember(each["id"], each),
            self._github,
            invoker(self.functions, name, "codedeploy.amazonaws.com"),
        )
        return regions.Region(ecs, deploy)

    def _surroundings(self, region: str) -> Surroundings:
        return Surroundings(
            region=region,
            addresses=self._addresses,
            clock=self.clock,
            load_balancers=self.load_balancers,
            images=self.images,
            logs=self._logs,
            role_exists=iam.role_exists,
            secret=functools.partial(secret_value, region),
            targets_are_instances=targets_are_instances,
            rules=Rules(self._journal.note),
            lattice=lattice.Rules(self._journal.note),
            alarm_states=functools.partial(cloudwatch.alarm_states, region),
            role_may=functools.partial(iam.role_may, "ecs.amazonaws.com"),
            remember=lambda each: self._journal.remember("service-deployment", each.arn, saved.state_of(each)),
            namespace=functools.partial(namespaces.namespace_arn, region),
            make_namespace=functools.partial(namespaces.make_namespace, region),
            managed=Managed(region),
            machines=functools.partial(ec2.machines, region),
            put_event=self._events.put_event,
            invoke=invoker(self.functions, region, "ecs.amazonaws.com"),
        )

    def _service_exists(self, account: str, region: str, cluster: str, service: str) -> bool:
        found = self.regions[region].ecs.services.get((cluster, service))
        return found is not None and found.status == "ACTIVE"

    def _instance_address(self, instance_id: str) -> str:
        for region in self.regions:
            instances = list(region.ecs.instances.values())
            container = next((each.ip for each in instances if each.ec2_instance_id == instance_id), None)
            found = container or region.codedeploy.fleet.address_of(instance_id)
            if found:
                return found
        return "127.0.0.1"
