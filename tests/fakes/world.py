"""The state of the in-memory account: what exists in it, how tests change it, and what goes wrong in it."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, TypeVar

from deployments.aws import actions, errors, values, weights
from tests.fakes.names import ACCOUNT, Pair, Single
from tests.fakes.service import FakeService

Found = TypeVar("Found")
Failure = BaseException | type[errors.AwsError]

LIVE_IMAGE = "shop@sha256:" + "1" * 64


class World:
    def __init__(self) -> None:
        self.performed: list[actions.Action] = []
        self.calls: Counter[str] = Counter()
        #: how often a service must be looked at after a write before its tasks follow
        self.scale_after = 0
        #: (cluster, name) -> service
        self.ecs: dict[tuple[str, str], FakeService] = {}
        self.task_definitions: dict[str, values.TaskDefinition] = {}
        #: ARN of a revision to somebody who uses it
        self.uses: dict[str, str] = {}
        self.rules: dict[str, values.Rule] = {}
        self.groups: dict[str, values.TargetGroup] = {}
        self.alarm_states: dict[str, values.Alarm] = {}
        #: what `traffic` answers, by target group; none = no datapoints
        self.measured: dict[str, values.Traffic] = {}
        self.one_off: dict[str, values.Task] = {}
        #: exit code of the next one-off tasks, None = they keep running
        self.exit_code: int | None = 0
        #: by id of a task, until when it is protected from scale-in
        self.protected: dict[str, datetime | None] = {}
        self.log_lines: tuple[str, ...] = ()
        self.scaling: dict[str, values.ScalableTarget] = {}
        self.images: dict[tuple[str, str], values.Image] = {}
        #: by repository, what its tags name
        self.tagged: dict[str, tuple[values.TaggedImage, ...]] = {}
        #: by digest
        self.labels: dict[str, dict[str, str]] = {}
        #: what an image that is named by a tag stands for now; a digest
        self.tags: dict[str, str] = {}
        #: actions that SimulatePrincipalPolicy denies
        self.denied: set[str] = set()
        self.missing_roles: set[str] = set()
        #: the same of the execution role of tasks
        self.denied_to_tasks: set[str] = set()
        self.missing_log_groups: set[str] = set()
        self.who = values.Identity(account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:role/tealgate", clock_offset=0.0)
        self.security_groups: dict[str, tuple[values.SecurityGroupRule, ...]] = {}
        self.room = values.Capacity(remaining=((4096, 8192),))
        self.ecs_owned: set[str] = set()
        self.load_balancer_groups: dict[str, tuple[str, ...]] = {}
        self._health: dict[str, tuple[str, str, str]] = {}
        self._failures: defaultdict[str, deque[tuple[Failure, bool]]] = defaultdict(deque)
        self._tokens: dict[str, str] = {}

    @classmethod
    def pair(cls, name: str = "shop", *, desired: int = 2, live: str = "blue", **container: Any) -> Self:
        gateway = cls()
        gateway.add_pair(name, desired=desired, live=live, **container)
        return gateway

    def add_pair(self, name: str, *, desired: int = 2, live: str = "blue", **container: Any) -> Pair:
        """The usual blue/green world of one application; `container` adds to the container definition."""
        pair = Pair(name)
        self._add_definition(pair, container)
        for slot in ("blue", "green"):
            count = desired if slot == live else 0
            service = FakeService(
                cluster=pair.cluster,
                name=pair.service(slot),
                task_definition=pair.task_definition(),
                desired=count,
                running=count,
                running_task_definition=pair.task_definition(),
                target_group=pair.target_group(slot),
            )
            self.ecs[pair.cluster, service.name] = service
            self.groups[service.target_group] = _target_group(service.target_group, service.name, pair.load_balancer)
            self.scaling[pair.scalable(slot)] = values.ScalableTarget(
                resource_id=pair.scalable(slot), minimum=1, maximum=10, suspended=slot != live
            )
        for rule in (pair.production_rule, pair.test_rule):
            share = {pair.target_group(slot): 100 * (slot == live) for slot in ("blue", "green")}
            self.set_weights(rule, share)
        self.alarm_states[pair.alarm] = values.Alarm(name=pair.alarm, state="OK", metrics=(_errors_of(pair),))
        return pair

    @classmethod
    def single(cls, name: str = "api", *, desired: int = 2, behind: bool = True, **container: Any) -> Self:
        """One service, `behind` a target group or behind none."""
        gateway, one = cls(), Single(name)
        gateway._add_definition(one, container)
        gateway.ecs[one.cluster, name] = FakeService(
            cluster=one.cluster,
            name=name,
            task_definition=one.task_definition(),
            desired=desired,
            running=desired,
            running_task_definition=one.task_definition(),
            target_group=one.target_group if behind else "",
        )
        if behind:
            gateway.groups[one.target_group] = _target_group(one.target_group, name, one.load_balancer)
        gateway.alarm(one.alarm, "OK")
        return gateway

    def add_target_group(self, group: str, load_balancer: str) -> None:
        self.groups[group] = _target_group(group, group.split("targetgroup/")[-1].split("/")[0], load_balancer)

    def set_weights(self, rule: str, weights_: Mapping[str, int]) -> None:
        """Someone else writes the listener rule."""
        groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights_.items()]
        forward = {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": groups}}
        listener = rule.rsplit("/", 1)[0].replace("listener-rule/", "listener/")
        self.rules[rule] = weights.rule_from(arn=rule, listener_arn=listener, is_default=False, actions=[forward])

    def set_health(self, task_definition: str, state: str, reason: str = "", description: str = "") -> None:
        """How targets that run this task definition look to the load balancer; healthy when never set."""
        self._health[task_definition] = (state, reason, description)

    def pulled_for(self, task_definition: str) -> dict[str, str]:
        """Container to digest of what is started now."""
        containers = self.task_definitions[task_definition].document["containerDefinitions"]
        found = {
            each["name"]: each["image"].partition("@")[2] or self.tags.get(each["image"], "") for each in containers
        }
        return {container: digest for container, digest in found.items() if digest}

    def alarm(self, name: str, state: str, reason: str = "") -> None:
        known = self.alarm_states.get(name)
        metrics = known.metrics if known else ()
        self.alarm_states[name] = values.Alarm(name=name, state=state, reason=reason, metrics=metrics)

    def fail_next(self, operation: str, error: Failure, *, after_write: bool = False, times: int = 1) -> None:
        """The next calls of `operation` raise; with `after_write` the write has happened all the same."""
        self._failures[operation].extend([(error, after_write)] * times)

    def _called(self, operation: str) -> None:
        failure = self._next_failure(operation)
        if failure:
            raise failure[0]

    def _next_failure(self, operation: str) -> tuple[BaseException, bool] | None:
        self.calls[operation] += 1
        waiting = self._failures.get(operation)
        if not waiting:
            return None
        error, after_write = waiting.popleft()
        if isinstance(error, type):
            error = error(operation, "Injected", "injected by the test")
        return error, after_write

    def _service(self, operation: str, cluster: str, name: str) -> FakeService:
        try:
            return self.ecs[cluster, name]
        except KeyError:
            raise errors.NotFound(operation, "ServiceNotFoundException", "Service not found.") from None

    def _usable(self, operation: str, task_definition: str) -> None:
        if self._get(self.task_definitions, task_definition, operation).status != "ACTIVE":
            raise errors.Invalid(operation, "ClientException", "TaskDefinition is inactive")

    def _get(self, things: Mapping[Any, Found], key: Any, operation: str) -> Found:
        try:
            return things[key]
        except KeyError:
            raise errors.NotFound(operation, "NotFound", f"{key} does not exist") from None

    def _add_definition(self, pair: Pair | Single, container: Mapping[str, Any]) -> None:
        document = {
            "family": pair.name,
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{pair.name}-execution",
            "containerDefinitions": [
                {
                    "name": pair.container,
                    "image": LIVE_IMAGE,
                    "essential": True,
                    "portMappings": [{"containerPort": pair.container_port, "protocol": "tcp"}],
                    "environment": [],
                    **container,
                }
            ],
        }
        self.task_definitions[pair.task_definition()] = values.TaskDefinition(
            arn=pair.task_definition(), family=pair.name, revision=1, status="ACTIVE", document=document
        )


def _errors_of(pair: Pair) -> values.Metric:
    name = pair.load_balancer.partition(":loadbalancer/")[2]
    return values.Metric(name="HTTPCode_Target_5XX_Count", dimensions={"LoadBalancer": name})


def _target_group(arn: str, name: str, load_balancer: str) -> values.TargetGroup:
    return values.TargetGroup(
        arn=arn,
        name=name,
        load_balancer_arns=(load_balancer,),
        vpc="vpc-1",
        target_type="ip",
        protocol="HTTP",
        port=8000,
        health_path="/health",
        health_interval=10,
        health_timeout=5,
        healthy_threshold=2,
        unhealthy_threshold=2,
        matcher="200",
        deregistration_delay=30,
    )
