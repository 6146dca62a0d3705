"""Tasks of the release that stopped by themselves once all of it ran: nobody asked them to, and AWS had no need to.

They are asked for only when something shows that tasks went. Where the swap reads its services anyway, that is ECS
having started more of them; else a target of the release that is not healthy, since one that was deregistered is shown
as draining for minutes, and once more at the last look, for it may have drained in less. ECS's own count of failed
tasks says nothing of it: that ends as soon as one task runs.
"""

from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import Task
from deployments.evidence.values import Metric, Quantity, Unit
from deployments.evidence.watched import Watched
from deployments.words import counted

STOPPED = Metric(
    key="stopped_tasks",
    title="Tasks that stopped by themselves",
    unit=Unit.COUNT,
    explains_targets=True,
    most=lambda settings: settings.max_stopped_tasks,
)
#: Of a task that the scheduler stopped: "Task failed ELB health checks in …", "Task failed container health checks".
_FAILED = "Task failed "


class StoppedTasks:
    name = "stopped_tasks"
    metrics = (STOPPED,)
    told_by_events = True

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> tuple[Task, ...] | None:
        """None: nothing shows that any stopped."""
        if watched.healthy_at is None or not watched.service or watched.settings.max_stopped_tasks is None:
            return None
        reads_services = watched.service in watched.services_read
        asks_anyway = watched.to_the_end and not reads_services
        if not (asks_anyway or (_is_replacing if reads_services else _targets_went)(watched, gateway)):
            return None
        return gateway.stopped_tasks(watched.settings.cluster, watched.service)

    def values(self, watched: Watched, answer: tuple[Task, ...] | None) -> tuple[Quantity, ...]:
        stopped = [task for task in answer or () if _counts(task, watched)]
        if not stopped:
            return ()
        many = counted(len(stopped), "task that stopped by itself", "tasks that stopped by themselves")
        said = f"{many} ({why(stopped[0])})"
        had = f"had {said}"
        return (Quantity(metric=STOPPED, side=watched.release, value=len(stopped), too_much=had, seen=said, noted=had),)


def why(task: Task) -> str:
    """Such as "exit code 137, OutOfMemoryError: Container killed due to memory usage", in AWS's words."""
    if task.stopped_reason.startswith(_FAILED):  # how it ended then is ECS's doing
        return task.stopped_reason.rstrip(".")
    codes = [str(code) for code in task.exit_codes.values() if code is not None]
    reason = next(iter(task.reasons.values()), "") or ("" if codes else task.stopped_reason)
    return ", ".join(word for word in (f"exit code {', '.join(codes)}" if codes else "", reason.rstrip(".")) if word)


def _targets_went(watched: Watched, gateway: Gateway) -> bool:
    group = watched.target_groups.get(watched.release)
    return group is not None and any(target.state != "healthy" for target in gateway.target_health(group))


def _is_replacing(watched: Watched, gateway: Gateway) -> bool:
    service = gateway.services(watched.settings.cluster, watched.services_read).get(watched.service)
    if service is None or watched.healthy_at is None:
        return False
    started = service.started_tasks_at
    return service.running < service.desired or service.pending > 0 or bool(started and started > watched.healthy_at)


def _counts(task: Task, watched: Watched) -> bool:
    """What AWS takes away (spot, a host that retires, a scale-in) or a person stops is not the release's fault."""
    if task.task_definition != watched.task_definition or task.ended_at is None or watched.healthy_at is None:
        return False
    by_itself = task.stop_code == "EssentialContainerExited" or task.stopped_reason.startswith(_FAILED)
    return by_itself and task.ended_at > watched.healthy_at


STOPPED_TASKS = StoppedTasks()
