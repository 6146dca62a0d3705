"""What a service should be, against what it is: the service scheduler.

Every pass looks at all of it again, in this order:

1. take note of targets that became healthy, and of tasks that failed;
2. stop tasks that fail the load balancer's health checks;
3. trip the circuit breaker after too many failures, and roll back if asked to;
4. start and stop tasks within minimumHealthyPercent and maximumPercent;
5. drop deployments without tasks; say so when the service is steady.
"""

from sandbox.ecs import capacity, early_success
from sandbox.ecs.breaker import break_circuit, resets_on_healthy_task
from sandbox.ecs.model import Deployment, Json, Service, Task, utcnow
from sandbox.ecs.protection import is_protected
from sandbox.ecs.store import Store
from sandbox.ecs.tasks import add, stop

HEALTHY_WITHOUT_CHECKS = 40.0  # AWS seconds that a task without health checks must run to count as healthy
SHORTEST_GRACE = 3.0  # real seconds: scaled time must not outrun a program that starts
FAILED_CHECKS = "Task failed ELB health checks in (target-group {target_group})"
STUCK = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
    "Update the minimumHealthyPercent or maximumPercent value and try again."
)
PROTECTED = "was unable to scale in due to (reason {count} tasks under protection)."


def reconcile(store: Store, service: Service, now: float) -> None:
    observe(store, service, now)
    if service.status == "ACTIVE":
        break_circuit(store, service)
        _scale(store, service, now)
    _settle(store, service)


def observe(store: Store, service: Service, now: float) -> None:
    """Steps 1 and 2, which are the same for every deployment controller."""
    tasks = store.tasks_of(service)
    _note_health(store, service, tasks, now)
    _note_failures(store, service, tasks, now)
    _note_stopped(store, service, tasks)


def _note_health(store: Store, service: Service, tasks: list[Task], now: float) -> None:
    given = float(service.body.get("healthCheckGracePeriodSeconds", 0))
    grace = min(given, max(store.clock.seconds(given), SHORTEST_GRACE))
    for task in tasks:
        if task.last_status != "RUNNING" or task.desired_status != "RUNNING" or task.deployment is None:
            continue
        if is_healthy(store, task, now):
            if not task.healthy_once:
                task.healthy_once = True
                if resets_on_healthy_task(service):
                    task.deployment.failed_tasks = 0
                task.deployment.failures_in_a_row = 0
            continue
        for target in task.targets:
            health = store.load_balancers.health(target.target_group_arn, target.ip, target.port)
            if health.state == "unhealthy" and now - task.running_since >= grace:
                store.event(
                    service,
                    f"(task {task.id}) (port {target.port}) is unhealthy in "
                    f"(target-group {target.target_group_arn}) due to (reason {health.description or health.reason})",
                )
                reason = FAILED_CHECKS.format(target_group=target.target_group_arn)
                stop(store, task, "ServiceSchedulerInitiated", reason)
                service.steady = False
                break


def is_healthy(store: Store, task: Task, now: float) -> bool:
    if task.last_status != "RUNNING" or task.desired_status != "RUNNING":
        return False
    if not task.targets:
        return now - task.running_since >= store.clock.seconds(HEALTHY_WITHOUT_CHECKS)
    states = [store.load_balancers.health(each.target_group_arn, each.ip, each.port).state for each in task.targets]
    return all(state in ("healthy", "unavailable") for state in states)


def _note_failures(store: Store, service: Service, tasks: list[Task], now: float) -> None:
    for task in tasks:
        if task.counted or task.desired_status == "RUNNING" or task.deployment is None:
            continue
        task.counted = True
        service.steady = False
        failed = task.stop_code in ("TaskFailedToStart", "EssentialContainerExited")
        failed = failed or task.stopped_reason.startswith("Task failed ELB health checks")
        if failed and not task.healthy_once:
            deployment = task.deployment
            deployment.failed_tasks += 1
            deployment.failures_in_a_row += 1
            deployment.updated_at = utcnow()
            pause = min(300, 5 * 2 ** (deployment.failures_in_a_row - 1))
            deployment.not_before = now + store.clock.seconds(pause)
            if deployment.failures_in_a_row == 3:
                store.event(
                    service,
                    "is unable to consistently start tasks successfully. For more information, see the "
                    "Troubleshooting section of the Amazon ECS Developer Guide.",
                )


def _note_stopped(store: Store, service: Service, tasks: list[Task]) -> None:
    stopped = [task for task in tasks if task.is_stopped and not task.reported]
    for task in stopped:
        task.reported = True
    if stopped:
        names = " ".join(f"(task {task.id})" for task in stopped)
        store.event(service, f"has stopped {len(stopped)} running tasks: {names}.")


