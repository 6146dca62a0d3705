"""ECS's own deployments in the in-memory account: tests say how far ECS has come."""

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

    def service_deployments(self, arns: Collection[str]) -> Mapping[str, values.NativeDeployment]:
        self._called("service_deployments")
        return {each: self.native[each] for each in arns if each in self.native}

    def newest_service_deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        self._called("newest_service_deployments")
        return tuple(each for each in reversed(self.native) if f"/{cluster}/{service}/" in each)

    def service_revisions(self, arns: Collection[str]) -> Mapping[str, values.ServiceRevision]:
        self._called("service_revisions")
        return {each: self.revisions[each] for each in arns if each in self.revisions}

    def ecs_is_at(self, stage: str, **members: Any) -> None:
        """The newest deployment has come so far, such as ecs_is_at("BAKE_TIME", production_percent=100)."""
        newest = next(reversed(self.native))
        self.native[newest] = replace(self.native[newest], stage=stage, **members)

    def _do(self, action: actions.Action) -> actions.Made:
        match action:
            case actions.ContinueServiceDeployment():
                return self._answered(action)
            case actions.StopServiceDeployment():
                return self._turned_back(action.service_deployment)
            case actions.UpdateService() if action.deployment_configuration is not None:
                made = super()._do(action)
                self._started(action)
                return made
        return super()._do(action)

    def _started(self, action: actions.UpdateService) -> None:
        number = len(self.native) + 1
        revision = arn("ecs", f"service-revision/{action.cluster}/{action.service}/{number}")
        self.revisions[revision] = values.ServiceRevision(arn=revision, task_definition=action.task_definition or "")
        new = arn("ecs", f"service-deployment/{action.cluster}/{action.service}/{number}")
        self.native[new] = values.NativeDeployment(
            arn=new, status="IN_PROGRESS", reason="", stage="SCALE_UP", target_revision=revision
        )

    def _answered(self, action: actions.ContinueServiceDeployment) -> actions.Made:
        if action.answer == "ROLLBACK":
            return self._turned_back(action.service_deployment)
        was = self.native[action.service_deployment]
        hooks = tuple(replace(hook, status="SUCCEEDED") if hook.id == action.hook else hook for hook in was.hooks)
        self.native[was.arn] = replace(was, hooks=hooks)
        return actions.Made()

    def _turned_back(self, deployment: str) -> actions.Made:
        was = self.native[deployment]
        self.native[deployment] = replace(was, status="ROLLBACK_SUCCESSFUL", production_percent=0.0, hooks=())
        return actions.Made()
