"""Tasks of a service that neither scale in nor a deployment may stop, for a time."""

from datetime import timedelta

from sandbox.ecs.cluster import Cluster
from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json, Task, utcnow
from sandbox.ecs.store import Store

MOST_UPDATED, MOST_DESCRIBED = 10, 100
MINUTES = (1, 2880)
TWO_HOURS = 120
NOT_VALID = "The specified task is not part of an Amazon ECS service, or it does not run any more."


def get_task_protection(store: Store, request: Json) -> Json:
    cluster = store.cluster(request["cluster"])
    references = request.get("tasks") or [
        task.id for task in store.tasks.values() if task.cluster is cluster and is_protected(task)
    ]
    found, failures = _split(store, cluster, references, MOST_DESCRIBED)
    return {"protectedTasks": [_described(each) for each in found], "failures": failures}


def update_task_protection(store: Store, request: Json) -> Json:
    cluster = store.cluster(request["cluster"])
    minutes = int(request.get("expiresInMinutes") or TWO_HOURS)
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        raise InvalidParameter(f"expiresInMinutes must be between {MINUTES[0]} and {MINUTES[1]}.")
    if not request["tasks"]:
        raise InvalidParameter("Tasks cannot be empty.")
    found, failures = _split(store, cluster, request["tasks"], MOST_UPDATED)
    expires = utcnow() + timedelta(seconds=store.clock.seconds(60.0 * minutes))
    for task in found:
        task.protected_until = expires if request["protectionEnabled"] else None
        if task.service:
            task.service.steady = False
    store.wake()
    return {"protectedTasks": [_described(each) for each in found], "failures": failures}


def is_protected(task: Task) -> bool:
    return task.protected_until is not None and utcnow() < task.protected_until


def _split(store: Store, cluster: Cluster, references: list[str], most: int) -> tuple[list[Task], list[Json]]:
    if len(references) > most:
        raise InvalidParameter(f"Tasks cannot be more than {most}.")
    found, failures = [], []
    for reference in references:
        number = reference.rpartition("/")[2]
        task = store.tasks.get(number)
        if task is None or task.cluster is not cluster:
            failures.append({"arn": store.arn(f"task/{cluster.name}/{number}"), "reason": "MISSING"})
        elif task.service is None or task.desired_status == "STOPPED":
            failures.append({"arn": task.arn, "reason": "TASK_NOT_VALID", "detail": NOT_VALID})
        else:
            found.append(task)
    return found, failures


def _described(task: Task) -> Json:
    if not is_protected(task):
        return {"taskArn": task.arn, "protectionEnabled": False}
    return {"taskArn": task.arn, "protectionEnabled": True, "expirationDate": task.protected_until}
