"""What preflight reads of a service that CodeDeploy deploys to: two target groups like a pair, one service, a group."""

from collections.abc import Mapping

from deployments.aws import appspecs, archives, codedeploy_values, values
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
    def last_of_owner(self) -> codedeploy_values.CodeDeployment | None:
        return appspecs.last(self.deployments)

    @property
    def hooks(self) -> tuple[appspecs.AppSpecHook, ...]:
        """Of the group's last deployment. Raises NotFound when its AppSpec is gone, BadAppSpec."""
        last, application = self.last_of_owner, self._settings.codedeploy_application
        if last is None:
            return ()
        content = self._once(("appspec",), lambda: self._gateway.appspec(application, last.revision))
        return appspecs.hooks_of(content)

    @property
    def source(self) -> values.Service:
        service = super().source
        if not service.task_definition:
            raise NotLooked(f"the service {service.name} has no primary task set")
        return service


class ServerReadings(CodeDeployReadings):
    @property
    def source(self) -> values.Service:
        raise NotLooked("servers have no ECS service")

    @property
    def services(self) -> tuple[values.Service, ...]:
        return ()

    @property
    def groups(self) -> tuple[values.TargetGroup, ...]:
        """Those that the deployment group takes servers out of and puts them back into."""
        names = self.group.target_groups
        if not names:
            return ()
        found = self._once(("target_groups_named",), lambda: self._gateway.target_groups_named(names))
        return tuple(found.values())

    def bundle(self, bucket: str, key: str, version: str) -> codedeploy_values.Bundle | None:
        return self._found(("bundle",), lambda: self._gateway.bundle(bucket, key, version))

    def bundle_contents(self, bundle: Mapping[str, str], found: codedeploy_values.Bundle) -> archives.Contents:
        """Raises BadArchive, TooLarge."""
        return self._once(("bundle_contents",), lambda: self._gateway.bundle_contents(bundle, found))

    def bundle_there(self, there: Mapping[str, str]) -> codedeploy_values.Bundle | None:
        """The archive of what the servers have."""
        place = there["bucket"], there["key"], there.get("version", "")
        return self._found(("bundle_there",), lambda: self._gateway.bundle(*place))

    @property
    def github_link(self) -> codedeploy_values.GitHubLink:
        application = self._settings.codedeploy_application
        return self._once(("github_link",), lambda: self._gateway.github_link(application))

    @property
    def servers(self) -> tuple[str, ...]:
        group = self.group
        return self._once(("servers",), lambda: self._gateway.servers(group.auto_scaling_groups, group.tags))

    def minimum_healthy(self, config: str) -> codedeploy_values.MinimumHealthy:
        return self._once(("minimum_healthy",), lambda: self._gateway.minimum_healthy(config))

    def targets(self, number: str) -> tuple[codedeploy_values.CodeDeployTarget, ...]:
        return self._once(("code_targets",), lambda: self._gateway.code_deployment_targets(number))
