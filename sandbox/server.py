"""A sandbox: AWS on one loopback address.

One WSGI application on one port answers the AWS API of every service. ECS is ours and starts real processes;
load balancers are moto's records with real sockets; ECR, IAM, STS, CloudWatch and the rest are moto's,
extended while a sandbox runs and put back afterwards. moto keeps its state in the process, so there is one
sandbox per process at a time; a new one starts from nothing, or from its state directory.
"""

import functools
import json
import logging
import socket
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.autoscaling.models import autoscaling_backends
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random, moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from sandbox import autoscaling, cloudwatch, ec2, ecr, elb, iam, machine_images, managed_policies, namespaces, sqs, sts
from sandbox.account import ACCOUNT, REGION
from sandbox.client import InProcess, environ_of, perform
from sandbox.clock import Clock
from sandbox.codedeploy.history import KIND as CODEDEPLOY
from sandbox.codedeploy.running import CodeDeploy
from sandbox.control import Control
from sandbox.ecs.scheduler import Scheduler
from sandbox.ecs.service_deployments import saved
from sandbox.ecs.store import Store, Surroundings
from sandbox.elb.rules import Rules
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.front import Front
from sandbox.images.registry import Images
from sandbox.logs import Logs
from sandbox.patching import Patches
from sandbox.secret_values import secret_value
from sandbox.skew import Skew
from sandbox.state import REMEMBER, Journal, Record
from sandbox.world import APPLICATIONS, build

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


class PortTaken(Exception):
    """Something else listens on the sandbox's port."""


_services: dict[str | None, Any] = {}  # by host


class QuietHandler(MotoRequestHandler):
    skew = Skew()

    def log_request(self, *args: Any, **kwargs: Any) -> None:
        """Every poll of every client would be a line."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return str(super().date_time_string(timestamp or self.skew.seconds_since_1970()))


class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc,unused-ignore]
    """moto's, which else tries the address patterns of all its services for each request."""

    def __init__(self) -> None:
        super().__init__(_backend_app)

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in _services:
            _services[host] = super().get_backend_for_host(host)
        return _services[host]


#: One for each service, which knows its addresses and nothing of its state: for all sandboxes of this process.
_apps = functools.cache(create_backend_app)


def _backend_app(service: Any) -> Any:
    # Making an app makes the service's backend, whose identifiers are to be the same in every sandbox.
    backends = get_backend(service)
    if isinstance(backends, BackendDict):
        regions = backends[DEFAULT_ACCOUNT_ID]
        regions["us-east-1" if "us-east-1" in regions else "aws"]
    return _apps(service)


