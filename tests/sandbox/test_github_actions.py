"""GitHub's own actions, aws-actions/amazon-ecs-render-task-definition and -deploy-task-definition, run by Node.

No registry has them, so TEALGATE_GITHUB_ACTIONS names the folder with both checkouts; without it, or without Node,
nothing here is collected unless it is named (``conftest.py``).
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.account import REGION
from sandbox.images.registry import ECR_HOST
from sandbox.server import Sandbox
from sandbox.world.catalog import REGISTRABLE
from tests.sandbox.conftest import EPHEMERAL, SCALE, eventually
from tests.sandbox.releases import PRODUCTION, all_answer, appspec, configure, info, version_at
from tests.sandbox.shop import CLUSTER, service, steady

pytestmark = pytest.mark.clients

LEGACY = 8084
RENDER, DEPLOY = "amazon-ecs-render-task-definition", "amazon-ecs-deploy-task-definition"
WAIT = {"cluster": CLUSTER, "wait_for_service_stability": "true"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    # At this pace a deployment is over when the actions' waiters ask for the second time, after fifteen real seconds.
    with Sandbox(scale=SCALE, listener_ports=EPHEMERAL, applications=["legacy-api", "catalog"]) as running:
        configure(running.client("codedeploy"), deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
        eventually(lambda: all_answer(running, PRODUCTION, "1.0.0") and all_answer(running, LEGACY, "1.0.0"))
        yield running


@dataclass
class Runner:
    """A job on GitHub's runner, as far as an action sees it: variables, a workspace, a file for its outputs."""

    actions: Path
    sandbox: Sandbox
    workspace: Path

    def fails(self, action: str, **inputs: str) -> str:
        """What the action printed, an error among it."""
        ended = self._run(action, inputs)
        assert ended.returncode == 1 and "::error::" in ended.stdout, ended.stdout + ended.stderr
        return ended.stdout

    def uses(self, action: str, **inputs: str) -> dict[str, str]:
        """The action's outputs."""
        ended = self._run(action, inputs)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return _read(self._outputs.read_text())

    def _run(self, action: str, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
        self._outputs.write_text("")
        program = self.actions / action / "dist" / "index.js"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self._outputs),
            "RUNNER_TEMP": str(self.workspace),
            "AWS_ENDPOINT_URL": self.sandbox.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        } | {f"INPUT_{name.replace('_', '-').upper()}": given for name, given in inputs.items()}
        return subprocess.run(
            ["node", str(program)], env=environment, cwd=self.workspace, capture_output=True, text=True, timeout=120
        )

    @property
    def _outputs(self) -> Path:
        return self.workspace / "outputs"


def _read(written: str) -> dict[str, str]:
    """Each is ``name<<delimiter``, the value's lines, and the delimiter."""
    outputs, lines = {}, iter(written.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        outputs[name] = "\n".join(iter(lines.__next__, delimiter))
    return outputs


@pytest.fixture
def runner(sandbox: Sandbox, tmp_path: Path) -> Runner:
    folder = os.environ.get("TEALGATE_GITHUB_ACTIONS")
    assert folder, "Name the folder with both actions in TEALGATE_GITHUB_ACTIONS: see CONTRIBUTING.md."
    return Runner(Path(folder).resolve(), sandbox, tmp_path)


def _rendered(runner: Runner, image: str, **source: str) -> str:
    """The path of a task definition with this image."""
    options = {"container_name": "web", "environment_variables": "GREETING=hello"}
    return runner.uses(RENDER, image=f"{ECR_HOST}/{image}", **options, **source)["task-definition"]


def _container(ecs: Any, definition: str) -> dict[str, Any]:
    return dict(ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]["containerDefinitions"][0])


def test_the_actions_render_and_deploy_to_a_rolling_service(runner: Runner, sandbox: Sandbox, ecs: Any) -> None:
    rendered = _rendered(runner, "storefront:1.1.0", task_definition_family="legacy-api")

    deployed = runner.uses(DEPLOY, task_definition=rendered, service="legacy-api", **WAIT)

    seen = service(ecs, "legacy-api")
    assert seen["taskDefinition"] == deployed["task-definition-arn"]
    assert [each["rolloutState"] for each in seen["deployments"]] == ["COMPLETED"]
    container = _container(ecs, seen["taskDefinition"])
    assert container["image"] == f"{ECR_HOST}/storefront:1.1.0"
    assert {"name": "GREETING", "value": "hello"} in container["environment"]
    assert version_at(sandbox, LEGACY) == "1.1.0"


