"""Waiters, the AWS CLI and the deployer's permissions on a service that ECS deploys to by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from sandbox.server import Sandbox
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.native import FAST
from tests.sandbox.shop import CLUSTER, registered, service
from tests.sandbox.test_clients import aws, needs_clients
from tests.sandbox.test_sts import as_role, assume

PAYMENTS = "payments"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        scale=FAST, enforce_iam=True, listener_ports=EPHEMERAL, applications=["payments", "legacy-api"]
    ) as running:
        eventually(lambda: _status(running, _current(running)) == "SUCCESSFUL")
        yield running


def _current(sandbox: Sandbox) -> str:
    return str(service(sandbox.client("ecs"), PAYMENTS)["currentServiceDeployment"])


def _status(sandbox: Sandbox, arn: str) -> str:
    return str(_described(sandbox.client("ecs"), arn)["status"])


def _described(ecs: Any, arn: str) -> dict[str, Any]:
    return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def _paused(ecs: Any, arn: str) -> str:
    def read() -> str:
        hooks = _described(ecs, arn)["lifecycleHookDetails"]
        return next((each["hookId"] for each in hooks if each["status"] == "AWAITING_ACTION"), "")

    return eventually(read)


def test_the_deployer_takes_the_payments_service_through_its_pause(client: Any, sandbox: Sandbox) -> None:
    ecs = as_role(sandbox, "ecs", assume(client, ExternalId="tealgate-demo"))
    definition = registered(sandbox.client("ecs"), "1.1.0", family=PAYMENTS)

    updated = ecs.update_service(cluster=CLUSTER, service=PAYMENTS, taskDefinition=definition)["service"]
    arn = updated["currentServiceDeployment"]
    hook = _paused(ecs, arn)
    # Not stable while two revisions run, whatever their counts are.
    with pytest.raises(WaiterError):
        _wait(ecs, attempts=2)
    ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action="CONTINUE")
    _wait(ecs, attempts=200)

    assert service(ecs, PAYMENTS)["taskDefinition"] == definition
    eventually(lambda: _described(ecs, arn)["status"] == "SUCCESSFUL")
    assert ecs.list_service_deployments(cluster=CLUSTER, service=PAYMENTS)["serviceDeployments"]


def _wait(ecs: Any, *, attempts: int) -> None:
    """The waiter behind ``aws ecs wait services-stable``, at this sandbox's pace."""
    waiter = ecs.get_waiter("services_stable")
    waiter.wait(cluster=CLUSTER, services=[PAYMENTS], WaiterConfig={"Delay": 0.05, "MaxAttempts": attempts})


def test_the_deployer_decides_about_no_other_service(client: Any, sandbox: Sandbox) -> None:
    ecs = as_role(sandbox, "ecs", assume(client, ExternalId="tealgate-demo"))
    # Rights are looked at first, so it need not be there. Its own may move all the others to ECS.
    other = service(ecs, PAYMENTS)["currentServiceDeployment"].replace(f"/{PAYMENTS}/", "/strangers-api/")

    for operation, more in ((ecs.stop_service_deployment, {}), (ecs.continue_service_deployment, {"hookId": "x"})):
        with pytest.raises(ClientError) as refused:
            operation(serviceDeploymentArn=other, **more)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_infrastructure_role_may_be_passed_to_ecs_only(sandbox: Sandbox) -> None:
    roles = sandbox.control.world["roles"]
    allowed = {
        service: _may_pass(sandbox, roles["deployer"], roles["infrastructure"], service)
        for service in ("ecs.amazonaws.com", "ecs-tasks.amazonaws.com")
    }

    assert allowed == {"ecs.amazonaws.com": "allowed", "ecs-tasks.amazonaws.com": "implicitDeny"}


def _may_pass(sandbox: Sandbox, deployer: str, role: str, service: str) -> str:
    context = {
        "ContextKeyName": "iam:PassedToService",
        "ContextKeyValues": [service],
        "ContextKeyType": "string",
    }
    answer = sandbox.client("iam").simulate_principal_policy(
        PolicySourceArn=deployer, ActionNames=["iam:PassRole"], ResourceArns=[role], ContextEntries=[context]
    )
    return str(answer["EvaluationResults"][0]["EvalDecision"])


@pytest.mark.clients
@needs_clients
def test_the_cli_waits_for_the_service_and_reads_its_deployments(sandbox: Sandbox) -> None:
    _wait(sandbox.client("ecs"), attempts=200)

    aws(sandbox, "ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", PAYMENTS)

    listed = aws(sandbox, "ecs", "list-service-deployments", "--cluster", CLUSTER, "--service", PAYMENTS)
    arn = listed["serviceDeployments"][0]["serviceDeploymentArn"]
    described = aws(sandbox, "ecs", "describe-service-deployments", "--service-deployment-arns", arn)
    assert described["serviceDeployments"][0]["deploymentConfiguration"]["strategy"] == "CANARY"
