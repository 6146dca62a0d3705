"""What a pipeline with CodeDeploy leaves in its folder: image, task definition, AppSpec; and what then runs of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.flows.clients import client
from tests.flows.storefront import Storefront

APPSPEC = """\
version: 1
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 8000
        PlatformVersion: "LATEST"
"""


def register(shop: Storefront, version: str, folder: Path, *, image: str, memory: str, level: str) -> None:
    """The files as a build writes them, with what a commit changed, handed over by the folder's name."""
    live = _described(shop)
    container = live["containerDefinitions"][0]
    definition = {
        "family": "a-name-of-the-pipelines-own",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": memory,
        "executionRoleArn": live["executionRoleArn"],
        "taskRoleArn": live["taskRoleArn"],
        "volumes": [],
        "containerDefinitions": [
            {
                "name": "web",
                "image": "<IMAGE1_NAME>",
                "essential": True,
                "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
                "environment": [{"name": "LOG_LEVEL", "value": level}, {"name": "PAYMENTS", "value": "on"}],
                "secrets": container["secrets"],
                "logConfiguration": container["logConfiguration"],
            }
        ],
    }
    (folder / "taskdef.json").write_text(json.dumps(definition, indent=2))
    (folder / "appspec.yaml").write_text(APPSPEC)
    uri = f"{shop.sandbox.control.world['repository_uri']}:{image}"
    (folder / "imageDetail.json").write_text(json.dumps({"ImageURI": uri}))
    call_command("register_release", shop.environment.application.slug, version, "--files", str(folder))


def runs(shop: Storefront) -> tuple[set[str], list[Mapping[str, str]]]:
    """Memory of the tasks that are to run, and what their processes have in their environment."""
    store = shop.sandbox.ecs
    with store.lock:
        tasks = [
            task for task in store.tasks.values()
            if task.service and task.service.name == shop.environment.service and task.desired_status == "RUNNING"
        ]  # fmt: skip
        memory = {str(task.task_definition.body["memory"]) for task in tasks}
        pids = [process.pid for task in tasks for each in task.containers if (process := each.process)]
    return memory, [_environment(pid) for pid in pids]


def _environment(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _described(shop: Storefront) -> dict[str, Any]:
    ecs, environment = client("ecs"), shop.environment
    (service,) = ecs.describe_services(cluster=environment.cluster, services=[environment.service])["services"]
    primary = next((each for each in service.get("taskSets", ()) if each["status"] == "PRIMARY"), service)
    shown: dict[str, Any] = ecs.describe_task_definition(taskDefinition=primary["taskDefinition"])["taskDefinition"]
    return shown
