"""What preflight reads of a service that CodeDeploy deploys to: two target groups like a pair, one service, a group."""

from collections.abc import Mapping

from deployments.aws import codedeploy_values, values
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.readings import NotLooked
from deployments.preflight.words import named
from deployments.vocabulary import Slot


class CodeDeployReadings(PairReadings):
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

    def find_service(self) -> values.Service | None:
        name = self._settings.service_name
        found = self._once(("services",), lambda: self._gateway.services(self._settings.cluster, (name,)))
        return found.get(name)

    def service(self, slot: Slot) -> values.Service | None:
        return self.find_service() if slot is self.live_slot else None

    @property
    def source(self) -> values.Service:
        service = self.find_service()
        if service is None:
            raise NotLooked(f"the service {self._settings.service_name} does not exist")
        if not service.task_definition:
            raise NotLooked(f"the service {service.name} has no primary task set")
        return service

    @property
    def services(self) -> tuple[values.Service, ...]:
        service = self.find_service()
        return (service,) if service else ()

    @property
    def scalable_targets(self) -> Mapping[Slot, values.ScalableTarget]:
        resource = f"service/{named(self._settings.cluster)}/{self._settings.service_name}"
        found = self._once(("scalable_targets",), lambda: self._gateway.scalable_targets((resource,)))
        return {self.live_slot: found[resource]} if resource in found else {}