def _scale(store: Store, service: Service, now: float) -> None:
    primary = service.primary
    alive = [task for task in store.tasks_of(service) if task.desired_status == "RUNNING"]
    new = [task for task in alive if task.deployment is primary]
    old = [task for task in alive if task.deployment is not primary]
    healthy = [task for task in alive if is_healthy(store, task, now)]
    if len(new) > service.desired_count:
        scale_in(store, service, new, len(new) - service.desired_count, now)
        return
    stopping = [task for task in old if task not in healthy]
    spare = max(0, len(healthy) - service.minimum_healthy)
    if primary.rollout_state == "FAILED":
        return
    stopping += [task for task in old if task in healthy and not is_protected(task)][:spare]
    stopping = stop_tasks(store, service, stopping, now)
    room = service.maximum - (len(alive) - len(stopping))
    missing = service.desired_count - len(new)
    if missing > 0 and now >= primary.not_before:
        start_tasks(store, service, primary, min(missing, room))
        _report_stuck(store, service, stuck=room <= 0 and not stopping, now=now)


def start_tasks(store: Store, service: Service, deployment: Deployment, count: int) -> None:
    if count <= 0:
        return
    alive = [task for task in store.tasks_of(service) if task.deployment is deployment and not task.is_stopped]
    strategy = capacity.strategy_of(service, deployment)
    started = [
        add(
            store,
            service.cluster,
            deployment.task_definition,
            launch_type=deployment.launch_type or service.launch_type,
            capacity_provider=provider,
            group=f"service:{service.name}",
            started_by=deployment.id,
            network_configuration=deployment.network_configuration,
            service=service,
            deployment=deployment,
        )
        for provider in capacity.spread(strategy, [task.capacity_provider for task in alive], count)
    ]
    for task in started:
        store.tags[task.arn] = list(_propagated(store, service, deployment))
    service.steady = False
    names = " ".join(f"(task {task.id})" for task in started)
    store.event(service, f"has started {count} tasks: {names}.")
    store.wake()


def _propagated(store: Store, service: Service, deployment: Deployment) -> list[Json]:
    source = service.body.get("propagateTags", "NONE")
    arns = {"SERVICE": service.arn, "TASK_DEFINITION": deployment.task_definition.arn}
    return store.tags.get(arns.get(source, ""), [])


def scale_in(store: Store, service: Service, tasks: list[Task], surplus: int, now: float) -> None:
    """Tasks that do not serve yet go first, then the youngest; protected ones stay."""
    order = sorted(
        tasks, key=lambda task: (is_protected(task), is_healthy(store, task, now), -task.created_at.timestamp())
    )
    stop_tasks(store, service, order[:surplus], now)


def stop_tasks(store: Store, service: Service, tasks: list[Task], now: float) -> list[Task]:
    """Returns those that may be stopped."""
    stopping = [task for task in tasks if not is_protected(task)]
    protected = len(tasks) - len(stopping)
    if protected and now - service.stuck_reported_at > store.clock.seconds(300):
        service.stuck_reported_at = now
        store.event(service, PROTECTED.format(count=protected))
    for task in stopping:
        reason = f"Scaling activity initiated by (deployment {task.started_by})"
        stop(store, task, "ServiceSchedulerInitiated", reason)
        task.counted = True
    if stopping:
        service.steady = False
        store.wake()
    return stopping


def _report_stuck(store: Store, service: Service, *, stuck: bool, now: float) -> None:
    if stuck and now - service.stuck_reported_at > store.clock.seconds(300):
        service.stuck_reported_at = now
        store.event(service, STUCK)


def _settle(store: Store, service: Service) -> None:
    tasks = [task for task in store.tasks_of(service) if not task.is_stopped]
    busy = {task.started_by for task in tasks}
    service.deployments = [each for each in service.deployments if each.status == "PRIMARY" or each.id in busy]
    if service.status != "ACTIVE":
        if not tasks:
            service.deployments = []
        return
    now, primary = store.clock.now(), service.primary
    healthy = [task for task in tasks if is_healthy(store, task, now)]
    if early_success.reached(service, sum(task.deployment is primary for task in healthy)):
        _complete(store, service)
    if service.steady or len(service.deployments) > 1 or len(tasks) != service.desired_count:
        return
    if len(healthy) != len(tasks):
        return
    if primary.rollout_state != "COMPLETED":
        _complete(store, service)
    service.last_completed = primary
    service.steady = True
    store.event(service, "has reached a steady state.")


def _complete(store: Store, service: Service) -> None:
    primary = service.primary
    primary.rollout_state = "COMPLETED"
    primary.rollout_state_reason = f"ECS deployment {primary.id} completed."
    primary.updated_at = utcnow()
    service.last_completed = primary
    store.event(service, f"(deployment {primary.id}) deployment completed.")
