"""Pauses: opened when a stage begins, left when somebody continues or the time is up."""

import uuid
from datetime import timedelta

from sandbox.ecs.model import utcnow
from sandbox.ecs.service_deployments.model import Hook, ServiceDeployment
from sandbox.ecs.store import Store

AWAITING = "AWAITING_ACTION"
FAILED = "Service deployment rolled back because {stage} lifecycle hook(s) failed. {detail}"


def open_all(store: Store, deployment: ServiceDeployment, now: float) -> None:
    for hook in deployment.configuration.get("lifecycleHooks", []):
        if deployment.stage in hook["lifecycleStages"]:
            timeout = hook["timeoutConfiguration"]
            seconds = store.clock.seconds(60.0 * int(timeout["timeoutInMinutes"]))
            deployment.hooks.append(
                Hook(
                    id=f"ecs-pause-{uuid.uuid4().hex}",
                    stage=deployment.stage,
                    expires_at=utcnow() + timedelta(seconds=seconds),
                    timeout_action=timeout["action"],
                    deadline=now + seconds,
                )
            )


def waiting(deployment: ServiceDeployment) -> bool:
    return any(hook.status == AWAITING for hook in deployment.hooks)


def expire(deployment: ServiceDeployment, now: float) -> str:
    """Why the deployment must be rolled back now, if a pause lasted too long."""
    reason = ""
    for hook in deployment.hooks:
        if hook.status == AWAITING and now >= hook.deadline:
            hook.status = "TIMED_OUT"
            if hook.timeout_action == "ROLLBACK":
                reason = FAILED.format(stage=hook.stage, detail=f"The hook {hook.id} timed out.")
    return reason


def rejected(hook: Hook) -> str:
    return FAILED.format(stage=hook.stage, detail=f"The hook {hook.id} was answered with ROLLBACK.")


def abandon(deployment: ServiceDeployment) -> None:
    """Nobody is asked any more once the deployment goes another way."""
    for hook in deployment.hooks:
        if hook.status == AWAITING:
            hook.status = "FAILED"
