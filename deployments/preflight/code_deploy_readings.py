"""What preflight reads of a service that CodeDeploy deploys to: two target groups like a pair, one service, a group."""

from deployments.aws import codedeploy_values, values
from deployments.preflight.one_service_readings import OneServiceReadings
from deployments.preflight.readings import NotLooked


class CodeDeployReadings(OneServiceReadings):
    @property
    def group(self) -> codedeploy_values.DeploymentGroup:
        group = self.find_group()
        if group is None:
            raise NotLooked(f"the deployment group {self._settings.codedeploy_group} does not exist")
        return group

    def find_group(self) -> codedeploy_values.DeploymentGroup | None:
        application, name = self._settings.codedeploy_application, self._settings.codedeploy_group
        return self._found(("deployment_group",), lambda: self._gateway.deployment_group(application, name))

    @property
    def deployments(self) -> tuple[codedeploy_values.CodeDeployment, ...]:
        application, name = self._settings.codedeploy_application, self._settings.codedeploy_group
        return self._once(("code_deployments",), lambda: self._gateway.newest_code_deployments(application, name))

    @property
    def source(self) -> values.Service:
        service = super().source
        if not service.task_definition:
            raise NotLooked(f"the service {service.name} has no primary task set")
        return service
