"""CodePipeline's executions as far as somebody has to approve: on top of moto's, which are over as they begin.

Every action but a manual approval is done at once. A stage has one execution at a time; what comes meanwhile waits
before it, and in the mode SUPERSEDED the newest one only. PARALLEL pipelines keep nobody waiting, and tell no token.
"""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

from moto.codepipeline.exceptions import PipelineExecutionNotFoundException, PipelineNotFoundException
from moto.codepipeline.models import CodePipelineBackend
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time

from sandbox.patching import Patches
from sandbox.pipelines.progress import Json, Progress, Run

ANSWERS = {"Approved": "Succeeded", "Rejected": "Failed"}


def install(patches: Patches) -> None:
    patches.replace(CodePipelineBackend, "start_pipeline_execution", _starting)
    for name, answer in (
        ("get_pipeline_state", _get_pipeline_state),
        ("list_action_executions", _list_action_executions),
        ("put_approval_result", _put_approval_result),
        ("retry_stage_execution", _retry_stage_execution),
    ):
        patches.replace(CodePipelineResponse, name, functools.partial(_instead, answer))


def _instead(answer: Callable[[Any], str], _: object) -> Callable[[Any], str]:
    return answer


def _progress(pipeline: Any) -> Progress:
    kept: Progress = vars(pipeline).setdefault("progress", Progress(pipeline))
    return kept


def _starting(original: Any) -> Any:
    def start_pipeline_execution(backend: Any, name: str, variables: list[Json] | None) -> str:
        execution: str = original(backend, name, variables)
        pipeline = backend.pipelines[name]
        pipeline.executions[execution].status = "InProgress"
        _progress(pipeline).enter(execution, 0)
        return execution

    return start_pipeline_execution


def _get_pipeline_state(response: Any) -> str:
    pipeline = _pipeline(response, "name")
    progress = _progress(pipeline)
    return json.dumps(
        {
            "pipelineName": pipeline.pipeline["name"],
            "pipelineVersion": pipeline.pipeline["version"],
            "stageStates": [_stage_state(progress, stage) for stage in progress.stages],
            "created": unix_time(pipeline._created),
            "updated": unix_time(pipeline._updated),
        }
    )


def _stage_state(progress: Progress, stage: Json) -> Json:
    name = stage["name"]
    state: Json = {
        "stageName": name,
        "inboundTransitionState": {"enabled": True},
        "inboundExecutions": [
            {"pipelineExecutionId": each, "status": "InProgress"} for each in progress.inbound.get(name, [])
        ],
        "actionStates": [_action_state(progress, name, action["name"]) for action in stage["actions"]],
    }
    if execution := progress.latest.get(name):
        statuses = {run.status for run in progress.of(execution, name)}
        status = next((each for each in ("InProgress", "Failed") if each in statuses), "Succeeded")
        state["latestExecution"] = {"pipelineExecutionId": execution, "status": status}
    return state


def _action_state(progress: Progress, stage: str, action: str) -> Json:
    run = progress.latest_run(stage, action)
    if run is None:
        return {"actionName": action}
    latest: Json = {"actionExecutionId": run.id, "status": run.status, "lastStatusChange": run.changed}
    if run.token and run.status == "InProgress" and progress.mode != "PARALLEL":
        latest["token"] = run.token
    return {"actionName": action, "latestExecution": latest | ({"summary": run.summary} if run.summary else {})}


def _list_action_executions(response: Any) -> str:
    progress = _progress(_pipeline(response, "pipelineName"))
    wanted = (response._get_param("filter") or {}).get("pipelineExecutionId")
    if wanted and not progress.of(wanted):
        raise PipelineExecutionNotFoundException(f"There is no execution with id '{wanted}'")
    runs = [run for run in reversed(progress.runs) if wanted in (None, run.execution)]
    return json.dumps({"actionExecutionDetails": [_detail(run) for run in runs]})


def _detail(run: Run) -> Json:
    return {
        "pipelineExecutionId": run.execution,
        "actionExecutionId": run.id,
        "pipelineVersion": 1,
        "stageName": run.stage,
        "actionName": run.action["name"],
        "startTime": run.began,
        "lastUpdateTime": run.changed,
        "status": run.status,
        "input": {
            "actionTypeId": run.action["actionTypeId"],
            "configuration": run.action.get("configuration", {}),
            "resolvedConfiguration": run.told,
        },
    }


def _put_approval_result(response: Any) -> str:
    progress = _progress(_pipeline(response, "pipelineName"))
    stage, name = response._get_param("stageName"), response._get_param("actionName")
    _declared(progress, stage, name)
    result, run = response._get_param("result"), progress.latest_run(stage, name)
    if result.get("status") not in ANSWERS or len(result.get("summary", "")) > 512:
        raise JsonRESTError("ValidationException", "The validation was specified in an invalid format.")
    given = next((each for each in progress.runs if each.token and each.token == response._get_param("token")), None)
    if run is None or given is None or given is not run and given.status == "InProgress":
        said = "The approval request already received a response or has expired."
        raise JsonRESTError("InvalidApprovalTokenException", said)
    if given.status != "InProgress":
        said = "The approval action has already been approved or rejected."
        raise JsonRESTError("ApprovalAlreadyCompletedException", said)
    run.end(ANSWERS[result["status"]], result["summary"])
    if run.status == "Succeeded":
        progress.go_on(run.execution, progress.number(stage))
    else:
        progress.fail(run.execution, stage)
    return json.dumps({"approvedAt": run.changed})


def _retry_stage_execution(response: Any) -> str:
    """As far as its failed actions go: they are run again in the same execution."""
    pipeline = _pipeline(response, "pipelineName")
    progress, stage = _progress(pipeline), response._get_param("stageName")
    execution = response._get_param("pipelineExecutionId")
    if progress.latest.get(stage) != execution or progress.holder.get(stage):
        raise JsonRESTError("NotLatestPipelineExecutionException", "The stage has failed in a later execution.")
    pipeline.executions[execution].status = "InProgress"
    progress.holder[stage] = execution
    progress.go_on(execution, progress.number(stage))
    return json.dumps({"pipelineExecutionId": execution})


def _pipeline(response: Any, parameter: str) -> Any:
    name = response._get_param(parameter)
    found = response.codepipeline_backend.pipelines.get(name)
    if found is None:
        said = f"Account '{response.current_account}' does not have a pipeline with name '{name}'"
        raise PipelineNotFoundException(said)
    return found


def _declared(progress: Progress, stage: str, name: str) -> Json:
    actions = next((each["actions"] for each in progress.stages if each["name"] == stage), None)
    if actions is None:
        raise JsonRESTError("StageNotFoundException", f"There is no stage with name '{stage}'")
    found: Iterator[Json] = (each for each in actions if each["name"] == name)
    action = next(found, None)
    if action is None:
        raise JsonRESTError("ActionNotFoundException", f"There is no action with name '{name}'")
    return action
