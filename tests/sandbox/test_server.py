"""The API as a whole, and what moto cannot do."""

import urllib.error
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.test_server_process import get


def test_there_is_one_sandbox_at_a_time(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="runs in this process already"), Sandbox():
        pass


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("codepipeline", "list_rule_types", {}),
        ("ecr", "describe_pull_through_cache_rules", {}),
        ("iam", "get_service_last_accessed_details", {"JobId": "0" * 36}),
    ],
)
def test_what_nobody_implemented_is_an_aws_error(
    client: Any, service: str, operation: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**request_)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "The sandbox does not know the operation" in refused.value.response["Error"]["Message"]


def test_an_unknown_page_of_the_sandbox_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(sandbox.port, "nothing")


def test_a_preflight_can_read_security_groups_and_subnets(client: Any, sandbox: Sandbox) -> None:
    network = sandbox.control.world["network"]
    ec2 = client("ec2")

    group = ec2.describe_security_groups(GroupIds=[network["security_group"]])["SecurityGroups"][0]
    subnets = ec2.describe_subnets(SubnetIds=network["subnets"])["Subnets"]

    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == network["load_balancer_security_group"]
    assert {subnet["VpcId"] for subnet in subnets} == {network["vpc"]}
