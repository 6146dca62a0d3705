"""Functions of an AppSpec, run by CodeDeploy: they report Succeeded, Failed or nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.functions import create, role
from tests.sandbox.releases import (
    AT_ONCE,
    GROUP,
    all_answer,
    appspec,
    configure,
    events,
    info,
    over,
    reached,
    revision,
    target,
    task_definition,
    version_at,
)

SCALE = 200
NAME = "CodeDeployHook_check"
PRODUCTION = 8087
REPORTS = """
import boto3
def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded",
    )
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=SCALE, listener_ports=EPHEMERAL, applications=["catalog"]) as running:
        configure(running.client("codedeploy"), wait=0)
        eventually(lambda: all_answer(running, PRODUCTION, "1.0.0"))
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Any:
    return client("codedeploy")


def deployed(sandbox: Sandbox, version: str, **hooks: str) -> str:
    content = revision(appspec(task_definition(sandbox.client("ecs"), version), **hooks))
    codedeploy = sandbox.client("codedeploy")
    return str(codedeploy.create_deployment(**GROUP, deploymentConfigName=AT_ONCE, revision=content)["deploymentId"])


def serve(sandbox: Sandbox, call: Callable[[dict[str, Any]], Any], name: str = NAME) -> str:
    return sandbox.functions.serve(sandbox.region, name, call).arn


def report(codedeploy: Any, event: dict[str, Any], status: str) -> None:
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )


def test_a_function_made_by_the_api_reports_by_itself(sandbox: Sandbox, client: Any, codedeploy: Any) -> None:
    runs_as = role(sandbox, "reports", "lambda.amazonaws.com", "codedeploy:PutLifecycleEventHookExecutionStatus")
    create(client("lambda"), "CodeDeployHook_process", REPORTS, runs_as)

    ended = over(codedeploy, number := deployed(sandbox, "1.1.0", AfterInstall="CodeDeployHook_process"))

    assert ended["status"] == "Succeeded", ended
    assert events(target(codedeploy, number))["AfterInstall"] == "Succeeded"


def test_each_event_waits_for_its_function(sandbox: Sandbox, codedeploy: Any) -> None:
    seen: list[str] = []

    def check(event: dict[str, Any]) -> None:
        states = events(target(codedeploy, event["DeploymentId"]))
        seen.extend(name for name, status in states.items() if status == "InProgress")
        report(codedeploy, event, "Succeeded")

    arn = serve(sandbox, check)
    hooks = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")

    assert over(codedeploy, deployed(sandbox, "1.0.0", **dict.fromkeys(hooks, arn)))["status"] == "Succeeded"
    assert tuple(seen) == hooks


@pytest.mark.parametrize(
    ("event", "call", "words"),
    [
        ("AfterAllowTestTraffic", "Failed", "reported the status Failed"),
        ("BeforeAllowTraffic", "", "did not report a status within 60 minutes"),
        ("BeforeInstall", "raises", "ended with an error before it reported"),
    ],
)
def test_a_function_that_does_not_succeed_fails_the_deployment(
    sandbox: Sandbox, codedeploy: Any, event: str, call: str, words: str
) -> None:
    before = version_at(sandbox, PRODUCTION)

    def check(told: dict[str, Any]) -> None:
        if call == "raises":
            raise ValueError("no")
        if call:
            report(codedeploy, told, call)

    serve(sandbox, check)
    number = deployed(sandbox, "1.0.0" if before == "1.1.0" else "1.1.0", **{event: NAME})
    if not call:
        eventually(lambda: _running(codedeploy, number, event))
        sandbox.skip(3600)
    ended = over(codedeploy, number)

    assert (ended["status"], ended["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    assert words in ended["errorInformation"]["message"]
    failed = [each for each in target(codedeploy, number)["lifecycleEvents"] if each["status"] == "Failed"]
    assert [each["lifecycleEventName"] for each in failed] == [event]
    assert words in failed[0]["diagnostics"]["message"]
    reached(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert version_at(sandbox, PRODUCTION) == before


def _running(codedeploy: Any, number: str, event: str) -> bool:
    if info(codedeploy, number)["status"] != "InProgress":
        return False
    return events(target(codedeploy, number)).get(event) == "InProgress"


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("CodeDeployHook_nowhere", "INVALID_LAMBDA_FUNCTION", "does not exist"),
        ("another-name", "IAM_ROLE_PERMISSIONS", "AWSLambda"),
    ],
)
def test_a_function_that_cannot_be_invoked_says_why(
    sandbox: Sandbox, codedeploy: Any, name: str, code: str, words: str
) -> None:
    ended = over(codedeploy, deployed(sandbox, "1.1.0", BeforeInstall=name))

    assert ended["errorInformation"]["code"] == code
    assert words in ended["errorInformation"]["message"]
    reached(codedeploy, ended["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")


def test_a_status_is_taken_once_and_only_of_the_execution_that_runs(sandbox: Sandbox, codedeploy: Any) -> None:
    told: list[dict[str, Any]] = []
    serve(sandbox, told.append)
    number = deployed(sandbox, "1.1.0", BeforeInstall=NAME)
    (event,) = eventually(lambda: list(told))

    with pytest.raises(codedeploy.exceptions.InvalidLifecycleEventHookExecutionStatusException):
        report(codedeploy, event, "Skipped")
    with pytest.raises(codedeploy.exceptions.InvalidLifecycleEventHookExecutionIdException):
        report(codedeploy, event | {"LifecycleEventHookExecutionId": "another"}, "Succeeded")
    report(codedeploy, event, "Succeeded")
    with pytest.raises(codedeploy.exceptions.LifecycleEventAlreadyCompletedException):
        report(codedeploy, event, "Succeeded")

    assert over(codedeploy, number)["status"] == "Succeeded"
