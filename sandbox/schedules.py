"""What starts ECS tasks by itself: rules of EventBridge and schedules of EventBridge Scheduler, records of moto's.

Here they run, when somebody says that their time has come (``POST schedules/run``): as AWS starts them, by the role of
the target, which may only run what its policy names. moto keeps UpdateSchedule's ActionAfterCompletion as it was, and
takes a start that has passed; AWS does neither.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.events.models import events_backends
from moto.scheduler.models import EventBridgeSchedulerBackend, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from sandbox.account import ACCOUNT
from sandbox.ecs import tasks
from sandbox.ecs.store import Store
from sandbox.iam import policies_of, trusts_service
from sandbox.patching import Patches
from sandbox.policies import evaluate

Json = dict[str, Any]
Method = Callable[..., Any]
#: Of EcsParameters, what RunTask takes by the same name with a small first letter.
SAME = ("LaunchType", "PlatformVersion", "EnableECSManagedTags", "EnableExecuteCommand", "Group")
VPC = {"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp"}


class NotStarted(ValueError):
    """Why EventBridge starts nothing: AWS counts that as a failed invocation, and tells nobody."""


def install(patches: Patches) -> None:
    patches.replace(EventBridgeSchedulerBackend, "update_schedule", _update_schedule)
    patches.replace(EventBridgeSchedulerResponse, "update_schedule", _with_what_comes_after)


def run(store: Store, region: str, request: Json) -> Json:
    """``{"rule": NAME}`` or ``{"schedule": "GROUP/NAME"}``: the tasks that it starts now. Raises NotStarted."""
    if name := request.get("rule"):
        rule = events_backends[ACCOUNT][region].describe_rule(str(name), None)
        targets = [target for target in rule.targets if "EcsParameters" in target]
        started = _by(store, "events.amazonaws.com", rule.state, targets, f"events-rule/{name}")
    else:
        group, _, own = str(request["schedule"]).partition("/")
        schedule = scheduler_backends[ACCOUNT][region].get_schedule(group, own)
        started = _by(store, "scheduler.amazonaws.com", schedule.state, [schedule.target], f"chronos-schedule/{own}")
    return {"tasks": started}


def _by(store: Store, service: str, state: str, targets: list[Json], started_by: str) -> list[str]:
    if state == "DISABLED":
        raise NotStarted("It is disabled.")
    return [arn for target in targets for arn in _start(store, service, target, started_by)]


def _start(store: Store, service: str, target: Json, started_by: str) -> list[str]:
    parameters = target["EcsParameters"]
    named = parameters["TaskDefinitionArn"]
    _check_role(service, str(target.get("RoleArn", "")), named, target["Arn"])
    network = parameters.get("NetworkConfiguration", {}).get("awsvpcConfiguration")
    request: Json = {
        "cluster": target["Arn"],
        # A family alone is its newest ACTIVE revision.
        "taskDefinition": named if ":" in named.rpartition("/")[2] else named.rpartition("/")[2],
        "count": parameters.get("TaskCount", 1),
        "startedBy": started_by,
        "overrides": json.loads(target.get("Input") or "{}"),
        **{name[:1].lower() + name[1:]: parameters[name] for name in SAME if name in parameters},
    }
    if network:
        shaped = {own: network[name] for name, own in VPC.items() if name in network}
        request["networkConfiguration"] = {"awsvpcConfiguration": shaped}
    with store.lock:
        answer = tasks.run_task(store, request)
    return [task["taskArn"] for task in answer["tasks"]]


def _check_role(service: str, role: str, task_definition: str, cluster: str) -> None:
    if not role or not trusts_service(role, service):
        raise NotStarted(f"{service} may not assume {role or 'any role'}.")
    decision = evaluate(policies_of(role), "ecs:RunTask", task_definition, {"ecs:cluster": [cluster]})
    if not decision.allowed:
        raise NotStarted(f"{role} may not ecs:RunTask {task_definition}.")


def _update_schedule(original: Method) -> Method:
    def update_schedule(backend: Any, **given: Any) -> Any:
        # As CreateSchedule is checked.
        schedule = backend.get_schedule(given["group_name"], given["name"])
        expression, start = given["schedule_expression"], given["start_date"]
        if start is not None and not expression.startswith("at("):
            _refuse_a_start_that_has_passed(schedule, start)
        return original(backend, **given)

    return update_schedule


def _refuse_a_start_that_has_passed(schedule: Any, start: Any) -> None:
    # moto looks only at the starts of expressions with an asterisk.
    before, schedule.schedule_expression = schedule.schedule_expression, "cron(* * * * ? *)"
    try:
        schedule._validate_start_date(start)
    finally:
        schedule.schedule_expression = before


def _with_what_comes_after(original: Method) -> Method:
    def update_schedule(answering: Any) -> Any:
        answer = original(answering)
        backend = answering.scheduler_backend
        name = answering.uri.split("?")[0].split("/")[-1]
        schedule = backend.get_schedule(answering._get_param("GroupName"), name)
        schedule.action_after_completion = answering._get_param("ActionAfterCompletion")
        return answer

    return update_schedule