class Sandbox:
    def __init__(
        self,
        *,
        port: int = 0,
        scale: float = 1.0,
        world: bool = True,
        applications: Collection[str] = APPLICATIONS,
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
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def skip(self, aws_seconds: float) -> None:
        """Jump over a bake time, a hook's time-out or a termination wait."""
        self.clock.skip(aws_seconds)
        self.ecs.wake()
        self.codedeploy.store.wake()

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
        self.codedeploy.close()
        self._scheduler.close()
        for part in (self._alarms, self._events, self.load_balancers):
            part.close()
        self.ecs.addresses.close()
        self._journal.close()
        self._patches.undo()
        forget_everything()
        _one_at_a_time.release()

    def _open(self) -> None:
        self._server = self._listen()
        self.port: int = self._server.port
        forget_everything()
        mock_random.seed(0)
        self.load_balancers = elb.install(self.clock, self._listener_ports)
        self._patches = Patches()
        self._polls = sqs.Polls(self._patches)
        self._events = Events(self._patches)
        self._alarms = cloudwatch.install(self.clock, self.load_balancers, self._events.tell)
        self.ecs = Store(self._surroundings())
        self.codedeploy = CodeDeploy(self.clock, self.ecs, iam.role_exists, self._remember_deployment, self._github)
        autoscaling.install(self._service_exists)
        self.load_balancers.instance_address = self._instance_address
        ecr.install(self._patches, self.images, self.url)
        iam.install(self._patches)
        managed_policies.install(self._patches)
        ec2.install(self._patches)
        machine_images.install(self._patches)
        sts.install(self._patches, self.sessions)
        self.control = Control(self.ecs, self.images, self.faults, self.load_balancers, self.skew)
        front = Front(
            Dispatcher(),
            ecs=self.ecs,
            codedeploy=self.codedeploy.store,
            faults=self.faults,
            skew=self.skew,
            sessions=self.sessions,
            journal=self._journal,
            control=self.control,
            enforce_iam=self._enforce_iam,
        )
        self._server.app = front
        self.client = InProcess(front)
        if self._applications is not None:
            self.control.world = build(self.client, self.control.push, self.url, self._applications)
        self._replay(front)
        self.faults.forget_calls()
        self._events.start()
        self._scheduler = Scheduler(self.ecs)
        self._scheduler.start()
        self.codedeploy.start()
        self._server_thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-api", daemon=True
        )
        self._server_thread.start()

    def _listen(self) -> Any:
        """The application is set once it is there."""
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise PortTaken(f"Port {self._port} on 127.0.0.1 is taken: choose another with --port.") from error
            listener.listen(128)
            port = listener.getsockname()[1]
            handler = type("Handler", (QuietHandler,), {"skew": self.skew})
            return make_server("127.0.0.1", port, None, threaded=True, request_handler=handler, fd=listener.fileno())

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            clock=self.clock,
            load_balancers=self.load_balancers,
            images=self.images,
            logs=Logs(),
            role_exists=iam.role_exists,
            secret=secret_value,
            targets_are_instances=_targets_are_instances,
            rules=Rules(self._journal.note),
            alarm_states=cloudwatch.alarm_states,
            role_may=functools.partial(iam.role_may, "ecs.amazonaws.com"),
            remember=lambda each: self._journal.remember("service-deployment", each.arn, saved.state_of(each)),
            namespace=namespaces.namespace_arn,
            make_namespace=namespaces.make_namespace,
            machines=ec2.machines,
            tell=self._events.tell,
        )

    def _service_exists(self, account: str, region: str, cluster: str, service: str) -> bool:
        found = self.ecs.services.get((cluster, service))
        return found is not None and found.status == "ACTIVE"

    def _instance_address(self, instance_id: str) -> str:
        instances = list(self.ecs.instances.values())
        container = next((each.ip for each in instances if each.ec2_instance_id == instance_id), None)
        return container or self.codedeploy.fleet.address_of(instance_id) or "127.0.0.1"

    def _remember_deployment(self, record: dict[str, Any]) -> None:
        self._journal.remember(CODEDEPLOY, record["id"], record)

    def _replay(self, front: Front) -> None:
        remembered: dict[str, list[dict[str, Any]]] = {}

        def again(record: Record, body: bytes) -> None:
            if record["method"] == REMEMBER:
                remembered.setdefault(record["path"], []).append(json.loads(body))
                return
            environ = environ_of(record["method"], f"http://127.0.0.1:{self.port}{record['path']}", {}, body)
            status, _, answer = perform(front, environ | record["headers"])
            if status >= 300:
                logger.warning("Not repeated from the journal: %s %s", record["path"], answer.decode(errors="replace"))

        count = self._journal.replay(again)
        saved.resume(self.ecs, remembered.get("service-deployment", []))
        self.codedeploy.restore(remembered.get(CODEDEPLOY, []))
        if count:
            logger.info("Went on from %s journaled requests", count)


def forget_everything() -> None:
    """moto's state in this process, all of it.

    A backend of Auto Scaling that is reset makes a new one of EC2, which would be there before the seed and change
    every identifier after it. One of EC2 that is reset makes a thousand images, to be forgotten at once.
    """
    autoscaling_backends.clear()
    ec2_backends.clear()
    moto_api_backend.reset()


def _targets_are_instances(target_group_arn: str) -> bool:
    group = elbv2_backends[ACCOUNT][REGION].target_groups.get(target_group_arn)
    return group is not None and group.target_type == "instance"
