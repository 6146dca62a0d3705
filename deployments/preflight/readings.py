"""What preflight reads from AWS, each thing at most once a run, and only when a check asks for it.

A read that failed is remembered as well: whoever asks again gets the same error without another call.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from deployments.aws import errors, values
from deployments.aws.protocol import Gateway
from deployments.preflight.words import named
from deployments.values import EnvironmentSettings
from deployments.vocabulary import Slot

Answer = TypeVar("Answer")


class NotLooked(Exception):
    """A check has nothing to look at; why that is so is another check's error."""


class Readings:
    def __init__(
        self, settings: EnvironmentSettings, gateway: Gateway, identity: values.Identity, now: datetime
    ) -> None:
        self.identity = identity
        self.now = now
        self._settings = settings
        self._gateway = gateway
        self._answers: dict[tuple[Any, ...], Any] = {}

    @property
    def answered(self) -> frozenset[str]:
        """The reads that AWS allowed in this run, by the gateway's names. NotFound is an answer too."""
        return frozenset(
            key[0]
            for key, answer in self._answers.items()
            if not isinstance(answer, errors.AwsError) or isinstance(answer, errors.NotFound)
        )

    def service(self, slot: Slot) -> values.Service | None:
        names = (self._settings.blue_service, self._settings.green_service)
        found = self._once(("services",), lambda: self._gateway.services(self._settings.cluster, names))
        return found.get(self._settings.service(slot))

    def rule(self, arn: str) -> values.Rule | None:
        return self._found(("rule", arn), lambda: self._gateway.rule(arn))

    @property
    def production_rule(self) -> values.Rule:
        rule = self.rule(self._settings.production_rule)
        if rule is None:
            raise NotLooked("the production rule does not exist")
        return rule

    @property
    def live_slot(self) -> Slot:
        """The slot that the production rule sends traffic to, when that is exactly one."""
        slots = [slot for arn in self.production_rule.live if (slot := self._settings.slot_of(arn))]
        if len(slots) != 1:
            raise NotLooked("it is not clear which slot is live")
        return slots[0]

    @property
    def source(self) -> values.Service:
        service = self.service(self.live_slot)
        if service is None:
            raise NotLooked(f"the live service {self._settings.service(self.live_slot)} does not exist")
        return service

    @property
    def target(self) -> values.Service | None:
        return self.service(self.live_slot.other)

    def find_task_definition(self) -> values.TaskDefinition | None:
        """The live one: what the live slot's service runs, not the newest of its family."""
        arn = self.source.task_definition
        return self._found(("task_definition", arn), lambda: self._gateway.task_definition(arn))

    @property
    def task_definition(self) -> values.TaskDefinition:
        definition = self.find_task_definition()
        if definition is None:
            raise NotLooked(f"the task definition {named(self.source.task_definition)} does not exist")
        return definition

    def target_group(self, slot: Slot) -> values.TargetGroup | None:
        arns = (self._settings.blue_target_group, self._settings.green_target_group)
        found = self._once(("target_groups",), lambda: self._gateway.target_groups(arns))
        return found.get(self._settings.target_group(slot))

    @property
    def live_target_group(self) -> values.TargetGroup:
        group = self.target_group(self.live_slot)
        if group is None:
            raise NotLooked("the live slot's target group does not exist")
        return group

    @property
    def live_targets(self) -> tuple[values.Target, ...]:
        arn = self.live_target_group.arn
        return self._once(("target_health",), lambda: self._gateway.target_health(arn))

    @property
    def load_balancer(self) -> str:
        for slot in Slot:
            group = self.target_group(slot)
            if group and group.load_balancer_arns:
                return group.load_balancer_arns[0]
        raise NotLooked("the target groups have no load balancer")

    @property
    def load_balancer_groups(self) -> tuple[str, ...]:
        balancer = self.load_balancer
        read = self._gateway.load_balancer_security_groups
        return self._once(("load_balancer_security_groups",), lambda: read(balancer))

    def security_groups(self, ids: Sequence[str]) -> Mapping[str, tuple[values.SecurityGroupRule, ...]]:
        wanted = tuple(sorted(set(ids)))
        return self._once(("security_group_rules", wanted), lambda: self._gateway.security_group_rules(wanted))

    @property
    def capacity(self) -> values.Capacity:
        return self._once(("capacity",), lambda: self._gateway.capacity(self._settings.cluster))

    @property
    def alarms(self) -> Mapping[str, values.Alarm]:
        return self._once(("alarms",), lambda: self._gateway.alarms(self._settings.alarms))

    @property
    def scalable_targets(self) -> Mapping[Slot, values.ScalableTarget]:
        cluster = named(self._settings.cluster)
        ids = {slot: f"service/{cluster}/{self._settings.service(slot)}" for slot in Slot}
        found = self._once(("scalable_targets",), lambda: self._gateway.scalable_targets(tuple(ids.values())))
        return {slot: found[resource] for slot, resource in ids.items() if resource in found}

    def image(self, repository: str, digest: str) -> values.Image | None:
        return self._found(("image", repository, digest), lambda: self._gateway.image(repository, digest))

    def role_exists(self, arn: str) -> bool:
        return self._once(("role_exists", arn), lambda: self._gateway.role_exists(arn))

    def may(self, action: str, resources: Sequence[str], context: Mapping[str, str]) -> tuple[values.Permission, ...]:
        return self._once(("may", action), lambda: self._gateway.may(action, resources, context))

    def _found(self, key: tuple[Any, ...], read: Callable[[], Answer]) -> Answer | None:
        try:
            return self._once(key, read)
        except errors.NotFound:
            return None

    def _once(self, key: tuple[Any, ...], read: Callable[[], Answer]) -> Answer:
        if key not in self._answers:
            try:
                self._answers[key] = read()
            except errors.AwsError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, errors.AwsError):
            raise answer
        return cast(Answer, answer)
