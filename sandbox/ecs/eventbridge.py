"""What ECS sends to EventBridge about tasks: ECS Task State Change, each time a task comes to another state."""

from datetime import datetime

from sandbox.ecs import rendering
from sandbox.ecs.model import Json, Task, utcnow
from sandbox.ecs.store import Store

NOT_SENT = ("healthStatus", "tags")


def enter(store: Store, task: Task, status: str) -> None:
    """The task's next lastStatus; whatever else is true of it then has been set before."""
    task.last_status = status
    put_state_change(store, task)


def put_state_change(store: Store, task: Task) -> None:
    """The task is another than a moment ago: its lastStatus or its desiredStatus."""
    task.version += 1
    store.around.put_event("aws.ecs", "ECS Task State Change", task.arn, lambda: _detail(store, task))


def _detail(store: Store, task: Task) -> Json:
    rendered = rendering.task(store, task) | {"updatedAt": utcnow()}
    rendered["containers"] = [_sent(container) for container in rendered["containers"]]
    return _sent(rendered)


def _sent(thing: Json) -> Json:
    return {name: _plain(value) for name, value in thing.items() if name not in NOT_SENT}


def _plain(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
