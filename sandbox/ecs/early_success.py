"""earlySuccessCriteria: ECS calls a rolling deployment successful before all of its tasks run.

From then on neither the circuit breaker nor alarms turn it back. The rest of the tasks is started, and the old ones are
stopped, as whenever a service is scaled.
"""

import math

from sandbox.ecs.model import Service


def reached(service: Service, healthy: int) -> bool:
    """`healthy` tasks of the primary deployment are."""
    criteria = service.deployment_configuration.get("earlySuccessCriteria", {})
    if not criteria.get("enable") or service.primary.rollout_state != "IN_PROGRESS":
        return False
    if criteria["sourceServiceRevisionCleanup"] == "BLOCKING" and len(service.deployments) > 1:
        return False
    return healthy >= math.ceil(service.desired_count * int(criteria["healthyPercent"]) / 100)
