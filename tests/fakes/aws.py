"""An account and region in memory, behind the same Protocol as the real gateway. Test support.

    gateway = FakeGateway.pair()                        # shop-blue live with 2 tasks, shop-green idle
    gateway = FakeGateway.single()                      # or api alone, with 2 tasks behind one target group
    gateway.scale_after = 3                             # tasks run only at the fourth look at their service
    gateway.set_health(SHOP.task_definition(2), "unhealthy", "Target.ResponseCodeMismatch", "[500]")
    gateway.fail_next("UpdateService", errors.Unavailable, after_write=True)    # it happened, nobody heard

`performed` holds the actions that took effect, in order; `calls` counts every call, failed ones included.
Reads are named as in the Protocol ("services", "rule"), writes as AWS names them ("UpdateService").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws import values
from deployments.aws.permission_values import Permission, Question
from tests.fakes.discovery import Discovered
from tests.fakes.names import Express, Pair, Single

__all__ = ["API", "LANDING", "SHOP", "Express", "FakeGateway", "Pair", "Single"]

SHOP = Pair("shop")
API = Single("api")
LANDING = Express()


class FakeGateway(Discovered):
    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, values.Service]:
        self._called("services")
        return {name: self.ecs[cluster, name].observed() for name in names if (cluster, name) in self.ecs}

    def task_definition(self, arn: str) -> values.TaskDefinition:
        self._called("task_definition")
        named = {f"{each.family}:{each.revision}": each.arn for each in self.task_definitions.values()}
        newest = self._active(arn)[:1]
        found = newest[0].arn if newest else named.get(arn, arn)
        return self._get(self.task_definitions, found, "DescribeTaskDefinition")

    def newest_revisions(self, family: str) -> tuple[str, ...]:
        self._called("newest_revisions")
        return tuple(each.arn for each in self._active(family))

    def active_revisions(self, family: str) -> tuple[str, ...]:
        self._called("active_revisions")
        return tuple(each.arn for each in self._active(family))

    def revisions_in_use(self, families: Collection[str]) -> Mapping[str, str]:
        """By services, and by whoever a test has named in `uses`."""
        self._called("revisions_in_use")
        found = {each.task_definition: f"service {each.name}" for each in self.ecs.values()}
        return {**self.uses, **found}

    def _active(self, family: str) -> list[values.TaskDefinition]:
        mine = [d for d in self.task_definitions.values() if d.family == family and d.status == "ACTIVE"]
        return sorted(mine, key=lambda definition: -definition.revision)

    def registered_by(self, family: str, tag: tuple[str, str]) -> values.TaskDefinition | None:
        self._called("registered_by")
        newest = self._active(family)[:20]
        return next((definition for definition in newest if definition.tags.get(tag[0]) == tag[1]), None)

    def rule(self, arn: str) -> values.Rule:
        self._called("rule")
        return self._get(self.rules, arn, "DescribeRules")

    def rules_named(self, arns: Collection[str]) -> Mapping[str, values.Rule]:
        self._called("rules_named")
        return {arn: self.rules[arn] for arn in arns if arn in self.rules}

    def target_groups(self, arns: Collection[str]) -> Mapping[str, values.TargetGroup]:
        self._called("target_groups")
        return {group: self.groups[group] for group in arns if group in self.groups}

    def target_health(self, target_group: str) -> tuple[values.Target, ...]:
        self._called("target_health")
        self._get(self.groups, target_group, "DescribeTargetHealth")
        found: list[values.Target] = []
        for service in self.ecs.values():
            if target_group not in service.groups_with_targets:
                continue
            health = self._health.get(service.running_task_definition, ("healthy", "", ""))
            states = [health] * service.running
            states += [("draining", "Target.DeregistrationInProgress", "")] * service.draining
            for number, (state, reason, description) in enumerate(states, start=1):
                found.append(
                    values.Target(id=f"10.0.0.{number}", port=8000, state=state, reason=reason, description=description)
                )
        return tuple(found)

    def alarms(self, names: Collection[str]) -> Mapping[str, values.Alarm]:
        self._called("alarms")
        return {name: self.alarm_states[name] for name in names if name in self.alarm_states}

    def traffic(
        self, *, load_balancer: str, target_groups: Collection[str], since: datetime, until: datetime
    ) -> Mapping[str, values.Traffic]:
        self._called("traffic")
        return {group: self.measured.get(group, values.Traffic()) for group in target_groups}

    def tasks(self, cluster: str, *, service: str = "", started_by: str = "") -> tuple[values.Task, ...]:
        self._called("tasks")
        if service:
            return self._service("ListTasks", cluster, service).tasks()
        return tuple(task for task in self.one_off.values() if task.started_by == started_by)

    def running_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        self._called("running_tasks")
        return tuple(task for task in self._service("ListTasks", cluster, service).tasks() if not task.stopped)

    def stopped_tasks(self, cluster: str, service: str) -> tuple[values.Task, ...]:
        self._called("stopped_tasks")
        return tuple(self._service("ListTasks", cluster, service).stopped)

    def protected_tasks(self, cluster: str, service: str) -> tuple[values.ProtectedTask, ...]:
        self._called("protected_tasks")
        found = self._service("ListTasks", cluster, service)
        return tuple(
            values.ProtectedTask(id=task.id, task_definition=task.task_definition, until=self.protected[task.id])
            for task in found.tasks()
            if task.id in self.protected and not task.stopped
        )

    def log_tail(self, task_definition: str, task_id: str, container: str, lines: int = 40) -> tuple[str, ...]:
        self._called("log_tail")
        return self.log_lines[-lines:]

    def scalable_targets(self, resource_ids: Collection[str]) -> Mapping[str, values.ScalableTarget]:
        self._called("scalable_targets")
        return {resource: self.scaling[resource] for resource in resource_ids if resource in self.scaling}

    def image(self, repository: str, reference: str, *, platforms: bool = True) -> values.Image:
        self._called("image")
        found = self._get(self.images, (repository, reference), "BatchGetImage")
        return found if platforms else replace(found, platforms=())

    def images_there(self, repository: str, references: Collection[str]) -> frozenset[str]:
        self._called("images_there")
        return frozenset(each for each in references if (repository, each) in self.images)

    def tagged_images(self, repository: str) -> tuple[values.TaggedImage, ...]:
        self._called("tagged_images")
        return self._get(self.tagged, repository, "DescribeImages")

    def image_labels(self, repository: str, digest: str) -> Mapping[str, str]:
        self._called("image_labels")
        return self.labels.get(digest, {})

    def identity(self, now: datetime, trusted: timedelta = timedelta(0)) -> values.Identity:
        self._called("identity")
        return self.who

    def may(
        self, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        self._called("may")
        return tuple(
            Permission(action=each.action, resource=resource, decision=self._decision(each.action), asked_at=now)
            for each in questions
            for resource in each.resources
        )

    def role_may(
        self, role: str, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        self._called("role_may")
        return tuple(
            Permission(action=each.action, resource=resource, decision=self._of_role(each.action), asked_at=now)
            for each in questions
            for resource in each.resources
        )

    def _of_role(self, action: str) -> str:
        return "implicitDeny" if action in self.denied_to_tasks else "allowed"

    def log_group_seen(
        self, region: str, name: str, now: datetime, trusted: timedelta = timedelta(0)
    ) -> datetime | None:
        self._called("log_group_seen")
        return None if name in self.missing_log_groups else now

    def _decision(self, action: str) -> str:
        return "implicitDeny" if action in self.denied else "allowed"

    def role_seen(self, arn: str, now: datetime, trusted: timedelta = timedelta(0)) -> datetime | None:
        self._called("role_seen")
        return None if arn in self.missing_roles else now

    def security_group_rules(self, ids: Collection[str]) -> Mapping[str, tuple[values.SecurityGroupRule, ...]]:
        self._called("security_group_rules")
        return {group: self.security_groups[group] for group in ids if group in self.security_groups}

    def capacity(self, cluster: str) -> values.Capacity:
        self._called("capacity")
        return self.room

    def owned_by_ecs(self, arns: Collection[str]) -> tuple[str, ...]:
        self._called("owned_by_ecs")
        return tuple(arn for arn in arns if arn in self.ecs_owned)

    def load_balancer_security_groups(self, load_balancer: str) -> tuple[str, ...]:
        self._called("load_balancer_security_groups")
        return self.load_balancer_groups.get(load_balancer, ())
