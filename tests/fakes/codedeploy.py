"""CodeDeploy in the in-memory account: tests say how far a deployment has come."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deployments.aws import actions, bundles
from deployments.aws.archives import Contents
from deployments.aws.codedeploy_values import (
    Bundle,
    CodeDeployment,
    CodeDeployTarget,
    DeploymentGroup,
    GitHubLink,
    LastDeployment,
    MinimumHealthy,
    TagFilter,
)
from tests.fakes.express import ExpressMode
from tests.fakes.service import FakeService

NO_TARGETS: Mapping[str, int] = {}


class CodeDeployed(ExpressMode):
    def __init__(self) -> None:
        super().__init__()
        #: (application, name) -> group
        self.codedeploy_groups: dict[tuple[str, str], DeploymentGroup] = {}
        self.codedeploy: dict[str, CodeDeployment] = {}
        #: (bucket, key) -> what S3 has there
        self.bundles: dict[tuple[str, str], Bundle] = {}
        self.github_connection = GitHubLink(account="acme")
        #: ids of the instances that any group chooses, and what configurations for servers keep healthy
        self.instances: tuple[str, ...] = ("i-1", "i-2")
        self.healthy: dict[str, MinimumHealthy] = {}
        #: sha256 -> text
        self.appspecs: dict[str, str] = {}
        self.code_targets: dict[str, tuple[CodeDeployTarget, ...]] = {}
        #: CodeDeploy finishes in the very moment in which it is told to stop
        self.codedeploy_is_ahead = False
        #: what a deployment to ECS brings: (service, task definition)
        self._brings: dict[str, tuple[FakeService, str]] = {}

    def appspec(self, application: str, revision: Mapping[str, Any]) -> str:
        self._called("appspec")
        told = revision.get("appSpecContent", {}).get("sha256", "")
        return self._get(self.appspecs, told, "GetApplicationRevision")

    def bundle(self, bucket: str, key: str, version: str = "") -> Bundle:
        self._called("bundle")
        return self._get(self.bundles, (bucket, key), "HeadObject")

    def bundle_contents(self, bundle: Mapping[str, str], found: Bundle) -> Contents:
        self._called("bundle_contents")
        return Contents(files=frozenset({"appspec.yml"}), appspecs={"appspec.yml": "version: 0.0\nos: linux\n"})

    def github_link(self, application: str) -> GitHubLink:
        self._called("github_link")
        return self.github_connection

    def deployment_group(self, application: str, name: str) -> DeploymentGroup:
        """As a test has it, until something is deployed here."""
        self._called("deployment_group")
        found = self._get(self.codedeploy_groups, (application, name), "GetDeploymentGroup")
        if attempted := [*self.codedeploy.values()]:
            found = replace(found, last_attempted=_last(attempted[-1]))
        if good := [each for each in attempted if each.status == "Succeeded"]:
            found = replace(found, last_successful=_last(good[-1]), bundle=good[-1].bundle)
        return found

    def minimum_healthy(self, config: str) -> MinimumHealthy:
        self._called("minimum_healthy")
        return self._get(self.healthy, config, "GetDeploymentConfig")

    def servers(self, auto_scaling_groups: Collection[str], tags: Sequence[Sequence[TagFilter]]) -> tuple[str, ...]:
        self._called("servers")
        return self.instances

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
                    overview=NO_TARGETS, bundle=bundles.of_revision(action.revision), revision=action.revision,
                )  # fmt: skip
                if given := action.revision.get("appSpecContent"):
                    self.appspecs[given["sha256"]] = given["content"]
                self._remember(number, action)
                return actions.Made(code_deployment=number)
            case actions.ContinueDeployment():
                self._becomes(action.deployment, "InProgress" if action.wait == "READY_WAIT" else "Succeeded")
                if action.wait == "READY_WAIT":
                    self.codedeploy_shifts(action.deployment)
                return actions.Made()
            case actions.StopDeployment():
                if self.codedeploy_is_ahead:
                    self._becomes(action.deployment, "Succeeded")
                if not self.codedeploy[action.deployment].is_over:
                    self._becomes(action.deployment, "Stopped")
                return actions.Made()
        return super()._do(action)

    def codedeploy_shifts(self, number: str) -> None:
        """All traffic to what it brings, where that is known; then it waits before it ends the other tasks."""
        if number not in self._brings:
            return
        service, task_definition = self._brings[number]
        share = {service.target_group: 0, service.alternate_target_group: 100}
        self.set_weights(service.production_rule, share)
        service.target_group, service.alternate_target_group = reversed(share)
        service.update(task_definition=task_definition, desired=None, lag=0)
        self.codedeploy[number] = replace(self.codedeploy[number], termination_wait_started=True)

    def _remember(self, number: str, action: actions.CreateDeployment) -> None:
        """Of a service that tests have said how to shift."""
        group = self.codedeploy_groups.get((action.application, action.group))
        services = [self.ecs[each] for each in group.services if each in self.ecs] if group else []
        if services and services[0].alternate_target_group:
            content = json.loads(action.revision["appSpecContent"]["content"])
            properties = content["Resources"][0]["TargetService"]["Properties"]
            self._brings[number] = services[0], properties["TaskDefinition"]

    def _becomes(self, number: str, status: str) -> None:
        self.codedeploy[number] = replace(self.codedeploy[number], status=status)


def _last(each: CodeDeployment) -> LastDeployment:
    return LastDeployment(id=each.id, status=each.status, created_at=each.created_at, ended_at=each.completed_at)
