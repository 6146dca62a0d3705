"""ECS's own deployments in the in-memory account: tests say how far ECS has come."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from deployments.aws import actions, values
from tests.fakes.names import arn
from tests.fakes.orders import Orders


class Native(Orders):
    def __init__(self) -> None:
        super().__init__()
        self.native: dict[str, values.NativeDeployment] = {}
        self.revisions: dict[str, values.ServiceRevision] = {}
        #: looks at a deployment after which ECS has finished it by itself; 0 = tests say how far it is
        self.ecs_takes = 0
        #: ECS finishes in the very moment in which it is told to turn back
        self.ecs_is_ahead = False
        self.looks: Counter[str] = Counter()
        #: by deployment its cluster and service, and the task definition before it
        self._replaces: dict[str, tuple[str, str, str]] = {}

    def service_deployments(self, arns: Collection[str]) -> Mapping[str, values.NativeDeployment]:
        self._called("service_deployments")
        for each in arns:
            self.looks[each] += 1
            if self.ecs_takes and self.looks[each] >= self.ecs_takes and not self._is_over(each):
                self._finished(each)
        return {each: self.native[each] for each in arns if each in self.native}

    def newest_service_deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        self._called("newest_service_deployments")
        return self.newest_of(cluster, service)

    def newest_of(self, cluster: str, service: str) -> tuple[str, ...]:
        return tuple(each for each in reversed(self.native) if f"/{cluster}/{service}/" in each)

    def service_revisions(self, arns: Collection[str]) -> Mapping[str, values.ServiceRevision]:
        self._called("service_revisions")
        return {each: self.revisions[each] for each in arns if each in self.revisions}

    def ecs_is_at(self, stage: str, **members: Any) -> None:
        """The newest deployment has come so far, such as ecs_is_at("BAKE_TIME", production_percent=100)."""
        newest = next(reversed(self.native))
        self.native[newest] = replace(self.native[newest], stage=stage, **members)

    def ecs_bakes(self) -> None:
        """The newest deployment has all traffic."""
        newest = next(reversed(self.native))
        self.native[newest] = replace(self.native[newest], stage="BAKE_TIME", production_percent=100.0)
        cluster, name = newest.split("/")[-3:-1]
        service = self.ecs[cluster, name]
        share = {service.target_group: 0, service.alternate_target_group: 100}
        self.set_weights(service.production_rule, share)
        service.target_group, service.alternate_target_group = reversed(share)

    def _do(self, action: actions.Action) -> actions.Made:
        match action:
            case actions.ContinueServiceDeployment():
                return self._answered(action)
            case actions.StopServiceDeployment():
                return self._turned_back(action.service_deployment)
            case actions.UpdateService() if action.deployment_configuration is not None:
                before = self._service("UpdateService", action.cluster, action.service).task_definition
                made = super()._do(action)
                if action.task_definition not in (None, before):  # where nothing changes, ECS starts no deployment
                    self._started(action, before)
                return replace(made, service_deployment=next(reversed(self.native), ""))
        return super()._do(action)

    def _started(self, action: actions.UpdateService, before: str) -> None:
        self._begun(action.cluster, action.service, action.task_definition or "", before)

    def _begun(self, cluster: str, service: str, task_definition: str, before: str) -> str:
        """The ARN of ECS's own deployment."""
        number = len(self.native) + 1
        revision = arn("ecs", f"service-revision/{cluster}/{service}/{number}")
        group = self.ecs[cluster, service].alternate_target_group
        self.revisions[revision] = values.ServiceRevision(
            arn=revision, task_definition=task_definition, target_group=group
        )
        new = arn("ecs", f"service-deployment/{cluster}/{service}/{number}")
        for each in self.newest_of(cluster, service):
            if not self._is_over(each):
                self.native[each] = replace(self.native[each], status="STOPPED")
        self.native[new] = values.NativeDeployment(
            arn=new, status="IN_PROGRESS", reason="", stage="SCALE_UP", target_revision=revision
        )
        self._replaces[new] = cluster, service, before
        self.ecs[cluster, service].service_deployment = new
        return new

    def started_anew(self, cluster: str, name: str) -> str:
        """Somebody forces a new deployment of what the service has, and ECS has not shifted to it yet."""
        definition = self.ecs[cluster, name].task_definition
        return self._begun(cluster, name, definition, definition)

    def ecs_has_finished(self, deployment: str) -> None:
        self._finished(deployment)

    def _answered(self, action: actions.ContinueServiceDeployment) -> actions.Made:
        if action.answer == "ROLLBACK":
            return self._turned_back(action.service_deployment)
        was = self.native[action.service_deployment]
        hooks = tuple(replace(hook, status="SUCCEEDED") if hook.id == action.hook else hook for hook in was.hooks)
        self.native[was.arn] = replace(was, hooks=hooks)
        return actions.Made()

    def _turned_back(self, deployment: str) -> actions.Made:
        if self.ecs_is_ahead:
            self._finished(deployment)
        was = self.native[deployment]
        if self._is_over(deployment):
            return actions.Made()
        self.native[deployment] = replace(was, status="ROLLBACK_SUCCESSFUL", production_percent=0.0, hooks=())
        if deployment in self._replaces:
            cluster, name, before = self._replaces[deployment]
            self.ecs[cluster, name].update(task_definition=before, desired=None, lag=0)
        return actions.Made()

    def _finished(self, deployment: str) -> None:
        if self.native[deployment].production_percent != 100:
            self.ecs_bakes()
        self.native[deployment] = replace(self.native[deployment], status="SUCCESSFUL", stage="CLEAN_UP", hooks=())

    def _is_over(self, deployment: str) -> bool:
        over = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
        return deployment not in self.native or self.native[deployment].status in over
