"""Where the executions of a pipeline are: which stage is whose, who waits before it, and what every action came to."""

import re
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import unix_time, utcnow
from moto.moto_api._internal import mock_random

Json = dict[str, Any]


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
