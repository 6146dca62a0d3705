"""The scheduler's pass over a service with task sets.

Each task set has as many tasks as its scale says, whatever the others have: there is no rolling. A set that
is being deleted goes with its last task.
"""

from sandbox.ecs.model import Service, Task, TaskSet, utcnow
from sandbox.ecs.rollout import is_healthy, observe, scale_in, start_tasks
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets.sets import computed_desired_count


def reconcile(store: Store, service: Service, now: float) -> None:
    observe(store, service, now)
    for task_set in list(service.task_sets):
        tasks = [task for task in store.tasks_of(service) if task.deployment is task_set]
        if service.status == "ACTIVE":
            _scale(store, service, task_set, tasks, now)
        gone = task_set.status == "DRAINING" or service.status != "ACTIVE"
        if gone and all(task.is_stopped for task in tasks):
            service.task_sets.remove(task_set)
            continue
        _note_stability(store, service, task_set, now)
    _note_steady(store, service)


def _scale(store: Store, service: Service, task_set: TaskSet, tasks: list[Task], now: float) -> None:
    wanted = computed_desired_count(service, task_set)
    alive = [task for task in tasks if task.desired_status == "RUNNING"]
    if len(alive) > wanted:
        scale_in(store, service, alive, len(alive) - wanted, now)
    elif len(alive) < wanted and now >= task_set.not_before:
        start_tasks(store, service, task_set, wanted - len(alive))


def _note_stability(store: Store, service: Service, task_set: TaskSet, now: float) -> None:
    tasks = [task for task in store.tasks_of(service) if task.deployment is task_set and not task.is_stopped]
    all_there = len(tasks) == computed_desired_count(service, task_set)
    stable = all_there and all(is_healthy(store, task, now) for task in tasks)
    status = "STEADY_STATE" if stable else "STABILIZING"
    if task_set.stability_status != status:
        task_set.stability_status = status
        task_set.stability_status_at = utcnow()


def _note_steady(store: Store, service: Service) -> None:
    if service.steady or service.status != "ACTIVE":
        return
    if all(each.stability_status == "STEADY_STATE" and each.status != "DRAINING" for each in service.task_sets):
        service.steady = True
        store.event(service, "has reached a steady state.")
