"""Lambda functions as lifecycle hooks: invoked when their stage begins, and again as often as they ask for it.

A function answers {"hookStatus": SUCCEEDED | FAILED | IN_PROGRESS, "callBackDelay": seconds, "hookDetails": {...}}.
Anything else, and any failure to invoke it, is a failure of the hook.
"""

from typing import Any

from sandbox.ecs.model import Json
from sandbox.ecs.service_deployments.model import Hook, ServiceDeployment
from sandbox.ecs.service_deployments.stages import PRODUCTION_TRAFFIC_SHIFT, TEST_TRAFFIC_SHIFT
from sandbox.ecs.store import Store
from sandbox.functions.invoking import MayNotInvoke, NoSuchFunction

RUNNING = "IN_PROGRESS"
FAILED = "Service deployment rolled back because {stage} lifecycle hook(s) failed. {detail}"
CALL_BACK_DELAY = 30.0  # AWS seconds
STATUSES = ("SUCCEEDED", "FAILED", RUNNING)


def follow(store: Store, deployment: ServiceDeployment, now: float) -> str:
    """Invoke what is due, and take up what was answered. Why the deployment must be rolled back, if it must."""
    reason = ""
    for hook in deployment.hooks:
        if hook.status == RUNNING and hook.target_type == "AWS_LAMBDA":
            reason = _follow(store, deployment, hook, now) or reason
    return reason


def _follow(store: Store, deployment: ServiceDeployment, hook: Hook, now: float) -> str:
    run = deployment.runs.get(hook.id)
    if run is None:
        return _invoke(store, deployment, hook) if now >= hook.invoke_at else ""
    if not run.done:
        return ""
    del deployment.runs[hook.id]
    answer = run.answer if isinstance(run.answer, dict) and not run.error else {}
    status = answer.get("hookStatus")
    if status == RUNNING:
        delay = float(answer.get("callBackDelay") or CALL_BACK_DELAY)
        hook.invoke_at = now + store.clock.seconds(delay)
        hook.details = _merged(hook.details, answer.get("hookDetails"))
        return ""
    hook.status = "SUCCEEDED" if status == "SUCCEEDED" else "FAILED"
    if hook.status == "SUCCEEDED":
        return ""
    return _failed(hook, "" if status == "FAILED" else "The hook did not return a valid hookStatus.")


def _invoke(store: Store, deployment: ServiceDeployment, hook: Hook) -> str:
    try:
        deployment.runs[hook.id] = store.around.invoke(hook.role, hook.target, _event(deployment, hook))
    except MayNotInvoke:
        hook.status = "FAILED"
        return _failed(hook, f"ECS was unable to invoke the hook target with the role {hook.role}.")
    except NoSuchFunction:
        hook.status = "FAILED"
        return _failed(hook, "The hook target does not exist.")
    return ""


def _event(deployment: ServiceDeployment, hook: Hook) -> Json:
    """Weights are told only at the stage that shifts them."""
    target = deployment.target.arn
    test, production = deployment.test_percent or 0.0, deployment.production_percent or 0.0
    details: Json = {"serviceArn": deployment.service.arn, "targetServiceRevisionArn": target}
    details["testTrafficWeights"] = {target: test} if hook.stage == TEST_TRAFFIC_SHIFT else {}
    details["productionTrafficWeights"] = {target: production} if hook.stage == PRODUCTION_TRAFFIC_SHIFT else {}
    return {
        "executionId": hook.id,
        "lifecycleStage": hook.stage,
        "resourceArn": deployment.arn,
        "hookDetails": hook.details,
        "executionDetails": details,
    }


def _merged(before: Any, given: Any) -> Any:
    return {**before, **given} if isinstance(before, dict) and isinstance(given, dict) else given or before


def _failed(hook: Hook, detail: str) -> str:
    return FAILED.format(stage=hook.stage, detail=detail).strip()
