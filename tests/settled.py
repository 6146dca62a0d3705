"""Wait until a sandbox is at rest, so that no test starts in the middle of what the seed or an earlier test began."""

import time
from collections.abc import Iterator
from typing import Any

from sandbox.server import Sandbox

#: CodeDeploy allows one of these in a group at a time.
UNDER_WAY = ["Created", "Queued", "InProgress", "Ready"]


def settle(sandbox: Sandbox, within: float = 120) -> None:
    """Returns at once when it is at rest. Raises TimeoutError that names what still moves after `within` seconds."""
    deadline = time.monotonic() + within
    while moving := list(_moving(sandbox)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not at rest within {within} s: {'; '.join(moving)}")
        time.sleep(0.2)


def _moving(sandbox: Sandbox) -> Iterator[str]:
    running = sandbox.client("codedeploy").list_deployments(includeOnlyStatuses=UNDER_WAY)["deployments"]
    yield from (f"CodeDeploy's {each} is under way" for each in running)
    ecs = sandbox.client("ecs")
    for cluster in ecs.list_clusters()["clusterArns"]:
        for page in ecs.get_paginator("list_services").paginate(cluster=cluster):
            if arns := page["serviceArns"]:
                services = ecs.describe_services(cluster=cluster, services=arns)["services"]
                yield from (f"service {each['serviceName']} is not steady" for each in services if not _steady(each))
    for page in sandbox.client("cloudwatch").get_paginator("describe_alarms").paginate():
        not_ok = (each for each in page["MetricAlarms"] if each["StateValue"] != "OK")
        yield from (f"alarm {each['AlarmName']} is {each['StateValue']}" for each in not_ok)


def _steady(service: dict[str, Any]) -> bool:
    rollouts = {each.get("rolloutState", "COMPLETED") for each in service["deployments"]}
    task_sets = {each["stabilityStatus"] for each in service.get("taskSets", [])}
    counts = service["runningCount"] == service["desiredCount"]
    return service["status"] != "ACTIVE" or (counts and rollouts <= {"COMPLETED"} and task_sets <= {"STEADY_STATE"})
