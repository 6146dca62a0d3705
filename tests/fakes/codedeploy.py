"""CodeDeploy in the in-memory account: tests say how far a deployment has come."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from deployments.aws import actions
from deployments.aws.codedeploy_values import Bundle, CodeDeployment, CodeDeployTarget, DeploymentGroup
from tests.fakes.native import Native

NO_TARGETS: Mapping[str, int] = {}


class CodeDeployed(Native):
    def __init__(self) -> None:
        super().__init__()
        #: (application, name) -> group
        self.codedeploy_groups: dict[tuple[str, str], DeploymentGroup] = {}
        self.codedeploy: dict[str, CodeDeployment] = {}
        #: (bucket, key) -> what S3 has there
        self.bundles: dict[tuple[str, str], Bundle] = {}
        self.code_targets: dict[str, tuple[CodeDeployTarget, ...]] = {}

    def bundle(self, bucket: str, key: str, version: str = "") -> Bundle:
        self._called("bundle")
        return self._get(self.bundles, (bucket, key), "HeadObject")

    def deployment_group(self, application: str, name: str) -> DeploymentGroup:
        self._called("deployment_group")
        return self._get(self.codedeploy_groups, (application, name), "GetDeploymentGroup")

    def code_deployment(self, number: str) -> CodeDeployment:
        self._called("code_deployment")
        return self._get(self.codedeploy, number, "GetDeployment")

    def code_deployments(self, numbers: Collection[str]) -> Mapping[str, CodeDeployment]:
        self._called("code_deployments")
        return {each: self.codedeploy[each] for each in numbers if each in self.codedeploy}

    def newest_code_deployments(self, application: str, group: str) -> tuple[CodeDeployment, ...]:
        self._called("newest_code_deployments")
        return tuple(reversed(self.codedeploy.values()))

    def code_deployment_targets(self, number: str) -> tuple[CodeDeployTarget, ...]:
        self._called("code_deployment_targets")
        return self.code_targets.get(number, ())

    def _do(self, action: actions.Action) -> actions.Made:
        match action:
            case actions.CreateDeployment():
                number = f"d-{len(self.codedeploy) + 1:09}"
                self.codedeploy[number] = CodeDeployment(
                    id=number, status="Created", description=action.description, config=action.config,
                    overview=NO_TARGETS,
                )  # fmt: skip
                return actions.Made(code_deployment=number)
            case actions.ContinueDeployment():
                self._becomes(action.deployment, "InProgress" if action.wait == "READY_WAIT" else "Succeeded")
                return actions.Made()
            case actions.StopDeployment():
                self._becomes(action.deployment, "Stopped")
                return actions.Made()
        return super()._do(action)

    def _becomes(self, number: str, status: str) -> None:
        self.codedeploy[number] = replace(self.codedeploy[number], status=status)
