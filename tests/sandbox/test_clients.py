"""Clients nobody here wrote keep the sandbox honest: the AWS CLI with its waiters, and the ecs-deploy package.

They need a virtual environment of their own: ``python -m venv .venv-clients`` and then
``.venv-clients/bin/pip install -r requirements-clients.txt``; TEALGATE_CLIENTS_VENV names another place.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.world import CLUSTER
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import service, steady

VENV = Path(os.environ.get("TEALGATE_CLIENTS_VENV", Path(__file__).parent.parent.parent / ".venv-clients"))

needs_clients = pytest.mark.skipif(
    not (VENV / "bin" / "aws").exists(),
    reason=f"no AWS clients in {VENV}: install requirements-clients.txt there",
)
APPLICATIONS = ("storefront", "legacy-api")
pytestmark = [pytest.mark.clients, needs_clients]


def call(sandbox: Sandbox, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{VENV / 'bin'}:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        [str(VENV / "bin" / command[0]), *command[1:]], env=environment, capture_output=True, text=True, timeout=90
    )


def aws(sandbox: Sandbox, *words: str) -> Any:
    ended = call(sandbox, "aws", *words)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout or "{}")


def test_the_cli_waits_for_a_stable_service(sandbox: Sandbox, ecs: Any) -> None:
    steady(ecs, "storefront-production-blue")

    aws(sandbox, "ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "storefront-production-blue")

    described = aws(sandbox, "ecs", "describe-services", "--cluster", CLUSTER, "--services", "legacy-api")
    assert described["services"][0]["deployments"][0]["status"] == "PRIMARY"


def test_the_cli_waits_for_targets_in_service(sandbox: Sandbox, ecs: Any) -> None:
    steady(ecs, "storefront-production-blue")
    group = sandbox.control.world["environments"]["production"]["target_groups"]["blue"]

    aws(sandbox, "elbv2", "wait", "target-in-service", "--target-group-arn", group)

    health = aws(sandbox, "elbv2", "describe-target-health", "--target-group-arn", group)
    assert [each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"]] == ["healthy", "healthy"]


def test_ecs_deploy_deploys_a_version(sandbox: Sandbox, ecs: Any) -> None:
    steady(ecs, "legacy-api")

    ended = call(sandbox, "ecs", "deploy", CLUSTER, "legacy-api", "--tag", "1.1.0", "--timeout", "60")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Deployment successful" in ended.stdout
    definition = ecs.describe_task_definition(taskDefinition=service(ecs, "legacy-api")["taskDefinition"])
    assert definition["taskDefinition"]["containerDefinitions"][0]["image"].endswith("/storefront:1.1.0")


def test_ecs_deploy_fails_on_a_wrong_image_and_rolls_back(sandbox: Sandbox, ecs: Any) -> None:
    steady(ecs, "legacy-api")
    before = ecs.describe_task_definition(taskDefinition=service(ecs, "legacy-api")["taskDefinition"])

    ended = call(sandbox, "ecs", "deploy", CLUSTER, "legacy-api", "--tag", "9.9.9", "--timeout", "8", "--rollback")

    assert ended.returncode != 0
    assert "Deployment failed" in ended.stdout + ended.stderr
    eventually(lambda: steady(ecs, "legacy-api"))
    after = ecs.describe_task_definition(taskDefinition=service(ecs, "legacy-api")["taskDefinition"])
    image = after["taskDefinition"]["containerDefinitions"][0]["image"]
    assert image == before["taskDefinition"]["containerDefinitions"][0]["image"]
