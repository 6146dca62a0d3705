"""Short ways to say what tests of services do."""

import uuid
from typing import Any

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually

CLUSTER = "storefront"
FIELDS = [
    "family",
    "networkMode",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "runtimePlatform",
    "executionRoleArn",
    "taskRoleArn",
    "containerDefinitions",
]


def registered(ecs: Any, version: str, **changes: Any) -> str:
    """A revision of the storefront, in a family of its own, that runs this version."""
    current = ecs.describe_task_definition(taskDefinition="storefront:1")["taskDefinition"]
    body = {name: current[name] for name in FIELDS} | {"family": f"shop-{uuid.uuid4().hex[:6]}"}
    container = body["containerDefinitions"][0]
    container["image"] = container["image"].rpartition(":")[0] + f":{version}"
    return str(ecs.register_task_definition(**body | changes)["taskDefinition"]["taskDefinitionArn"])


def service(ecs: Any, name: str) -> dict[str, Any]:
    return dict(ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0])


def created(ecs: Any, sandbox: Sandbox, version: str = "1.0.0", **options: Any) -> str:
    """A service without a load balancer."""
    name = f"worker-{uuid.uuid4().hex[:6]}"
    options.setdefault("networkConfiguration", network(sandbox))
    options.setdefault("taskDefinition", registered(ecs, version))
    given = {"desiredCount": 1, "launchType": "FARGATE"} | options
    ecs.create_service(
        cluster=CLUSTER, serviceName=name, **{key: each for key, each in given.items() if each is not None}
    )
    return name


def network(sandbox: Sandbox) -> dict[str, Any]:
    world = sandbox.control.world["network"]
    return {"awsvpcConfiguration": {"subnets": world["subnets"], "securityGroups": [world["security_group"]]}}


def steady(ecs: Any, name: str) -> dict[str, Any]:
    return eventually(lambda: _if_steady(service(ecs, name)))


def _if_steady(seen: dict[str, Any]) -> dict[str, Any]:
    alone = len(seen["deployments"]) == 1 and seen["deployments"][0]["rolloutState"] == "COMPLETED"
    steady = seen["events"] and seen["events"][0]["message"].endswith("has reached a steady state.")
    return seen if alone and steady and seen["runningCount"] == seen["desiredCount"] else {}


def tasks(ecs: Any, **filters: Any) -> list[dict[str, Any]]:
    arns = ecs.list_tasks(cluster=CLUSTER, **filters)["taskArns"]
    return list(ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]) if arns else []


def messages(ecs: Any, name: str) -> str:
    return "\n".join(event["message"] for event in service(ecs, name)["events"])


def run(ecs: Any, sandbox: Sandbox, definition: str, command: list[str], **options: Any) -> dict[str, Any]:
    """Run a one-off task to its end."""
    started = ecs.run_task(
        cluster=CLUSTER,
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration=network(sandbox),
        overrides={"containerOverrides": [{"name": "web", "command": command}]},
        **options,
    )["tasks"][0]["taskArn"]
    return stopped(ecs, started)


def stopped(ecs: Any, arn: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        task = ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
        return dict(task) if task["lastStatus"] == "STOPPED" else {}

    return eventually(read)
