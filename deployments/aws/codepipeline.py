"""CodePipeline, as far as one action for manual approval goes: how it is declared, that it waits, its answer.

A pipeline is asked in its own region, which need not be the environment's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from deployments.aws import actions, errors, values
from deployments.aws.calling import Caller, storable


class CodePipeline(Caller):
    def declared_action(self, where: values.ApprovalAction) -> values.DeclaredAction:
        answer = self.call("codepipeline", "GetPipeline", region=where.region, name=where.pipeline)["pipeline"]
        stage = _named("GetPipeline", "Stage", where.stage, answer["stages"], "name")
        found = _named("GetPipeline", "Action", where.name, stage["actions"], "name")
        return values.DeclaredAction(
            category=found["actionTypeId"]["category"],
            provider=found["actionTypeId"]["provider"],
            mode=answer.get("executionMode", "SUPERSEDED"),
            custom_data=found.get("configuration", {}).get("CustomData", ""),
        )

    def approval(self, where: values.ApprovalAction) -> values.Approval:
        answer = self.call("codepipeline", "GetPipelineState", region=where.region, name=where.pipeline)
        stage = _named("GetPipelineState", "Stage", where.stage, answer["stageStates"], "stageName")
        found = _named("GetPipelineState", "Action", where.name, stage["actionStates"], "actionName")
        latest = found.get("latestExecution", {})
        return values.Approval(
            execution=stage.get("latestExecution", {}).get("pipelineExecutionId", ""),
            status=latest.get("status", ""),
            token=latest.get("token", ""),
            summary=latest.get("summary", ""),
        )

    def approval_run(self, where: values.ApprovalAction, execution: str) -> values.ApprovalRun:
        pages = self.pages(
            "codepipeline", "ListActionExecutions",
            region=where.region, pipelineName=where.pipeline, filter={"pipelineExecutionId": execution},
        )  # fmt: skip
        runs = [run for page in pages for run in page["actionExecutionDetails"]]
        mine = [run for run in runs if (run["stageName"], run["actionName"]) == (where.stage, where.name)]
        if not mine:
            said = f"Execution {execution} of {where.pipeline} has not come to {where.stage}/{where.name}."
            raise errors.NotFound("ListActionExecutions", "ActionExecutionNotFound", said)
        newest = max(mine, key=lambda run: run["startTime"])
        told = newest.get("input", {}).get("resolvedConfiguration", {})
        result = newest.get("output", {}).get("executionResult", {})
        return values.ApprovalRun(
            began_at=min(run["startTime"] for run in runs),
            status=newest["status"],
            custom_data=storable(told.get("CustomData", "")),
            summary=result.get("externalExecutionSummary", ""),
        )

    def _answer_approval(self, action: actions.PutApprovalResult) -> actions.Made:
        where = values.ApprovalAction.parse(action.approval_action)
        try:
            self.call(
                "codepipeline", "PutApprovalResult",
                region=where.region, pipelineName=where.pipeline, stageName=where.stage, actionName=where.name,
                result={"summary": action.summary, "status": action.status}, token=action.token,
            )  # fmt: skip
        except errors.AwsError as error:  # AWS may repeat what was sent
            said = error.said.replace(action.token, "…")
            raise type(error)(error.operation, error.code, said) from None
        return actions.Made()


def _named(operation: str, what: str, name: str, among: Iterable[Mapping[str, Any]], key: str) -> Mapping[str, Any]:
    found = next((each for each in among if each[key] == name), None)
    if found is None:
        raise errors.NotFound(operation, f"{what}NotFoundException", f"The pipeline has no {what.lower()} {name}.")
    return found
