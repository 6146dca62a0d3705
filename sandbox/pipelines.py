"""CodePipeline's executions as far as somebody has to approve: on top of moto's, which are over as they begin.

Every action but a manual approval is done at once. A stage has one execution at a time; what comes meanwhile waits
before it, and in the mode SUPERSEDED the newest one only. PARALLEL pipelines keep nobody waiting, and tell no token.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.codepipeline.exceptions import PipelineExecutionNotFoundException, PipelineNotFoundException
from moto.codepipeline.models import CodePipelineBackend
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time, utcnow
from moto.moto_api._internal import mock_random

from sandbox.patching import Patches

Json = dict[str, Any]
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


@dataclass
class Run:
    """One run of one action."""

    execution: str
    stage: str
    action: Json
    told: Json
    status: str = "InProgress"
    token: str = ""
    summary: str = ""
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    began: float = field(default_factory=lambda: unix_time(utcnow()))
    changed: float = field(default_factory=lambda: unix_time(utcnow()))

    def end(self, status: str, summary: str = "") -> None:
        self.status, self.summary, self.changed = status, summary, unix_time(utcnow())


class Progress:
    """Where the executions of one pipeline are."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self.runs: list[Run] = []
        #: by stage: whose it is now; whose it was last; who waits before it
        self.holder: dict[str, str] = {}
        self.latest: dict[str, str] = {}
        self.inbound: dict[str, list[str]] = {}

    @property
    def stages(self) -> list[Json]:
        stages: list[Json] = self._pipeline.pipeline["stages"]
        return stages

    @property
    def mode(self) -> str:
        return str(self._pipeline.pipeline.get("executionMode", "SUPERSEDED"))

    def enter(self, execution: str, number: int) -> None:
        """A stage by its place; behind the last one the execution is over."""
        if number == len(self.stages):
            self._end(execution, "Succeeded")
            return
        name = self.stages[number]["name"]
        if self.mode != "PARALLEL" and self.holder.get(name):
            waiting = self.inbound.setdefault(name, [])
            for older in waiting if self.mode == "SUPERSEDED" else ():
                self._end(older, "Superseded")
            self.inbound[name] = [*(waiting if self.mode == "QUEUED" else ()), execution]
            return
        self.holder[name] = self.latest[name] = execution
        self.go_on(execution, number)

    def go_on(self, execution: str, number: int) -> None:
        """With the actions of a stage that have not been run in it."""
        stage = self.stages[number]
        done = {run.action["name"] for run in self.of(execution, stage["name"]) if run.status == "Succeeded"}
        for action in sorted(stage["actions"], key=lambda each: each.get("runOrder", 1)):
            if action["name"] in done:
                continue
            run = self._begin(execution, stage["name"], action)
            if run.token:
                return
            run.end("Succeeded")
        self._leave(stage["name"])
        self.enter(execution, number + 1)

    def fail(self, execution: str, stage: str) -> None:
        self._end(execution, "Failed")
        self._leave(stage)

    def of(self, execution: str, stage: str = "") -> list[Run]:
        return [run for run in self.runs if run.execution == execution and stage in ("", run.stage)]

    def latest_run(self, stage: str, action: str) -> Run | None:
        mine = [run for run in self.runs if (run.stage, run.action["name"]) == (stage, action)]
        return mine[-1] if mine else None

    def number(self, stage: str) -> int:
        return next(number for number, each in enumerate(self.stages) if each["name"] == stage)

    def _begin(self, execution: str, stage: str, action: Json) -> Run:
        told = {key: self._filled(execution, value) for key, value in action.get("configuration", {}).items()}
        run = Run(execution, stage, action, told)
        if action["actionTypeId"]["category"] == "Approval":
            run.token = str(mock_random.uuid4())
        self.runs.append(run)
        return run

    def _filled(self, execution: str, value: str) -> str:
        known = {"codepipeline.PipelineExecutionId": execution}
        for variable in self._pipeline.pipeline.get("variables", []):
            known[f"variables.{variable['name']}"] = variable.get("defaultValue", "")
        for variable in self._pipeline.executions[execution].variables:
            known[f"variables.{variable['name']}"] = variable["value"]
        return re.sub(r"#\{([^}]+)\}", lambda found: known.get(found[1], found[0]), value)

    def _leave(self, stage: str) -> None:
        self.holder[stage] = ""
        if self.inbound.get(stage):
            self.enter(self.inbound[stage].pop(0), self.number(stage))

    def _end(self, execution: str, status: str) -> None:
        self._pipeline.executions[execution].status = status
        self._pipeline.executions[execution].last_update_time = utcnow()


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
