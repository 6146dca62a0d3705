"""RunTask, StopTask, ListTasks and DescribeTasks, and what starting or stopping a task means.

Creating a task only notes it down; ``lifecycle`` starts its containers.
"""

import uuid

from sandbox.ecs import capacity, eventbridge, rendering, volumes
from sandbox.ecs.cluster import Cluster
from sandbox.ecs.errors import ClientError, EcsError, InvalidParameter
from sandbox.ecs.model import Container, Deployment, Json, Service, Task, TaskDefinition, launch_type, utcnow
from sandbox.ecs.pages import page
from sandbox.ecs.placement import NoRoom, find_instance
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked


class Conflict(EcsError):
    code = "ConflictException"


def run_task(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    definition = store.usable_task_definition(request["taskDefinition"])
    token = request.get("clientToken")
    asked = repr(sorted((key, repr(value)) for key, value in request.items()))
    if token and token in store.run_task_tokens:
        before, ids = store.run_task_tokens[token]
        if before != asked:
            raise Conflict(f"The client token {token} was used with other parameters.")
        return _started(store, [store.tasks[number] for number in ids if number in store.tasks])
    count = int(request.get("count", 1))
    if not 1 <= count <= 10:
        raise InvalidParameter("count must be between 1 and 10.")
    if definition.network_mode == "awsvpc" and not request.get("networkConfiguration"):
        raise InvalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    _check_overrides(definition, request.get("overrides", {}))
    volumes.check(definition, request.get("volumeConfigurations"))
    if request.get("propagateTags") == "SERVICE":
        raise InvalidParameter("SERVICE is not a valid value of propagateTags when running a task.")
    tags = checked(request)
    launch = capacity.chosen(cluster, request)
    if launch_type(launch) == "EC2":
        place = find_instance(store, cluster, definition)
        if isinstance(place, NoRoom):
            failure = {"reason": place.failure} | ({"arn": place.arn} if place.arn else {})
            return {"tasks": [], "failures": [failure] * count}
    tasks = [
        add(
            store,
            cluster,
            definition,
            launch_type=launch_type(launch),
            capacity_provider=provider,
            group=request.get("group", f"family:{definition.family}"),
            started_by=request.get("startedBy", ""),
            overrides=request.get("overrides", {}),
            network_configuration=request.get("networkConfiguration", {}),
        )
        for provider in capacity.spread(launch.get("capacityProviderStrategy", []), [], count)
    ]
    for task in tasks:
        store.tags[task.arn] = tags
    if token:
        store.run_task_tokens[token] = (asked, [task.id for task in tasks])
    store.wake()
    return _started(store, tasks)


def stop_task(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    task = find(store, cluster, request["task"])
    if task is None:
        raise InvalidParameter("The referenced task was not found.")
    stop(store, task, "UserInitiated", request.get("reason", "Task stopped by user"))
    store.wake()
    return {"task": rendering.task(store, task, tags=True)}


def describe_tasks(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    if not request.get("tasks"):
        raise InvalidParameter("Tasks cannot be empty.")
    found, failures = [], []
    for reference in request["tasks"]:
        task = find(store, cluster, reference)
        if task is None:
            number = reference.rpartition("/")[2]
            failures.append({"arn": store.arn(f"task/{cluster.name}/{number}"), "reason": "MISSING"})
        else:
            found.append(rendering.task(store, task, tags="TAGS" in request.get("include", [])))
    return {"tasks": found, "failures": failures}


def list_tasks(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    if request.get("serviceName"):
        store.service(cluster, request["serviceName"])
    wanted = {
        "desired_status": request.get("desiredStatus", "RUNNING"),
        "family": request.get("family"),
        "started_by": request.get("startedBy"),
        "service": request.get("serviceName", "").rpartition("/")[2] or None,
        "launch_type": request.get("launchType"),
        "instance": request.get("containerInstance", "").rpartition("/")[2] or None,
    }
    if wanted["started_by"] and (wanted["family"] or wanted["service"] or wanted["instance"]):
        raise InvalidParameter("Cannot combine startedBy with other filters.")
    arns = [task.arn for task in store.tasks.values() if task.cluster is cluster and _fits(task, wanted)]
    return page(arns, request, "taskArns")


def find(store: Store, cluster: Cluster, reference: str) -> Task | None:
    task = store.tasks.get(reference.rpartition("/")[2])
    return task if task is not None and task.cluster is cluster else None


def add(
    store: Store,
    cluster: Cluster,
    definition: TaskDefinition,
    *,
    launch_type: str,
    group: str,
    started_by: str,
    capacity_provider: str = "",
    overrides: Json | None = None,
    network_configuration: Json | None = None,
    service: Service | None = None,
    deployment: Deployment | None = None,
) -> Task:
    number = uuid.uuid4().hex
    task = Task(
        number,
        store.arn(f"task/{cluster.name}/{number}"),
        cluster,
        definition,
        launch_type,
        group,
        started_by,
        containers=[
            Container(each["name"], each, each["image"], essential=each.get("essential", True))
            for each in definition.containers
        ],
        overrides=overrides or {},
        network_configuration=network_configuration or {},
        capacity_provider=capacity_provider,
        service=service,
        deployment=deployment,
    )
    store.tasks[number] = task
    eventbridge.put_state_change(store, task)
    return task


def stop(store: Store, task: Task, code: str, reason: str) -> None:
    """Ask for the end of a task. The first reason is the one that stays."""
    if task.desired_status == "STOPPED":
        return
    task.desired_status = "STOPPED"
    task.stop_code = code
    task.stopped_reason = reason
    task.stopping_at = utcnow()
    eventbridge.put_state_change(store, task)


def _started(store: Store, tasks: list[Task]) -> Json:
    return {"tasks": [rendering.task(store, task, tags=True) for task in tasks], "failures": []}


def _check_overrides(definition: TaskDefinition, overrides: Json) -> None:
    names = [container["name"] for container in definition.containers]
    for override in overrides.get("containerOverrides", []):
        if override.get("name") not in names:
            raise ClientError(
                "Override for container named "
                + str(override.get("name"))
                + " is not a container in the TaskDefinition."
            )


def _fits(task: Task, wanted: dict[str, str | None]) -> bool:
    actual = {
        "desired_status": task.desired_status,
        "family": task.task_definition.family,
        "started_by": task.started_by,
        "service": task.service.name if task.service else None,
        "launch_type": task.launch_type,
        "instance": task.instance.arn.rpartition("/")[2] if task.instance else None,
    }
    return all(value is None or actual[name] == value for name, value in wanted.items())
