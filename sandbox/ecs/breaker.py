"""The deployment circuit breaker of rolling updates, and the way back it may take."""

import math

from sandbox.ecs.model import Deployment, Json, Service, utcnow
from sandbox.ecs.store import Store, deployment_id


def break_circuit(store: Store, service: Service) -> None:
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker", {})
    primary = service.primary
    if not breaker.get("enable") or primary.rollout_state != "IN_PROGRESS":
        return
    if primary.failed_tasks < threshold(service.desired_count, breaker):
        return
    primary.rollout_state = "FAILED"
    primary.rollout_state_reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.updated_at = utcnow()
    store.event(service, f"(deployment {primary.id}) deployment failed: tasks failed to start.")
    last = service.last_completed
    if breaker.get("rollback") and last is not None and last is not primary:
        roll_back(store, service, primary, last, because="circuit breaker")


def threshold(desired_count: int, breaker: Json) -> int:
    configured = breaker.get("thresholdConfiguration", {})
    kind, value = configured.get("type", "BOUNDED_PERCENT"), int(configured.get("value", 50))
    if kind == "COUNT":
        return value
    share = math.ceil(desired_count * value / 100)
    return min(200, max(3, share)) if kind == "BOUNDED_PERCENT" else max(1, share)


def resets_on_healthy_task(service: Service) -> bool:
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker", {})
    return bool(breaker.get("resetOnHealthyTask", True))


def fail(store: Store, service: Service, reason: str) -> None:
    """No more tasks of the primary deployment are started."""
    primary = service.primary
    primary.rollout_state, primary.rollout_state_reason = "FAILED", reason
    primary.updated_at = utcnow()
    store.event(service, f"(deployment {primary.id}) deployment failed: {reason}")


def roll_back(store: Store, service: Service, failed: Deployment, last: Deployment, *, because: str) -> None:
    failed.status = "ACTIVE"
    if last not in service.deployments:
        last = Deployment(
            deployment_id(),
            last.task_definition,
            network_configuration=last.network_configuration,
            load_balancers=last.load_balancers,
            revision_arn=last.revision_arn,
        )
    else:
        service.deployments.remove(last)
    last.status = "PRIMARY"
    last.rollout_state = "IN_PROGRESS"
    last.rollout_state_reason = f"ECS deployment {because}: rolling back to deploymentId {last.id}."
    last.updated_at = utcnow()
    service.deployments.insert(0, last)
    store.event(service, f"rolling back to deployment {last.id}.")
