"""Hooks: opened when a stage begins. A pause is left when somebody continues, a function when it has succeeded, and
either when its time is up.
"""

import uuid
from datetime import timedelta

from sandbox.ecs.model import Json, utcnow
from sandbox.ecs.service_deployments import functions
from sandbox.ecs.service_deployments.functions import FAILED, RUNNING
from sandbox.ecs.service_deployments.model import Hook, ServiceDeployment
from sandbox.ecs.store import Store

AWAITING = "AWAITING_ACTION"
OPEN = (AWAITING, RUNNING)


def open_all(store: Store, deployment: ServiceDeployment, now: float) -> None:
    for hook in deployment.configuration.get("lifecycleHooks", []):
        if deployment.stage in hook["lifecycleStages"]:
            deployment.hooks.append(_opened(store, deployment.stage, hook, now))


def _opened(store: Store, stage: str, hook: Json, now: float) -> Hook:
    timeout, kind = hook["timeoutConfiguration"], hook["targetType"]
    seconds = store.clock.seconds(60.0 * int(timeout["timeoutInMinutes"]))
    return Hook(
        id=f"ecs-{'pause' if kind == 'PAUSE' else 'lambda'}-{uuid.uuid4().hex}",
        stage=stage,
        expires_at=utcnow() + timedelta(seconds=seconds),
        timeout_action=timeout["action"],
        deadline=now + seconds,
        status=AWAITING if kind == "PAUSE" else RUNNING,
        target_type=kind,
        target=hook.get("hookTargetArn", ""),
        role=hook.get("roleArn", ""),
        details=hook.get("hookDetails"),
    )


def waiting(deployment: ServiceDeployment) -> bool:
    return any(hook.status in OPEN for hook in deployment.hooks)


def waiting_for_people(deployment: ServiceDeployment) -> bool:
    """Nobody but a person, or a long time, brings it on."""
    open_ones = [hook for hook in deployment.hooks if hook.status in OPEN]
    return bool(open_ones) and all(hook.status == AWAITING for hook in open_ones)


def failure(store: Store, deployment: ServiceDeployment, now: float) -> str:
    """Why the deployment must be rolled back now, if a hook says so or lasted too long."""
    return functions.follow(store, deployment, now) or expire(deployment, now)


def expire(deployment: ServiceDeployment, now: float) -> str:
    """Why the deployment must be rolled back now, if a pause lasted too long."""
    reason = ""
    for hook in deployment.hooks:
        if hook.status in OPEN and now >= hook.deadline:
            hook.status = "TIMED_OUT"
            if hook.timeout_action == "ROLLBACK":
                reason = FAILED.format(stage=hook.stage, detail=f"The hook {hook.id} timed out.")
    return reason


def rejected(hook: Hook) -> str:
    return FAILED.format(stage=hook.stage, detail=f"The hook {hook.id} was answered with ROLLBACK.")


def abandon(deployment: ServiceDeployment) -> None:
    """Nobody is asked any more once the deployment goes another way."""
    for hook in deployment.hooks:
        if hook.status in OPEN:
            hook.status = "FAILED"
