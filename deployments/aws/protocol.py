"""The questions and orders that the rest of Tealgate may put to one account and region.

Every method may raise `errors.NotFound`, `Denied`, `Invalid`, `Throttled` or `Unavailable`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from deployments.aws import archives, codedeploy_values, values
from deployments.aws.actions import Action, Made
from deployments.aws.permission_values import Permission, Question
from deployments.aws.protocol_ecr import Repositories


class Gateway(Repositories, Protocol):
    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, values.Service]:
        """Ten names a call; a name that AWS reports as MISSING is absent from the result."""
        ...

    def task_definition(self, arn: str) -> values.TaskDefinition:
        """By ARN or family:revision; of a family alone its newest ACTIVE one."""
        ...

    def newest_revisions(self, family: str) -> tuple[str, ...]:
        """ARNs of a family's ACTIVE revisions, newest first (at most 100)."""
        ...

    def active_revisions(self, family: str) -> tuple[str, ...]:
        """ARNs of all of a family's ACTIVE revisions, newest first."""
        ...

    def revisions_in_use(self, families: Collection[str]) -> Mapping[str, str]:
        """ARN of a revision of these to who uses it, such as "service shop", in every cluster of account and region.

        Services, what they deploy and their task sets, running tasks, and what starts tasks by itself.
        """
        ...

    def registered_by(self, family: str, tag: tuple[str, str]) -> values.TaskDefinition | None:
        """The newest ACTIVE revision of a family that carries this tag (it looks at the newest 20)."""
        ...

    def rule(self, arn: str) -> values.Rule: ...

    def rules_named(self, arns: Collection[str]) -> Mapping[str, values.Rule]:
        """In one call, where none is missing; missing ones are absent."""
        ...

    def routes(self, load_balancer: str) -> tuple[values.Route, ...]:
        """Every rule of every listener, by port and in AWS's order; a Network Load Balancer's listeners have none."""
        ...

    def target_groups(self, arns: Collection[str]) -> Mapping[str, values.TargetGroup]:
        """With their attributes. Missing ones are absent."""
        ...

    def target_groups_named(self, names: Collection[str]) -> Mapping[str, values.TargetGroup]:
        """By name. Raises NotFound when one of them is missing."""
        ...

    def target_health(self, target_group: str) -> tuple[values.Target, ...]: ...

    def alarms(self, names: Collection[str]) -> Mapping[str, values.Alarm]:
        """A hundred names a call, metric and composite alarms; missing ones are absent."""
        ...

    def traffic(
        self, *, load_balancer: str, target_groups: Collection[str], since: datetime, until: datetime
    ) -> Mapping[str, values.Traffic]:
        """Requests, 5xx and average latency by target group, in one GetMetricData call."""
        ...

    def tasks(self, cluster: str, *, service: str = "", started_by: str = "") -> tuple[values.Task, ...]:
        """Running and recently stopped tasks, of one service or of one starter."""
        ...

    def running_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        """A service's tasks that are to run, those on their way among them."""
        ...

    def stopped_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        """A service's tasks that stop or have stopped, for as long as ECS shows them, which is an hour or so."""
        ...

    def protected_tasks(self, cluster: str, service: str) -> tuple[values.ProtectedTask, ...]:
        """A service's running tasks that are protected from scale-in."""
        ...

    def log_tail(self, task_definition: str, task_id: str, container: str, lines: int = 40) -> tuple[str, ...]:
        """The container's last log lines; empty when it does not log to CloudWatch (awslogs)."""
        ...

    def log_group_seen(
        self, region: str, name: str, now: datetime, trusted: timedelta = timedelta(0)
    ) -> datetime | None:
        """When CloudWatch Logs last showed it, which may be as long ago as `trusted`; None: it does not exist."""
        ...

    def scalable_targets(self, resource_ids: Collection[str]) -> Mapping[str, values.ScalableTarget]: ...

    def identity(self, now: datetime, trusted: timedelta = timedelta(0)) -> values.Identity:
        """Who we are, and how far our clock is off. An answer that is not older than `trusted` will do."""
        ...

    def may(
        self, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        """What SimulatePrincipalPolicy says of our own role, for every resource of every question in their order.

        An "allowed" that is not older than `trusted` is not asked for again. Raises Denied when we may not ask.
        """
        ...

    def role_may(
        self, role: str, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        """The same of another role, by its ARN."""
        ...

    def role_seen(self, arn: str, now: datetime, trusted: timedelta = timedelta(0)) -> datetime | None:
        """When IAM last showed this role, which may be as long ago as `trusted`; None: it does not exist."""
        ...

    def security_group_rules(self, ids: Collection[str]) -> Mapping[str, tuple[values.SecurityGroupRule, ...]]: ...

    def capacity(self, cluster: str) -> values.Capacity: ...

    def load_balancer_security_groups(self, load_balancer: str) -> tuple[str, ...]: ...

    def owned_by_ecs(self, arns: Collection[str]) -> tuple[str, ...]:
        """Of these rules and target groups those that ECS made for itself."""
        ...

    def service_deployments(self, arns: Collection[str]) -> Mapping[str, values.NativeDeployment]:
        """ECS's own deployments, twenty a call; a name that AWS reports as MISSING is absent."""
        ...

    def newest_service_deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        """ARNs of a service's newest deployments, newest first (at most 20)."""
        ...

    def service_revisions(self, arns: Collection[str]) -> Mapping[str, values.ServiceRevision]: ...

    def deployment_group(self, application: str, name: str) -> codedeploy_values.DeploymentGroup: ...

    def github_link(self, application: str) -> codedeploy_values.GitHubLink:
        """Of an application of CodeDeploy for servers."""
        ...

    def minimum_healthy(self, config: str) -> codedeploy_values.MinimumHealthy:
        """Of a deployment configuration for servers."""
        ...

    def servers(
        self, auto_scaling_groups: Collection[str], tags: Sequence[Sequence[codedeploy_values.TagFilter]]
    ) -> tuple[str, ...]:
        """Ids of EC2 instances that run or begin to, in one of the groups or with a tag out of each list."""
        ...

    def code_deployment(self, number: str) -> codedeploy_values.CodeDeployment: ...

    def code_deployments(self, numbers: Collection[str]) -> Mapping[str, codedeploy_values.CodeDeployment]:
        """Twenty-five a call; missing ones are absent."""
        ...

    def newest_code_deployments(self, application: str, group: str) -> tuple[codedeploy_values.CodeDeployment, ...]:
        """Of one group, newest first (at most 25)."""
        ...

    def code_deployment_targets(self, number: str) -> tuple[codedeploy_values.CodeDeployTarget, ...]:
        """The ECS service or the instances with their lifecycle events; () before the deployment has started."""
        ...

    def lattice_weights(self, rule: str) -> Mapping[str, int]:
        """What a listener of VPC Lattice, or one of its rules, forwards to: ids or ARNs of target groups."""
        ...

    def appspec(self, application: str, revision: Mapping[str, Any]) -> str:
        """The text of an AppSpec. Raises NotFound when it is gone, BadAppSpec when there is none to read."""
        ...

    def declared_action(self, where: values.ApprovalAction) -> values.DeclaredAction:
        """As its pipeline has it. Raises NotFound when the pipeline, its stage or the action is not there."""
        ...

    def approval(self, where: values.ApprovalAction) -> values.Approval:
        """What an action for manual approval shows now. Raises NotFound as above."""
        ...

    def approval_run(self, where: values.ApprovalAction, execution: str) -> values.ApprovalRun:
        """In one execution of the pipeline. Raises NotFound when that has not come to the action."""
        ...

    def bundle(self, bucket: str, key: str, version: str = "") -> codedeploy_values.Bundle:
        """An object in S3."""
        ...

    def bundle_contents(self, bundle: Mapping[str, str], found: codedeploy_values.Bundle) -> archives.Contents:
        """What is in an archive in S3 that was found so. Raises BadArchive, TooLarge."""
        ...

    def starters(self, cluster: str, families: Collection[str]) -> tuple[values.Starter, ...]:
        """What starts tasks of these families in a cluster (an ARN) by itself; without families, of any.

        Rules of the default bus by name, then schedules by group and name; those that are over are absent.
        """
        ...

    def starter(self, known: values.Starter) -> values.Starter | None:
        """The same one as it is now; None when it is gone, or starts no ECS task any more."""
        ...

    def perform(self, action: Action) -> Made:
        """The only write."""
        ...


class Discovery(Gateway, Protocol):
    """What only setting up an environment asks."""

    def clusters(self) -> tuple[str, ...]:
        """Names of all of the account's in this region."""
        ...

    def service_names(self, cluster: str) -> tuple[str, ...]: ...

    def load_balancers_of(self, target_groups: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """ARNs by that of the target group; nothing else of either. Raises NotFound where one is gone."""
        ...

    def load_balancer_names(self, arns: Collection[str]) -> Mapping[str, str]:
        """DNS names by ARN."""
        ...

    def network_listeners(self, load_balancer: str) -> tuple[values.NetworkListener, ...]:
        """Of a Network Load Balancer, by port."""
        ...

    def codedeploy_applications(self) -> tuple[str, ...]: ...

    def deployment_groups(self, application: str) -> tuple[codedeploy_values.DeploymentGroup, ...]:
        """All of one application's."""
        ...

    def alarms_about(self, dimensions: Collection[str]) -> tuple[str, ...]:
        """Names of the metric alarms that look at one of these dimension values."""
        ...
