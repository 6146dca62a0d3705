"""AWS CodeDeploy: groups, deployments and their targets.

It has no client tokens: a deployment whose CreateDeployment was not answered is found again by its description.
GetDeployment never shows an AppSpec's content, only its sha256.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from deployments.aws import actions, errors
from deployments.aws.appspecs import BadAppSpec
from deployments.aws.calling import chunks
from deployments.aws.codedeploy_answers import deployment_from, group_from, target_from
from deployments.aws.codedeploy_refusals import with_fix
from deployments.aws.codedeploy_values import (
    CodeDeployment,
    CodeDeployTarget,
    DeploymentGroup,
    GitHubLink,
    MinimumHealthy,
)
from deployments.aws.s3 import S3

A_CALL = 25


class CodeDeploy(S3):
    def deployment_group(self, application: str, name: str) -> DeploymentGroup:
        answer = self.call("codedeploy", "GetDeploymentGroup", applicationName=application, deploymentGroupName=name)
        return group_from(answer["deploymentGroupInfo"])

    def minimum_healthy(self, config: str) -> MinimumHealthy:
        answer = self.call("codedeploy", "GetDeploymentConfig", deploymentConfigName=config)
        hosts = answer["deploymentConfigInfo"].get("minimumHealthyHosts", {})
        return MinimumHealthy(kind=hosts.get("type", "HOST_COUNT"), value=hosts.get("value", 0))

    def github_link(self, application: str) -> GitHubLink:
        shown = self.call("codedeploy", "GetApplication", applicationName=application)["application"]
        if shown.get("linkedToGitHub"):
            return GitHubLink(account=shown.get("gitHubAccountName") or "GitHub")
        answer = self.call("codedeploy", "ListGitHubAccountTokenNames")
        return GitHubLink(account="", connections=tuple(answer.get("tokenNameList") or ()))

    def code_deployment(self, number: str) -> CodeDeployment:
        return deployment_from(self.call("codedeploy", "GetDeployment", deploymentId=number)["deploymentInfo"])

    def code_deployments(self, numbers: Collection[str]) -> dict[str, CodeDeployment]:
        found: dict[str, CodeDeployment] = {}
        for some in chunks(numbers, A_CALL):
            if len(some) > 1:
                answer = self.call("codedeploy", "BatchGetDeployments", deploymentIds=some)
                found |= {raw["deploymentId"]: deployment_from(raw) for raw in answer["deploymentsInfo"]}
                continue
            with suppress(errors.NotFound):  # only GetDeployment says clearly that it knows none
                found[some[0]] = self.code_deployment(some[0])
        return found

    def newest_code_deployments(self, application: str, group: str) -> tuple[CodeDeployment, ...]:
        listed = self.call("codedeploy", "ListDeployments", applicationName=application, deploymentGroupName=group)[
            "deployments"
        ]
        if not listed:
            return ()
        newest = listed[:A_CALL]
        found = self.call("codedeploy", "BatchGetDeployments", deploymentIds=newest)["deploymentsInfo"]
        return tuple(sorted(map(deployment_from, found), key=lambda each: newest.index(each.id)))

    def appspec(self, application: str, revision: Mapping[str, Any]) -> str:
        """Of a deployment to ECS. Raises NotFound when it is gone, BadAppSpec for what is no file of text."""
        kind = revision.get("revisionType", "")
        if kind == "S3":
            where = revision["s3Location"]
            return self.text(where["bucket"], where["key"], where.get("version", ""))
        member = {"AppSpecContent": "appSpecContent", "String": "string"}.get(kind, "")
        if not member:
            raise BadAppSpec(f"its revision is of the type {kind or 'unknown'}, which Tealgate does not read")
        wanted = {"revisionType": kind, member: {"sha256": revision.get(member, {}).get("sha256", "")}}
        answer = self.call("codedeploy", "GetApplicationRevision", applicationName=application, revision=wanted)
        return str(answer["revision"].get(member, {}).get("content") or "")

    def code_deployment_targets(self, number: str) -> tuple[CodeDeployTarget, ...]:
        try:
            ids = [
                each
                for page in self.pages("codedeploy", "ListDeploymentTargets", deploymentId=number)
                for each in page["targetIds"]
            ]
        except errors.AwsError as error:
            if error.code == "DeploymentNotStartedException":
                return ()
            raise
        found: list[CodeDeployTarget] = []
        for some in chunks(ids, A_CALL):
            answer = self.call("codedeploy", "BatchGetDeploymentTargets", deploymentId=number, targetIds=some)
            found += [target_from(raw) for raw in answer["deploymentTargets"]]
        return tuple(found)

    def _tell_codedeploy(
        self, action: actions.CreateDeployment | actions.ContinueDeployment | actions.StopDeployment
    ) -> actions.Made:
        match action:
            case actions.CreateDeployment():
                return self._create_deployment(action)
            case actions.ContinueDeployment():
                return self._continue_deployment(action)
            case actions.StopDeployment():
                return self._stop_deployment(action)

    def _create_deployment(self, action: actions.CreateDeployment) -> actions.Made:
        chosen: dict[str, Any] = {"deploymentConfigName": action.config} if action.config else {}
        if action.file_exists:
            chosen["fileExistsBehavior"] = action.file_exists
        if action.ignore_stop_failures:
            chosen["ignoreApplicationStopFailures"] = True
        if action.alarms is not None:
            named = [{"name": name} for name in action.alarms]
            chosen["overrideAlarmConfiguration"] = {"enabled": bool(named), "alarms": named}
        try:
            answer = self.call(
                "codedeploy",
                "CreateDeployment",
                applicationName=action.application,
                deploymentGroupName=action.group,
                revision=dict(action.revision),
                description=action.description,
                autoRollbackConfiguration=_rolls_back_on(action.rollback_events),
                **chosen,
            )
        except errors.AwsError as error:
            raise with_fix(error) from error
        return actions.Made(code_deployment=answer["deploymentId"])

    def _continue_deployment(self, action: actions.ContinueDeployment) -> actions.Made:
        try:
            self.call(
                "codedeploy", "ContinueDeployment", deploymentId=action.deployment, deploymentWaitType=action.wait
            )
        except errors.Invalid as error:
            # It is past that point: fine, whoever took it there. The next look tells whether it was stopped.
            if error.code == "DeploymentAlreadyCompletedException":
                return actions.Made()
            if error.code == "DeploymentIsNotInReadyStateException" and self._went_on(action.deployment):
                return actions.Made()
            raise with_fix(error) from error
        except errors.AwsError as error:
            raise with_fix(error) from error
        return actions.Made()

    def _went_on(self, number: str) -> bool:
        return any(
            (event := target.event(name)) is not None and event.status != "Pending"
            for target in self.code_deployment_targets(number)
            for name in ("BeforeAllowTraffic", "AllowTraffic")  # the first may run a hook of the owner's for an hour
        )

    def _stop_deployment(self, action: actions.StopDeployment) -> actions.Made:
        try:
            undo = action.roll_back
            self.call("codedeploy", "StopDeployment", deploymentId=action.deployment, autoRollbackEnabled=undo)
        except errors.Invalid as error:
            if error.code != "DeploymentAlreadyCompletedException":
                raise with_fix(error) from error
        except errors.AwsError as error:
            raise with_fix(error) from error
        return actions.Made()


def _rolls_back_on(events: Collection[str]) -> dict[str, Any]:
    """Said in any case, so that the group's own does not count."""
    return {"enabled": True, "events": list(events)} if events else {"enabled": False, "events": []}
