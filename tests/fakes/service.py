"""One ECS service of the in-memory world, whose tasks follow what is wanted after a while."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deployments.aws import values
from tests.fakes.names import arn


@dataclass(kw_only=True)
class FakeService:
    """An ECS service. `running` follows `desired` after `lag` observations; tests may set anything."""

    cluster: str
    name: str
    task_definition: str
    desired: int
    target_group: str
    running: int = 0
    #: what the running tasks run: differs from task_definition while a rollout is on its way
    running_task_definition: str = ""
    lag: int = 0
    generation: int = 1
    draining: int = 0
    failed_tasks: int = 0
    status: str = "ACTIVE"
    controller: str = "ECS"
    scheduling: str = "REPLICA"
    strategy: str = ""
    deployment_configuration: dict[str, Any] = field(default_factory=dict)
    #: what ECS's own strategies shift to, and by which rule
    alternate_target_group: str = ""
    production_rule: str = ""
    test_rule: str = ""
    infrastructure_role: str = ""
    lattice: tuple[values.Lattice, ...] = ()
    managed_by: str = ""
    revisions: tuple[str, ...] = ()
    service_deployment: str = ""
    rollout_state: str = ""
    rollout_reason: str = ""
    events: tuple[str, ...] = ()
    protected_since: datetime | None = None
    starts: tuple[tuple[datetime, int], ...] = ()
    started_tasks_at: datetime | None = None
    last_rollout: values.Rollout | None = None
    task_sets: tuple[values.TaskSet, ...] = ()
    #: what its running tasks pulled, by container
    digests: dict[str, str] = field(default_factory=dict)
    subnets: tuple[str, ...] = ("subnet-1",)
    stopped: list[values.Task] = field(default_factory=list)
    #: by task definition, what was pulled for its containers when it was last deployed
    pulled: dict[str, dict[str, str]] = field(default_factory=dict)

    def update(self, *, task_definition: str | None, desired: int | None, lag: int) -> None:
        if task_definition is not None and task_definition != self.task_definition:
            self.task_definition = task_definition
            self.generation += 1
        if desired is not None:
            self.desired = desired
        self.lag = lag
        if not lag:
            self._settle()

    @property
    def groups_with_targets(self) -> tuple[str, ...]:
        """What ECS starts beside the live tasks of Express Mode is in the other group."""
        return (self.target_group, self.alternate_target_group) if self.managed_by else (self.target_group,)

    def swap_target_groups(self) -> None:
        self.target_group, self.alternate_target_group = self.alternate_target_group, self.target_group

    @property
    def primary_id(self) -> str:
        return f"ecs-svc/{self.generation}"

    def observed(self) -> values.Service:
        """The service as AWS shows it now. Looking is what lets its time pass."""
        seen = self._value()
        if self.lag:
            self.lag -= 1
            if not self.lag:
                self._settle()
        return seen

    def tasks(self) -> tuple[values.Task, ...]:
        return (
            *(
                values.Task(
                    arn=arn("ecs", f"task/{self.cluster}/{self.name}{number}"),
                    task_definition=self.running_task_definition,
                    last_status="RUNNING",
                    desired_status="RUNNING",
                    started_by=self.primary_id,
                    digests=self.pulled.get(self.running_task_definition, self.digests),
                )
                for number in range(self.running)
            ),
            *self.stopped,
        )

    def _settle(self) -> None:
        self.running = self.desired
        self.running_task_definition = self.task_definition

    def _value(self) -> values.Service:
        deployments = self._deployments()
        return values.Service(
            name=self.name,
            arn=arn("ecs", f"service/{self.cluster}/{self.name}"),
            status=self.status,
            controller=self.controller,
            scheduling=self.scheduling,
            strategy=self.strategy,
            deployment_configuration=self.deployment_configuration,
            alternate_target_group=self.alternate_target_group,
            production_rule=self.production_rule,
            test_rule=self.test_rule,
            infrastructure_role=self.infrastructure_role,
            lattice=self.lattice,
            managed_by=self.managed_by,
            revisions=self.revisions,
            service_deployment=self.service_deployment,
            task_definition=self.task_definition,
            desired=self.desired,
            running=self.running,
            pending=sum(deployment.pending for deployment in deployments),
            deployments=deployments,
            task_sets=self.task_sets,
            target_groups=(self.target_group,) if self.target_group else (),
            container_name="web",
            container_port=8000,
            launch_type="FARGATE",
            subnets=self.subnets,
            security_groups=("sg-tasks",),
            assign_public_ip="DISABLED",
            events=self.events,
            protected_since=self.protected_since,
            starts=self.starts,
            started_tasks_at=self.started_tasks_at,
            last_rollout=self.last_rollout,
        )

    def _deployments(self) -> tuple[values.ServiceDeployment, ...]:
        replacing = self.running > 0 and self.running_task_definition != self.task_definition
        if replacing:
            old = self._deployment(number=self.generation - 1, status="ACTIVE", running=self.running)
            return self._deployment(number=self.generation, status="PRIMARY", running=0), old
        return (self._deployment(number=self.generation, status="PRIMARY", running=self.running),)

    def _deployment(self, *, number: int, status: str, running: int) -> values.ServiceDeployment:
        primary = status == "PRIMARY"
        done = primary and running == self.desired
        return values.ServiceDeployment(
            id=f"ecs-svc/{number}",
            status=status,
            task_definition=self.task_definition if primary else self.running_task_definition,
            desired=self.desired if primary else 0,
            running=running,
            pending=max(self.desired - running, 0) if primary else 0,
            failed_tasks=self.failed_tasks if primary else 0,
            rollout_state=self.rollout_state or ("COMPLETED" if done or not primary else "IN_PROGRESS"),
            rollout_reason=self.rollout_reason,
        )
