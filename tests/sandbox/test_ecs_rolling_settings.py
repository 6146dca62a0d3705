"""What an owner sets for rolling deployments: the circuit breaker's threshold, its resets, and early success."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import CLUSTER, created, messages, registered, service, tasks

SCALE = 120
APPLICATIONS = ("storefront",)
COUNTED = {"type": "COUNT", "value": 5}


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({"deploymentCircuitBreaker": {"enable": True, "rollback": True,
          "thresholdConfiguration": {"type": "SHARE", "value": 1}}}, "must be one of COUNT"),
        ({"earlySuccessCriteria": {"enable": True, "healthyPercent": 50}}, "needs healthyPercent and"),
        ({"earlySuccessCriteria": {"enable": True, "healthyPercent": 50,
          "sourceServiceRevisionCleanup": "DEFERRED"}}, "between minimumHealthyPercent .100. and 100"),
        ({"strategy": "BLUE_GREEN", "earlySuccessCriteria": {"enable": True, "healthyPercent": 100,
          "sourceServiceRevisionCleanup": "DEFERRED"}}, "only supported for the ROLLING"),
    ],
)  # fmt: skip
def test_settings_of_a_rolling_deployment_are_checked_at_once(
    ecs: Any, sandbox: Sandbox, configuration: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ecs.exceptions.InvalidParameterException, match=sentence):
        created(ecs, sandbox, deploymentConfiguration=configuration)


@pytest.mark.parametrize(("resets", "failed"), [(True, 0), (False, 2)])
def test_a_healthy_task_resets_the_count_of_failures_unless_told_otherwise(
    ecs: Any, sandbox: Sandbox, resets: bool, failed: int
) -> None:
    tag = f"flaky-{resets}".lower()
    sandbox.push({"repository": "storefront", "tag": tag, "behaviour": "crash"})
    breaker = {
        "enable": True,
        "rollback": False,
        "resetOnHealthyTask": resets,
        "thresholdConfiguration": COUNTED,
    }
    name = created(ecs, sandbox, tag, deploymentConfiguration={"deploymentCircuitBreaker": breaker})

    eventually(lambda: service(ecs, name)["deployments"][0]["failedTasks"] == 2)
    sandbox.push({"repository": "storefront", "tag": tag, "behaviour": "ok"})

    primary = eventually(lambda: _completed(ecs, name))
    assert primary["failedTasks"] == failed
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)


@pytest.mark.parametrize(("cleanup", "early"), [("DEFERRED", True), ("BLOCKING", False)])
def test_success_comes_before_the_old_tasks_are_gone_where_the_owner_defers_that(
    ecs: Any, sandbox: Sandbox, cleanup: str, early: bool
) -> None:
    criteria = {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": cleanup}
    configuration = {"minimumHealthyPercent": 50, "maximumPercent": 100, "earlySuccessCriteria": criteria}
    name = created(ecs, sandbox, desiredCount=2, deploymentConfiguration=configuration)
    eventually(lambda: _completed(ecs, name))
    (kept, _) = [each["taskArn"] for each in tasks(ecs, serviceName=name)]
    ecs.update_task_protection(cluster=CLUSTER, tasks=[kept], protectionEnabled=True)

    new = ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))
    completed = f"(deployment {new['service']['deployments'][0]['id']}) deployment completed."
    # With the old task protected there is no room for the second new one.
    eventually(
        lambda: any(
            _counts_as_healthy(each)
            for each in tasks(ecs, serviceName=name, desiredStatus="RUNNING")
            if each["taskArn"] != kept
        )
    )
    if early:
        eventually(lambda: completed in messages(ecs, name))
    ecs.update_task_protection(cluster=CLUSTER, tasks=[kept], protectionEnabled=False)
    eventually(lambda: service(ecs, name)["deployments"][0]["runningCount"] == 2 and _completed(ecs, name))

    newest_first = messages(ecs, name)
    stopped = newest_first.index(f"running tasks: (task {kept.rpartition('/')[2]})")
    assert (newest_first.index(completed) > stopped) is early
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)


def _counts_as_healthy(task: dict[str, Any]) -> bool:
    """Without a health check it does after 40 s, which are a third of one here; and a look of the scheduler later."""
    started = task.get("startedAt")
    return started is not None and datetime.now(UTC) - started > timedelta(seconds=1)


def _completed(ecs: Any, name: str) -> dict[str, Any]:
    primary, *others = service(ecs, name)["deployments"]
    return primary if primary["rolloutState"] == "COMPLETED" and not others else {}
