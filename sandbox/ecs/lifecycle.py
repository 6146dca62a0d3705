"""The life of a task, one state at a time.

PROVISIONING, PENDING, ACTIVATING, RUNNING: find a place, pull the images, start the processes, register the targets.
DEACTIVATING, STOPPING, STOPPED: deregister, let connections drain, SIGTERM, after stopTimeout SIGKILL.

``advance`` is called again and again with everything that may have happened in between; it never waits.
"""

from sandbox.ecs import placement
from sandbox.ecs.containers import CannotStart, start_containers
from sandbox.ecs.eventbridge import enter
from sandbox.ecs.model import Target, Task, utcnow
from sandbox.ecs.store import Store
from sandbox.ecs.tasks import stop
from sandbox.processes import Process


def advance(store: Store, task: Task, now: float) -> None:
    if task.counts_as_pending:
        if task.desired_status == "STOPPED":
            _finish(store, task, now)
        else:
            _start(store, task, now)
    elif task.last_status == "RUNNING":
        _look_after(store, task, now)
    elif task.last_status == "DEACTIVATING" and (_drained(store, task, now) or _all_exited(task)):
        _terminate(store, task, now)
    elif task.last_status == "STOPPING":
        if _all_exited(task):
            _finish(store, task, now)
        elif now >= task.kill_at:
            for process in _processes(task):
                process.kill()


def _start(store: Store, task: Task, now: float) -> None:
    if not _placed(store, task):
        return
    try:
        start_containers(store, task)
    except CannotStart as failure:
        stop(store, task, "TaskFailedToStart", str(failure))
        task.kill_at = 0.0
        enter(store, task, "STOPPING")
        return
    enter(store, task, "ACTIVATING")
    task.targets = _targets(store, task)
    for target in task.targets:
        _register(store, task, target)
    task.started_at = utcnow()
    task.running_since = now
    enter(store, task, "RUNNING")


def _placed(store: Store, task: Task) -> bool:
    if task.launch_type == "EC2" and task.instance is None:
        place = placement.find_instance(store, task.cluster, task.task_definition)
        if isinstance(place, placement.NoRoom):
            if task.service and not task.waiting_for_capacity:
                store.event(task.service, placement.NO_PLACE.format(reason=place.reason))
            task.waiting_for_capacity = True
            return False
        task.instance = place
    if not task.ip:
        awsvpc = task.task_definition.network_mode == "awsvpc" or task.instance is None
        task.ip = store.addresses.task() if awsvpc or task.instance is None else task.instance.ip
        placement.assign_ports(task)
    if task.last_status != "PENDING":
        enter(store, task, "PENDING")
    return True


def _register(store: Store, task: Task, target: Target) -> None:
    try:
        store.load_balancers.register(target.target_group_arn, target.ip, target.port)
        outcome = f"registered 1 targets in (target-group {target.target_group_arn})"
    except KeyError:  # the target group was deleted under the service
        outcome = f"failed to register targets in (target-group {target.target_group_arn}) with (error not found)"
    if task.service:
        store.event(task.service, outcome)


def _targets(store: Store, task: Task) -> list[Target]:
    targets = []
    for balancer in task.deployment.load_balancers if task.deployment else []:
        container = next((c for c in task.containers if c.name == balancer.get("containerName")), None)
        if container is not None and balancer.get("targetGroupArn"):
            port = container.host_ports[int(balancer["containerPort"])]
            instances = task.instance is not None and store.around.targets_are_instances(balancer["targetGroupArn"])
            name = task.instance.ec2_instance_id if task.instance and instances else task.ip
            targets.append(Target(balancer["targetGroupArn"], name, port))
    return targets


def _look_after(store: Store, task: Task, now: float) -> None:
    if any(container.essential and container.exit_code is not None for container in task.containers):
        stop(store, task, "EssentialContainerExited", "Essential container in task exited")
        _deregister(store, task)
        _terminate(store, task, now)
    elif task.desired_status == "STOPPED":
        enter(store, task, "DEACTIVATING")
        if task.targets and task.service:
            store.event(task.service, "has begun draining connections on 1 tasks.")
        seconds = [store.load_balancers.seconds_to_drain(target.target_group_arn) for target in task.targets]
        task.drain_until = now + max(seconds, default=0.0)
        _deregister(store, task)
        if _drained(store, task, now):
            _terminate(store, task, now)


def _deregister(store: Store, task: Task) -> None:
    for target in task.targets:
        store.load_balancers.deregister(target.target_group_arn, target.ip, target.port)
        if task.service:
            store.event(task.service, f"deregistered 1 targets in (target-group {target.target_group_arn})")


def _drained(store: Store, task: Task, now: float) -> bool:
    if now < task.drain_until:
        return False
    states = [store.load_balancers.health(each.target_group_arn, each.ip, each.port).state for each in task.targets]
    # The load balancer has the last word, for a moment: a target that never leaves must not keep the task.
    return "draining" not in states or now >= task.drain_until + 5


def _terminate(store: Store, task: Task, now: float) -> None:
    enter(store, task, "STOPPING")
    task.kill_at = now + store.clock.seconds(task.task_definition.stop_timeout)
    for process in _processes(task):
        process.terminate()
    if _all_exited(task):
        _finish(store, task, now)


def _finish(store: Store, task: Task, now: float) -> None:
    task.stopped_at = utcnow()
    task.stopped_since = now
    for container in task.containers:
        container.last_status = "STOPPED"
    enter(store, task, "STOPPED")


def _processes(task: Task) -> list[Process]:
    return [each.process for each in task.containers if each.process is not None and each.exit_code is None]


def _all_exited(task: Task) -> bool:
    return not _processes(task)