@pytest.fixture
def impatient(ecs: Any) -> Iterator[None]:
    """The rolling service gives up a release at once, and goes back."""
    _configure(ecs, breaker=True, grace=0)
    yield
    _configure(ecs, breaker=False, grace=30)


def _configure(ecs: Any, *, breaker: bool, grace: int) -> None:
    configuration = {"deploymentCircuitBreaker": {"enable": breaker, "rollback": breaker}}
    ecs.update_service(
        cluster=CLUSTER,
        service="legacy-api",
        deploymentConfiguration=configuration,
        healthCheckGracePeriodSeconds=grace,
    )


@pytest.mark.usefixtures("impatient")
def test_the_action_fails_when_the_circuit_breaker_rolls_back(runner: Runner, sandbox: Sandbox, ecs: Any) -> None:
    before, version = steady(ecs, "legacy-api")["taskDefinition"], version_at(sandbox, LEGACY)
    rendered = _rendered(runner, "storefront:1.3.0", task_definition_family="legacy-api")

    printed = runner.fails(DEPLOY, task_definition=rendered, service="legacy-api", **WAIT)

    assert "not found after stabilization" in printed
    assert steady(ecs, "legacy-api")["taskDefinition"] == before
    assert version_at(sandbox, LEGACY) == version


def test_the_action_runs_a_migration_and_waits_for_its_end(runner: Runner, sandbox: Sandbox, ecs: Any) -> None:
    network = sandbox.control.world["network"]
    rendered = _rendered(runner, "storefront:1.1.0", task_definition_family="legacy-api")

    done = runner.uses(
        DEPLOY,
        task_definition=rendered,
        cluster=CLUSTER,
        run_task="true",
        run_task_container_overrides=json.dumps([{"name": "web", "command": ["python", "manage.py", "migrate"]}]),
        run_task_subnets=",".join(network["subnets"]),
        run_task_security_groups=network["security_group"],
        run_task_capacity_provider_strategy=json.dumps([{"capacityProvider": "FARGATE_SPOT"}]),
        wait_for_task_stopped="true",
    )

    (task,) = ecs.describe_tasks(cluster=CLUSTER, tasks=json.loads(done["run-task-arn"]))["tasks"]
    assert (task["startedBy"], task["capacityProviderName"]) == ("GitHub-Actions", "FARGATE_SPOT")
    assert (task["lastStatus"], task["containers"][0]["exitCode"]) == ("STOPPED", 0)
    assert task["taskDefinitionArn"] == done["task-definition-arn"]


def test_the_actions_render_a_file_and_deploy_it_by_codedeploy(runner: Runner, sandbox: Sandbox, ecs: Any) -> None:
    known = ecs.describe_task_definition(taskDefinition="catalog:1")["taskDefinition"]
    kept = {name: known[name] for name in REGISTRABLE} | {"family": "catalog"}
    (runner.workspace / "task-definition.json").write_text(json.dumps(kept))
    (runner.workspace / "appspec.yaml").write_text(yaml.safe_dump(json.loads(appspec("<TASK_DEFINITION>"))))
    rendered = _rendered(runner, "catalog:1.1.0", task_definition="task-definition.json")

    deployed = runner.uses(
        DEPLOY,
        task_definition=rendered,
        service="catalog",
        codedeploy_appspec="appspec.yaml",
        codedeploy_application="catalog",
        codedeploy_deployment_group="production",
        codedeploy_deployment_description="from a pipeline",
        **WAIT,
    )

    seen = info(sandbox.client("codedeploy"), deployed["codedeploy-deployment-id"])
    assert (seen["status"], seen["description"], seen["creator"]) == ("Succeeded", "from a pipeline", "user")
    (alone,) = service(ecs, "catalog")["taskSets"]
    assert (alone["status"], alone["taskDefinition"]) == ("PRIMARY", deployed["task-definition-arn"])
    assert _container(ecs, alone["taskDefinition"])["image"] == f"{ECR_HOST}/catalog:1.1.0"
    assert version_at(sandbox, PRODUCTION) == "1.1.0"
