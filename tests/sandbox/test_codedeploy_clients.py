"""The AWS CLI's waiter for CodeDeploy, and its own command that deploys to ECS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.server import Sandbox
from sandbox.world.catalog import REGISTRABLE
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.functions import archive, role
from tests.sandbox.releases import GROUP, all_answer, appspec, over, revision, task_definition, version_at
from tests.sandbox.shop import CLUSTER
from tests.sandbox.test_clients import aws, call, pytestmark  # noqa: F401 - the mark, and the reason to skip

SCALE = 200  # a deployment is over in two seconds


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=SCALE, listener_ports=EPHEMERAL, applications=["catalog"]) as running:
        running.client("codedeploy").update_deployment_group(
            applicationName="catalog",
            currentDeploymentGroupName="production",
            deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
            blueGreenDeploymentConfiguration={
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
                "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 1},
            },
        )
        eventually(lambda: all_answer(running, 8087, "1.0.0"))
        yield running


def test_the_cli_deploys_and_waits(sandbox: Sandbox, ecs: Any) -> None:
    where = json.dumps(revision(appspec(task_definition(ecs, "1.1.0"))))
    names = ["--application-name", "catalog", "--deployment-group-name", "production"]

    number = aws(sandbox, "deploy", "create-deployment", *names, "--revision", where)["deploymentId"]
    over(sandbox.client("codedeploy"), number)
    aws(sandbox, "deploy", "wait", "deployment-successful", "--deployment-id", number)

    described = aws(sandbox, "deploy", "get-deployment", "--deployment-id", number)["deploymentInfo"]
    assert (described["status"], described["creator"]) == ("Succeeded", "user")
    assert version_at(sandbox, 8087) == "1.1.0"


def test_aws_ecs_deploy_registers_deploys_and_waits(sandbox: Sandbox, ecs: Any, tmp_path: Path) -> None:
    known = ecs.describe_task_definition(taskDefinition="catalog:1")["taskDefinition"]
    body = {name: known[name] for name in REGISTRABLE} | {"family": "catalog"}
    body["containerDefinitions"][0]["environment"].append({"name": "GREETING", "value": "hello"})
    (tmp_path / "taskdef.json").write_text(json.dumps(body))
    (tmp_path / "appspec.yaml").write_text(yaml.safe_dump(json.loads(appspec("<TASK_DEFINITION>"))))

    # Its waiter looks at once, and then again after fifteen seconds: the first answer comes when all is done.
    sandbox.faults.add("latency", service="codedeploy", operation="GetDeployment", times=1, latency=3.0)
    ended = call(
        sandbox,
        *("aws", "ecs", "deploy", "--cluster", CLUSTER, "--service", "catalog"),
        *("--task-definition", str(tmp_path / "taskdef.json"), "--codedeploy-appspec", str(tmp_path / "appspec.yaml")),
        *("--codedeploy-application", "catalog", "--codedeploy-deployment-group", "production"),
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Successfully deployed arn:aws:ecs:us-east-1:123456789012:task-definition/catalog:" in ended.stdout
    last = sandbox.client("codedeploy").get_deployment_group(**GROUP)["deploymentGroupInfo"]["lastSuccessfulDeployment"]
    assert last["status"] == "Succeeded"


def test_the_cli_makes_a_function_and_invokes_it(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "hook.zip").write_bytes(archive("def handler(event, context): return event['n'] + 1"))
    runs_as = role(sandbox, "counts", "lambda.amazonaws.com")
    aws(
        sandbox, "lambda", "create-function", "--function-name", "counts", "--runtime", "python3.12",
        "--handler", "hook.handler", "--role", runs_as, "--zip-file", f"fileb://{tmp_path}/hook.zip",
    )  # fmt: skip

    (tmp_path / "event").write_text('{"n": 1}')
    aws(
        sandbox, "lambda", "invoke", "--function-name", "counts", "--payload", f"fileb://{tmp_path}/event",
        str(tmp_path / "answer"),
    )  # fmt: skip

    assert (tmp_path / "answer").read_text() == "2"
