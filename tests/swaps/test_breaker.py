"""After how many failed tasks a rollout is given up: as the service's own circuit breaker has it."""

from typing import Any

import pytest

from deployments.swaps.decisions import Fail, Wait
from deployments.swaps.rolling import breaker
from tests.swaps.rolling_cases import decide, deployment, old, service, updating


def on(kind: str, value: int, **changes: Any) -> dict[str, Any]:
    threshold = {"type": kind, "value": value}
    return {"enable": True, "rollback": True, "thresholdConfiguration": threshold, **changes}


@pytest.mark.parametrize(
    ("configured", "desired", "expected"),
    [
        ({}, 1, 3),
        ({}, 25, 13),
        ({}, 500, 200),
        ({"enable": True, "rollback": False}, 25, 13),
        (on("BOUNDED_PERCENT", 20), 10, 3),
        (on("BOUNDED_PERCENT", 20), 25, 5),
        (on("BOUNDED_PERCENT", 80), 500, 200),
        (on("UNBOUNDED_PERCENT", 20), 3, 1),
        (on("UNBOUNDED_PERCENT", 80), 500, 400),
        (on("UNBOUNDED_PERCENT", 0), 10, 1),
        (on("COUNT", 1), 100, 1),
        (on("COUNT", 12), 2, 12),
        (on("COUNT", 300), 2, 300),
        (on("COUNT", 12, enable=False), 2, 3),
        (on("COUNT", 2, resetOnHealthyTask=False), 20, 2),
    ],
)
def test_the_threshold_is_the_breakers_own_and_ours_where_it_is_off(
    configured: dict[str, Any], desired: int, expected: int
) -> None:
    shown = service(desired=desired, deployment_configuration={"deploymentCircuitBreaker": configured})

    assert breaker.threshold(shown) == expected


@pytest.mark.parametrize(("failed", "kind"), [(4, Wait), (5, Fail)])
def test_a_rollout_is_given_up_neither_earlier_nor_later_than_ecs_does(failed: int, kind: type[Any]) -> None:
    primary = deployment(running=0, failed_tasks=failed, rollout_state="IN_PROGRESS")
    shown = service(primary, old(), deployment_configuration={"deploymentCircuitBreaker": on("COUNT", 5)})

    assert isinstance(decide(updating(), shown), kind)
