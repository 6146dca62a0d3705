"""What preflight reads from AWS, each thing at most once a run, and only when a check asks for it.

Which service is live, and what else belongs to an environment, depends on its kind: `pair_readings`,
`one_service_readings` and `service_readings` say so.

A read that failed is remembered as well: whoever asks again gets the same error without another call.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from deployments.aws import errors, values
from deployments.aws.permission_values import Permission, Question
from deployments.aws.protocol import Gateway
from deployments.definitions.base import NoBase, base_of
from deployments.evidence.providers import cloudwatch_alarms
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.words import named

Answer = TypeVar("Answer")


class NotLooked(Exception):
    """A check has nothing to look at; why that is so is another check's error."""


class Readings(ABC):
    def __init__(
        self,
        settings: EnvironmentSettings,
        gateway: Gateway,
        now: datetime,
        trusted: timedelta = timedelta(0),
    ) -> None:
        """`trusted`: so old may be what AWS said of who we are, of roles and of what is allowed."""
        self.now = now
        #: when the oldest answer was given
        self.asked_at = now
        self._trusted = trusted
        self._settings = settings
        self._gateway = gateway
        self._answers: dict[tuple[Any, ...], Any] = {}

    def find_service(self) -> values.Service | None:
        """That of an environment with a single one."""
        name = self._settings.service_name
        found = self._once(("services",), lambda: self._gateway.services(self._settings.cluster, (name,)))
        return found.get(name)

    def gateway_route(self, service: values.Service) -> values.ServiceRevision | None:
        """What runs of a service whose way in is an ECS Gateway; None when it has another one, or may not be read."""
        if service.target_groups or not service.revisions:
            return None
        newest = service.revisions[:1]
        try:
            found = self._once(("service_revisions", *newest), lambda: self._gateway.service_revisions(newest))
        except errors.Denied:
            return None
        return next((each for each in found.values() if each.gateway_ports), None)

    @property
    def identity(self) -> values.Identity:
        identity = self._once(("identity",), lambda: self._gateway.identity(self.now, self._trusted))
        self._given_at(identity.asked_at)
        return identity

    @property
    def answered(self) -> frozenset[str]:
        """The reads that AWS allowed in this run, by the gateway's names. NotFound is an answer too."""
        return frozenset(
            key[0]
            for key, answer in self._answers.items()
            if not isinstance(answer, errors.AwsError) or isinstance(answer, errors.NotFound)
        )

    @property
    @abstractmethod
    def source(self) -> values.Service:
        """The service that is live."""

    @property
    @abstractmethod
    def services(self) -> tuple[values.Service, ...]:
        """All of the environment's that exist."""

    @property
    @abstractmethod
    def groups(self) -> tuple[values.TargetGroup, ...]:
        """The environment's target groups that exist."""

    @property
    @abstractmethod
    def live_target_group(self) -> values.TargetGroup: ...

    @property
    @abstractmethod
    def is_scaled(self) -> bool:
        """Whether Application Auto Scaling changes a desired count."""

    @property
    def load_balancer(self) -> str:
        for group in self.groups:
            if group.load_balancer_arns:
                return group.load_balancer_arns[0]
        raise NotLooked("the target groups have no load balancer")

    def rule(self, arn: str) -> values.Rule | None:
        return self._found(("rule", arn), lambda: self._gateway.rule(arn))

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

    def starters(self, cluster: str, families: tuple[str, ...]) -> tuple[values.Starter, ...]:
        return self._once(("starters",), lambda: self._gateway.starters(cluster, families))

    def definition_named(self, name: str) -> values.TaskDefinition | None:
        """Of any family: by ARN, or the newest by the family alone."""
        return self._found(("task_definition", name), lambda: self._gateway.task_definition(name))

    def find_base(self, artefact: Artefact | None) -> values.TaskDefinition | NoBase:
        """What the release's is made from, or why there is nothing."""
        live = self.task_definition
        return self._once(("base",), lambda: _base(self._settings, artefact, live, self._gateway))

    def base(self, artefact: Artefact | None) -> values.TaskDefinition:
        found = self.find_base(artefact)
        if isinstance(found, NoBase):
            raise NotLooked("there is nothing to make the release's task definition from")
        return found

    @property
    def live_targets(self) -> tuple[values.Target, ...]:
        arn = self.live_target_group.arn
        return self._once(("target_health",), lambda: self._gateway.target_health(arn))

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
        return self._once(("alarms",), lambda: cloudwatch_alarms.read(self._settings.alarms, self._gateway))

    def image(self, repository: str, digest: str, *, platforms: bool) -> values.Image | None:
        """With its platforms only where they are wanted: they are another call, and a digest's never change."""
        read = self._gateway.image
        return self._found(
            ("image", repository, digest, platforms), lambda: read(repository, digest, platforms=platforms)
        )

    def declared_action(self, where: values.ApprovalAction) -> values.DeclaredAction:
        return self._once(("declared_action", where.arn), lambda: self._gateway.declared_action(where))

    def images_there(self, repository: str, references: Sequence[str]) -> frozenset[str]:
        read = self._gateway.images_there
        found = self._found(("images_there", repository), lambda: read(repository, references))
        return found or frozenset()  # without the repository none is

    def role_seen(self, arn: str) -> datetime | None:
        seen = self._once(("role_seen", arn), lambda: self._gateway.role_seen(arn, self.now, self._trusted))
        self._given_at(seen)
        return seen

    def may(self, questions: Sequence[Question]) -> tuple[Permission, ...]:
        answers = self._once(("may", *questions), lambda: self._gateway.may(questions, self.now, self._trusted))
        for answer in answers:
            self._given_at(answer.asked_at)
        return answers

    def role_may(self, role: str, questions: Sequence[Question]) -> tuple[Permission, ...]:
        """May another role than ours do this?"""
        read = self._gateway.role_may
        answers = self._once(("role_may", role, *questions), lambda: read(role, questions, self.now, self._trusted))
        for answer in answers:
            self._given_at(answer.asked_at)
        return answers

    def log_group_seen(self, region: str, name: str) -> datetime | None:
        read = self._gateway.log_group_seen
        seen = self._once(("log_group_seen", region, name), lambda: read(region, name, self.now, self._trusted))
        self._given_at(seen)
        return seen

    def _given_at(self, moment: datetime | None) -> None:
        self.asked_at = min(self.asked_at, moment or self.now)

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


def _base(
    settings: EnvironmentSettings, artefact: Artefact | None, live: values.TaskDefinition, gateway: Gateway
) -> values.TaskDefinition | NoBase:
    try:
        return base_of(settings, artefact, live, gateway)
    except NoBase as none:
        return none
