"""BLUE_GREEN, LINEAR and CANARY, one pass at a time.

Every pass looks at all of it again, in this order:

1. an end that somebody asked for: STOP_REQUESTED, ROLLBACK_REQUESTED;
2. a reason to roll back: a hook, the circuit breaker, an alarm, a stage that lasts longer than a day;
3. the step: enter it, or leave it when nothing keeps the deployment there;
4. tasks: each revision gets what it is to have. Whoever has to go stops only when no rule forwards to it any more.
"""

from sandbox.ecs import rollout
from sandbox.ecs.model import Deployment, Service, utcnow
from sandbox.ecs.service_deployments import hooks, rolling, stages, traffic, watch
from sandbox.ecs.service_deployments.begin import active_revisions, make_primary, set_status
from sandbox.ecs.service_deployments.model import (
    IN_PROGRESS,
    PENDING,
    ROLLBACK_FAILED,
    ROLLBACK_IN_PROGRESS,
    ROLLBACK_REQUESTED,
    ROLLBACK_SUCCESSFUL,
    STOP_REQUESTED,
    STOPPED,
    SUCCESSFUL,
    ServiceDeployment,
    ServiceRevision,
)
from sandbox.ecs.service_deployments.stages import Step
from sandbox.ecs.store import Store

LONGEST_STAGE = 24 * 3600.0  # AWS seconds besides its bake time; a pause has its own limit, which may be longer
LONG_BAKE = 5.0  # real seconds
TOO_LONG = "Service deployment rolled back because the lifecycle stage {stage} did not complete within 24 hours."

TOO_LATE = "The rollback was requested when the source service revision was being removed already."


def reconcile(store: Store, service: Service, now: float) -> None:
    """One pass over a service with the ECS deployment controller."""
    current = store.current_service_deployment(service)
    for each in store.service_deployments_of(service):
        if each.status == STOP_REQUESTED and each is not current:
            set_status(store, each, STOPPED)
    if current is not None and not current.is_terminal and service.status != "ACTIVE":
        set_status(store, current, STOPPED, "Service deployment stopped because the service was deleted.")
    if current is not None and current.is_stranded and service.status == "ACTIVE":
        rollout.observe(store, service, now)
        _hold(store, current, now)
    elif current is None or current.is_terminal or current.is_rolling:
        rollout.reconcile(store, service, now)
        if current is not None and not current.is_terminal:
            rolling.follow(store, current)
    else:
        rollout.observe(store, service, now)
        _advance(store, current, now)
        _hold(store, current, now)


def _advance(store: Store, deployment: ServiceDeployment, now: float) -> None:
    if deployment.status == PENDING:
        _start(store, deployment, now)
    elif deployment.status == ROLLBACK_REQUESTED and deployment.serving is not deployment.target:
        roll_back(store, deployment, deployment.status_reason)
    elif reason := _reason_toroll_back(store, deployment, now):
        roll_back(store, deployment, reason)
    else:
        try:
            _step(store, deployment, now)
        except traffic.CannotShift as failed:
            _cannot_shift(store, deployment, str(failed))


def _start(store: Store, deployment: ServiceDeployment, now: float) -> None:
    deployment.started_at = utcnow()
    set_status(store, deployment, IN_PROGRESS)
    watch.begin(store, deployment)
    problem = traffic.problem(store, deployment)
    if problem:
        roll_back(store, deployment, problem)
    else:
        _step(store, deployment, now)


def _reason_toroll_back(store: Store, deployment: ServiceDeployment, now: float) -> str:
    if deployment.status != IN_PROGRESS or deployment.serving is deployment.target:
        return ""
    reason = hooks.failure(store, deployment, now) or watch.failure(store, deployment)
    if not reason and deployment.entered_at is not None and not hooks.waiting(deployment):
        step = deployment.steps[deployment.position]
        if now - deployment.entered_at > store.clock.seconds(LONGEST_STAGE + step.minutes * 60):
            reason = TOO_LONG.format(stage=step.stage)
    return reason


def _step(store: Store, deployment: ServiceDeployment, now: float) -> None:
    step = deployment.steps[deployment.position]
    if deployment.entered_at is None:
        _enter(store, deployment, step, now)
    elif _is_done(store, deployment, step, now):
        deployment.position += 1
        deployment.entered_at = None
        if deployment.position == len(deployment.steps):
            _finish(store, deployment)
        else:
            _enter(store, deployment, deployment.steps[deployment.position], now)


