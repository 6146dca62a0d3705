"""Faults on request."""

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox.server import Sandbox
from tests.sandbox.shop import CLUSTER, service


@pytest.fixture(autouse=True)
def _no_faults_left(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.faults.clear()


@pytest.mark.parametrize(
    ("service_name", "operation", "code"),
    [
        ("ecs", "list_clusters", "ThrottlingException"),
        ("cloudwatch", "describe_alarms", "ThrottlingException"),
        ("elbv2", "describe_load_balancers", "Throttling"),
        ("iam", "list_roles", "Throttling"),
        ("ec2", "describe_vpcs", "Throttling"),
    ],
)
def test_throttling_speaks_every_protocol(
    client: Any, sandbox: Sandbox, service_name: str, operation: str, code: str
) -> None:
    sandbox.faults.add("throttle", service=service_name, times=1)
    call = getattr(client(service_name), operation)

    with pytest.raises(ClientError, match="Rate exceeded") as refused:
        call()

    assert refused.value.response["Error"]["Code"] == code
    call()


def test_a_server_error_hits_only_the_named_operation(client: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("error", service="ecs", operation="DescribeServices", status=503)

    with pytest.raises(ClientError) as refused:
        client("ecs").describe_services(cluster=CLUSTER, services=["x"])

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    client("ecs").list_clusters()


def test_a_lost_response_was_performed_all_the_same(client: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("lost_response", service="ecs", operation="UpdateService", times=1)

    with pytest.raises(ConnectionClosedError):
        client("ecs").update_service(cluster=CLUSTER, service="storefront-staging-green", desiredCount=1)

    assert service(client("ecs"), "storefront-staging-green")["desiredCount"] == 1


def test_a_denial_names_the_action(client: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("deny", service="elbv2", operation="ModifyRule")

    with pytest.raises(ClientError, match="not authorized to perform: elasticloadbalancing:ModifyRule") as refused:
        client("elbv2").modify_rule(RuleArn="any", Actions=[])

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_latency_and_a_time_limit(client: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("latency", service="ecs", latency=0.3, seconds=60)
    began = time.monotonic()

    client("ecs").list_clusters()

    assert time.monotonic() - began >= 0.3
    sandbox.faults.clear()
    sandbox.faults.add("error", seconds=0)
    client("ecs").list_clusters()


def test_faults_and_calls_are_managed_over_http(client: Any, sandbox: Sandbox) -> None:
    _send(sandbox, "DELETE", "calls")
    added = _send(sandbox, "POST", "faults", {"service": "ecs", "operation": "*", "kind": "throttle", "times": 1})
    with pytest.raises(ClientError):
        client("ecs").list_clusters()
    client("ecs").list_clusters()

    assert added["faults"][0]["kind"] == "throttle"
    assert _send(sandbox, "GET", "calls") == {"ecs:ListClusters": 2}
    assert _send(sandbox, "GET", "faults") == {"faults": []}


def _send(sandbox: Sandbox, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)
