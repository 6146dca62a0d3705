"""Wait until a sandbox is at rest, so that no test starts in the middle of what the seed or an earlier test began."""

import time
from collections.abc import Iterator
from typing import Any

from sandbox import cloudwatch
from sandbox.ecs import rendering
from sandbox.server import Sandbox


def settle(sandbox: Sandbox, within: float = 120) -> None:
    """Returns at once when it is at rest. Raises TimeoutError that names what still moves after `within` seconds."""
    deadline = time.monotonic() + within
    while moving := list(_moving(sandbox)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not at rest within {within} s: {'; '.join(moving)}")
        time.sleep(0.2)


def _moving(sandbox: Sandbox) -> Iterator[str]:
    """Looked up where the sandbox keeps it: every story begins with this, and calls take longer than some stories."""
    for region in sandbox.regions:
        store, ecs = region.codedeploy.store, region.ecs
        with store.lock:
            under_way = [each.id for each in store.deployments.values() if not each.is_over]
        with ecs.lock:
            services = [rendering.service(ecs, each) for each in ecs.services.values()]
        alarms = cloudwatch.alarm_states(ecs.region)
        yield from (f"CodeDeploy's {each} is under way" for each in under_way)
        yield from (f"service {each['serviceName']} is not steady" for each in services if not _steady(each))
        yield from (f"alarm {name} is {state}" for name, state in alarms.items() if state != "OK")


def _steady(service: dict[str, Any]) -> bool:
    rollouts = {each.get("rolloutState", "COMPLETED") for each in service["deployments"]}
    task_sets = {each["stabilityStatus"] for each in service.get("taskSets", [])}
    counts = service["runningCount"] == service["desiredCount"]
    return service["status"] != "ACTIVE" or (counts and rollouts <= {"COMPLETED"} and task_sets <= {"STEADY_STATE"})
