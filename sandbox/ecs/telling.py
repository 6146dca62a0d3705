"""What ECS tells EventBridge of tasks: ECS Task State Change, each time a task comes to another state."""

from datetime import datetime

from sandbox.ecs import rendering
from sandbox.ecs.model import Json, Task, utcnow
from sandbox.ecs.store import Store

NOT_TOLD = ("healthStatus", "tags")


def enter(store: Store, task: Task, status: str) -> None:
    """The task's next lastStatus; whatever else is true of it then has been set before."""
    task.last_status = status
    tell(store, task)


def tell(store: Store, task: Task) -> None:
    """The task is another than a moment ago: its lastStatus or its desiredStatus."""
    task.version += 1
    store.around.tell("aws.ecs", "ECS Task State Change", task.arn, lambda: _detail(store, task))


def _detail(store: Store, task: Task) -> Json:
    rendered = rendering.task(store, task) | {"updatedAt": utcnow()}
    rendered["containers"] = [_told(container) for container in rendered["containers"]]
    return _told(rendered)


def _told(thing: Json) -> Json:
    return {name: _plain(value) for name, value in thing.items() if name not in NOT_TOLD}


def _plain(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