def _enter(store: Store, deployment: ServiceDeployment, step: Step, now: float) -> None:
    deployment.stage = step.stage
    deployment.entered_at = now
    deployment.updated_at = utcnow()
    # The scheduler looks often, except while nothing but a person or a long time is waited for.
    deployment.service.steady = store.clock.seconds(step.minutes * 60) > LONG_BAKE
    forward = deployment.status == IN_PROGRESS
    if forward and deployment.sources:
        hooks.open_all(store, deployment, now)
        deployment.service.steady |= hooks.waiting_for_people(deployment)
    if step.stage == stages.SCALE_UP:
        deployment.kept = [*deployment.kept, deployment.target]
    if step.percent is not None:
        traffic.write(store, deployment, step)
        store.around.remember(deployment)
    if step.stage == stages.CLEAN_UP:
        deployment.leaving = []
        if forward:
            deployment.serving = deployment.target
            deployment.kept = [deployment.target]
    store.wake()


def _is_done(store: Store, deployment: ServiceDeployment, step: Step, now: float) -> bool:
    if hooks.waiting(deployment):
        return False
    if deployment.entered_at is None or now - deployment.entered_at < store.clock.seconds(step.minutes * 60):
        return False
    if step.stage == stages.SCALE_UP:
        return _is_complete(store, deployment.target, now)
    if step.stage in (stages.RECONCILE_SERVICE, stages.CLEAN_UP):
        return all(each in deployment.kept for each in active_revisions(store, deployment.service))
    return True


def _is_complete(store: Store, revision: ServiceRevision, now: float) -> bool:
    tasks = [task for task in store.tasks_of(revision.service) if task.deployment is revision.deployment]
    return sum(rollout.is_healthy(store, task, now) for task in tasks) >= revision.service.desired_count


def _finish(store: Store, deployment: ServiceDeployment) -> None:
    if deployment.status != ROLLBACK_IN_PROGRESS:
        set_status(store, deployment, SUCCESSFUL, TOO_LATE if deployment.asked_to_stop else "")
    elif deployment.serving is None:
        set_status(store, deployment, STOPPED if deployment.asked_to_stop else ROLLBACK_FAILED)
    else:
        set_status(store, deployment, ROLLBACK_SUCCESSFUL)
    service = deployment.service
    service.deployments = [each for each in service.deployments if each.status == "PRIMARY"]


def roll_back(store: Store, deployment: ServiceDeployment, reason: str) -> None:
    hooks.abandon(deployment)
    deployment.rollback = {"reason": reason, "startedAt": utcnow()}
    failed = deployment.target.deployment
    failed.rollout_state, failed.rollout_state_reason = "FAILED", reason
    service, serving = deployment.service, deployment.serving
    store.event(service, f"(deployment {failed.id}) deployment failed: {reason}")
    if serving is not None:
        deployment.rollback["serviceRevisionArn"] = serving.arn
        service.body |= {key: value for key, value in serving.body.items() if value is not None}
        make_primary(service, serving)
        store.event(service, f"rolling back to deployment {serving.deployment.id}.")
    deployment.kept = [serving] if serving is not None else []
    deployment.leaving = [each for each in (*deployment.sources, deployment.target) if each is not serving]
    deployment.steps = stages.way_back(
        test=deployment.test_percent is not None and serving is not None,
        production=deployment.production_percent is not None and serving is not None,
    )
    deployment.position, deployment.entered_at = 0, None
    set_status(store, deployment, ROLLBACK_IN_PROGRESS, reason)


def _cannot_shift(store: Store, deployment: ServiceDeployment, reason: str) -> None:
    if deployment.status == IN_PROGRESS:
        roll_back(store, deployment, reason)
        return
    # The way back is closed: all keep their tasks, for whoever has to look at it.
    deployment.kept = [*deployment.kept, *deployment.leaving]
    set_status(store, deployment, ROLLBACK_FAILED, reason)


def _hold(store: Store, deployment: ServiceDeployment, now: float) -> None:
    if deployment.is_terminal and not deployment.is_stranded:
        return
    service = deployment.service
    kept = [each.deployment for each in deployment.kept]
    if deployment.stage == stages.RECONCILE_SERVICE and all(_is_complete(store, each, now) for each in deployment.kept):
        deployment.leaving = []
    leaving = [each.deployment for each in deployment.leaving]
    for each in list(service.deployments):
        each.wanted = service.desired_count if each in kept else 0
        if each in kept or each not in leaving:
            _scale(store, service, each, each.wanted, now)
    busy = {id(task.deployment) for task in store.tasks_of(service) if not task.is_stopped}
    service.deployments = [
        each for each in service.deployments if each.status == "PRIMARY" or each in kept or id(each) in busy
    ]


def _scale(store: Store, service: Service, deployment: Deployment, wanted: int, now: float) -> None:
    tasks = [task for task in store.tasks_of(service) if task.deployment is deployment]
    alive = [task for task in tasks if task.desired_status == "RUNNING"]
    if len(alive) > wanted:
        rollout.scale_in(store, service, alive, len(alive) - wanted, now)
    elif len(alive) < wanted and now >= deployment.not_before:
        rollout.start_tasks(store, service, deployment, wanted - len(alive))
