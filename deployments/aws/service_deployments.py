"""ECS's own blue/green, canary and linear deployments: service deployments, revisions and PAUSE hooks.

botocore has neither a paginator nor a waiter for them. Stages are plain strings: AWS's enumeration lacks
PRE_PRODUCTION_TRAFFIC_SHIFT although its own text lists it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from deployments.aws import actions, errors, values
from deployments.aws.calling import Caller, chunks
from deployments.aws.managed import managed_from

A_CALL = 20


class ServiceDeployments(Caller):
    def service_deployments(self, arns: Collection[str]) -> Mapping[str, values.NativeDeployment]:
        found: dict[str, values.NativeDeployment] = {}
        for some in chunks(arns, A_CALL):
            answer = self.call("ecs", "DescribeServiceDeployments", serviceDeploymentArns=some)
            for raw in answer["serviceDeployments"]:
                found[raw["serviceDeploymentArn"]] = _deployment(raw)
        return found

    def newest_service_deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        answer = self.call("ecs", "ListServiceDeployments", cluster=cluster, service=service, maxResults=A_CALL)
        newest = sorted(answer["serviceDeployments"], key=lambda raw: raw["createdAt"], reverse=True)
        return tuple(raw["serviceDeploymentArn"] for raw in newest)

    def service_revisions(self, arns: Collection[str]) -> Mapping[str, values.ServiceRevision]:
        found: dict[str, values.ServiceRevision] = {}
        for some in chunks(arns, A_CALL):
            answer = self.call("ecs", "DescribeServiceRevisions", serviceRevisionArns=some)
            for raw in answer["serviceRevisions"]:
                balancers = raw.get("resolvedConfiguration", {}).get("loadBalancers", [])
                found[raw["serviceRevisionArn"]] = values.ServiceRevision(
                    arn=raw["serviceRevisionArn"],
                    task_definition=raw.get("taskDefinition", ""),
                    target_group=balancers[0].get("targetGroupArn", "") if balancers else "",
                    gateway_ports=tuple(each["portName"] for each in raw.get("gatewayConnectors", [])),
                    managed=managed_from(raw.get("ecsManagedResources", {})),
                )
        return found

    def _tell_ecs(self, action: actions.ContinueServiceDeployment | actions.StopServiceDeployment) -> actions.Made:
        match action:
            case actions.ContinueServiceDeployment():
                return self._continue_service_deployment(action)
            case actions.StopServiceDeployment():
                return self._stop_service_deployment(action)

    def _continue_service_deployment(self, action: actions.ContinueServiceDeployment) -> actions.Made:
        try:
            self.call(
                "ecs",
                "ContinueServiceDeployment",
                serviceDeploymentArn=action.service_deployment,
                hookId=action.hook,
                action=action.answer,
            )
        except errors.Invalid:
            # The hook no longer waits: fine if an answer of ours, whose echo was lost, is why.
            if self._status_of(action) == ("SUCCEEDED" if action.answer == "CONTINUE" else "FAILED"):
                return actions.Made()
            if action.answer == "CONTINUE":
                raise
            # It went on in that moment, and is to turn back all the same.
            stop = actions.StopServiceDeployment(service_deployment=action.service_deployment)
            return self._stop_service_deployment(stop)
        return actions.Made()

    def _status_of(self, action: actions.ContinueServiceDeployment) -> str:
        found = self.service_deployments([action.service_deployment]).get(action.service_deployment)
        return next((hook.status for hook in found.hooks if hook.id == action.hook), "") if found else ""

    def _stop_service_deployment(self, action: actions.StopServiceDeployment) -> actions.Made:
        # AWS's documents accept only ROLLBACK although the model knows ABORT too.
        arn = action.service_deployment
        try:
            self.call("ecs", "StopServiceDeployment", serviceDeploymentArn=arn, stopType="ROLLBACK")
        except errors.AwsError as error:
            # It was over, or turned back, a moment before: the next look tells which.
            if error.code != "ConflictException":
                raise
        return actions.Made()


def _deployment(raw: Mapping[str, Any]) -> values.NativeDeployment:
    target = raw.get("targetServiceRevision", {})
    return values.NativeDeployment(
        arn=raw["serviceDeploymentArn"],
        status=raw["status"],
        reason=raw.get("statusReason", ""),
        stage=raw.get("lifecycleStage", ""),
        target_revision=target.get("arn", ""),
        source_revisions=tuple(each["arn"] for each in raw.get("sourceServiceRevisions", [])),
        production_percent=target.get("requestedProductionTrafficWeight") or 0.0,
        test_percent=target.get("requestedTestTrafficWeight") or 0.0,
        requested=target.get("requestedTaskCount", 0),
        running=target.get("runningTaskCount", 0),
        pending=target.get("pendingTaskCount", 0),
        hooks=tuple(_hook(each) for each in raw.get("lifecycleHookDetails", []) if each.get("targetType") == "PAUSE"),
        functions=tuple(
            values.FunctionHook(id=each["hookId"], function=each.get("targetArn", ""), status=each["status"])
            for each in raw.get("lifecycleHookDetails", [])
            if each.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA"
        ),
        configuration=raw.get("deploymentConfiguration", {}),
        rollback_reason=raw.get("rollback", {}).get("reason", ""),
        triggered_alarms=tuple(raw.get("alarms", {}).get("triggeredAlarmNames", [])),
        created_at=raw.get("createdAt"),
        finished_at=raw.get("finishedAt") or raw.get("stoppedAt"),
    )


def _hook(raw: Mapping[str, Any]) -> values.PauseHook:
    return values.PauseHook(
        id=raw["hookId"],
        status=raw["status"],
        expires_at=raw.get("expiresAt"),
        timeout_action=raw.get("timeoutAction", "ROLLBACK"),
    )
