"""Express Mode in the in-memory account: tests say how far ECS has come, as with ECS's own deployments."""

from dataclasses import replace
from typing import Self

from deployments.aws import actions, errors, values
from tests.fakes.names import Express, arn
from tests.fakes.native import Native
from tests.fakes.service import FakeService


class ExpressMode(Native):
    @classmethod
    def express(cls, *, desired: int = 2) -> Self:
        gateway = cls()
        gateway.add_express(desired=desired)
        return gateway

    def add_express(self, *, desired: int = 2) -> Express:
        """A service of Express Mode with all that ECS made for it; its first group serves."""
        one = Express()
        self._add_definition(one, {})
        first, second = one.target_groups
        revision = arn("ecs", f"service-revision/{one.cluster}/{one.name}/0")
        service = FakeService(
            cluster=one.cluster,
            name=one.name,
            task_definition=one.task_definition(),
            desired=desired,
            running=desired,
            running_task_definition=one.task_definition(),
            target_group=first,
            alternate_target_group=second,
            production_rule=one.production_rule,
            managed_by="ECS",
            revisions=(revision,),
        )
        self.ecs[one.cluster, one.name] = service
        for group in one.target_groups:
            self.add_target_group(group, one.load_balancer)
        self.set_weights(one.production_rule, {first: 100, second: 0})
        self.alarm(one.own_alarm, "OK")
        self.revisions[revision] = self._revision(revision, one.task_definition(), first)
        return one

    def _do(self, action: actions.Action) -> actions.Made:
        if isinstance(action, actions.UpdateExpressGatewayService):
            return self._update_express(action)
        if (
            isinstance(action, actions.UpdateService)
            and self._service("UpdateService", action.cluster, action.service).managed_by
        ):
            raise errors.Invalid("UpdateService", "InvalidParameterException", "Use UpdateExpressGatewayService.")
        return super()._do(action)

    def _update_express(self, action: actions.UpdateExpressGatewayService) -> actions.Made:
        cluster, name = action.service.split("/")[-2:]
        service = self._service("UpdateExpressGatewayService", cluster, name)
        self._usable("UpdateExpressGatewayService", action.task_definition)
        before = service.task_definition
        if action.task_definition == before:  # nothing changes, so ECS starts no deployment
            return actions.Made()
        service.update(task_definition=action.task_definition, desired=None, lag=0)
        new = self._begun(cluster, name, action.task_definition, before)
        revision = self.native[new].target_revision
        self.revisions[revision] = self._revision(revision, action.task_definition, service.alternate_target_group)
        return actions.Made()

    def _turned_back(self, deployment: str) -> actions.Made:
        was = self.native[deployment]
        made = super()._turned_back(deployment)
        if self.native[deployment].status == "ROLLBACK_SUCCESSFUL" and (service := self._managed(deployment)):
            if was.production_percent == 100:
                service.swap_target_groups()
            shares = {service.target_group: 100, service.alternate_target_group: 0}
            self.set_weights(service.production_rule, shares)
        return made

    def _finished(self, deployment: str) -> None:
        super()._finished(deployment)
        if service := self._managed(deployment):
            service.revisions = (self.native[deployment].target_revision,)

    def _managed(self, deployment: str) -> FakeService | None:
        cluster, name = deployment.split("/")[-3:-1]
        service = self.ecs[cluster, name]
        return service if service.managed_by else None

    def _revision(self, name: str, task_definition: str, group: str) -> values.ServiceRevision:
        one = Express()
        return values.ServiceRevision(
            arn=name,
            task_definition=task_definition,
            target_group=group,
            managed=values.Managed(
                endpoint=one.host,
                load_balancer=one.load_balancer,
                production_rule=one.production_rule,
                target_groups=one.target_groups,
                alarms=(one.own_alarm,),
            ),
        )

    def rename_container(self, task_definition: str, name: str) -> None:
        known = self.task_definitions[task_definition]
        (container,) = known.document["containerDefinitions"]
        document = {**known.document, "containerDefinitions": [{**container, "name": name}]}
        self.task_definitions[task_definition] = replace(known, document=document)

    def ecs_ends(self) -> None:
        """It has finished with the newest deployment."""
        self._finished(next(reversed(self.native)))

    def ecs_shifts(self, percent: float, stage: str = "PRODUCTION_TRAFFIC_SHIFT") -> None:
        """The newest deployment has this share of production."""
        newest = next(reversed(self.native))
        self.native[newest] = replace(self.native[newest], stage=stage, production_percent=percent)
        cluster, name = newest.split("/")[-3:-1]
        service = self.ecs[cluster, name]
        weights = {service.target_group: int(100 - percent), service.alternate_target_group: int(percent)}
        self.set_weights(service.production_rule, weights)
