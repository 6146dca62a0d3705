"""ECS's deployment circuit breaker: after how many failed tasks it gives a deployment up.

`failedTasks` is counted by ECS itself, `resetOnHealthyTask` taken into account, so it is compared and never added up.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

from deployments.aws.values import Service

#: What ECS goes by where nothing is set: half of the wanted tasks, within these bounds.
PERCENT = 50
LEAST, MOST = 3, 200


def threshold(service: Service) -> int:
    """Where ECS's breaker is off nobody but us gives up, and what its owner set for it does not count."""
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker", {})
    configured: Mapping[str, Any] = breaker.get("thresholdConfiguration") or {} if breaker.get("enable") else {}
    value = int(configured.get("value", PERCENT))
    if configured.get("type") == "COUNT":
        return max(value, 1)
    share = ceil(service.desired * value / 100)
    # Without bounds a small share is less than one task, and no breaker trips before one has failed.
    return max(share, 1) if configured.get("type") == "UNBOUNDED_PERCENT" else min(max(share, LEAST), MOST)
