"""With enforce_iam a role may do what its policies allow, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deployments.aws import actions, errors
from deployments.aws.gateway import BotoGateway
from sandbox.account import ACCOUNT, REGION, arn
from sandbox.server import Sandbox
from sandbox.world.policies import filled
from tests.sandbox.conftest import EPHEMERAL
from tests.sandbox.shop import CLUSTER
from tests.sandbox.test_sts import as_role, assume

#: What every controller's file allows of task definitions.
WITH_FAMILY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"], "Resource": "*"}
    ],
}
TRUST = {"tealgate_role": f"arn:aws:iam::{ACCOUNT}:root", "external_id": "listens"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        scale=50, enforce_iam=True, listener_ports=EPHEMERAL, applications=["storefront", "legacy-api"]
    ) as running:
        yield running


def test_a_role_may_do_what_its_policies_allow_and_no_more(client: Any, sandbox: Sandbox) -> None:
    credentials = assume(client, ExternalId="tealgate-demo")
    ecs = as_role(sandbox, "ecs", credentials)

    ecs.update_service(cluster=CLUSTER, service="storefront-staging-green", desiredCount=0)
    with pytest.raises(ClientError) as refused:
        ecs.delete_service(cluster=CLUSTER, service="legacy-api")

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "ecs:DeleteService on resource: arn:aws:ecs:us-east-1" in str(refused.value)


def test_a_role_tells_events_of_its_own_source_on_its_own_bus_only(client: Any, sandbox: Sandbox) -> None:
    events = as_role(sandbox, "events", assume(client, ExternalId="tealgate-demo"))
    echo = {"Source": "tealgate", "DetailType": "Tealgate Echo", "Detail": "{}"}
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/"

    assert events.put_events(Entries=[echo])["FailedEntryCount"] == 0
    assert events.put_events(Entries=[echo | {"EventBusName": f"{bus}default"}])["FailedEntryCount"] == 0
    for entries, refused_on in (
        ([echo | {"Source": "another"}], "default"),
        ([echo, echo | {"Source": "another"}], "default"),
        ([echo | {"EventBusName": "orders"}], "orders"),
    ):
        with pytest.raises(ClientError) as refused:
            events.put_events(Entries=entries)

        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"events:PutEvents on resource: {bus}{refused_on} because" in str(refused.value)


def test_a_role_reads_the_queue_that_it_may_one_by_one_or_in_batches(client: Any, sandbox: Sandbox) -> None:
    name, other = "tealgate-events", client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    role = client("iam").create_role(RoleName="listener", AssumeRolePolicyDocument=json.dumps(filled("trust", **TRUST)))
    document = json.dumps(filled(name, queue=name))
    client("iam").put_role_policy(RoleName="listener", PolicyName=name, PolicyDocument=document)
    sqs = as_role(sandbox, "sqs", assume(client, role["Role"]["Arn"], ExternalId=TRUST["external_id"]))
    entries = [{"Id": "0", "ReceiptHandle": "there is none"}]

    queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    assert sqs.delete_message_batch(QueueUrl=queue, Entries=entries)["Failed"]
    with pytest.raises(ClientError, match=f"sqs:SendMessage on resource: {arn('sqs', name, REGION)} because"):
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
    with pytest.raises(ClientError, match=f"sqs:ReceiveMessage on resource: {arn('sqs', 'orders', REGION)} because"):
        sqs.receive_message(QueueUrl=other)


class AsRole:
    """Clients of a role's session, as the gateway takes them."""

    role_arn = ""

    def __init__(self, sandbox: Sandbox, credentials: dict[str, Any]) -> None:
        self._sandbox, self._credentials = sandbox, credentials

    def client(self, service: str, *, writes: bool, region: str = "") -> Any:
        return as_role(self._sandbox, service, self._credentials)


def test_a_role_that_tidies_sees_who_uses_a_revision_deregisters_one_and_writes_nothing_else(
    client: Any, sandbox: Sandbox
) -> None:
    trust = json.dumps(filled("trust", **TRUST))
    role = client("iam").create_role(RoleName="tidier", AssumeRolePolicyDocument=trust)["Role"]
    policies = {"tidying": filled("tidying"), "rolling": WITH_FAMILY}
    for name, document in policies.items():
        client("iam").put_role_policy(RoleName="tidier", PolicyName=name, PolicyDocument=json.dumps(document))
    credentials = assume(client, role["Arn"], ExternalId=TRUST["external_id"])
    gateway = BotoGateway(AsRole(sandbox, credentials))
    live = client("ecs").describe_services(cluster=CLUSTER, services=["legacy-api"])["services"][0]["taskDefinition"]
    body = client("ecs").describe_task_definition(taskDefinition=live)["taskDefinition"]
    kept = {name: body[name] for name in ("family", "containerDefinitions", "cpu", "memory", "networkMode",
                                          "requiresCompatibilities", "executionRoleArn")}  # fmt: skip
    unused = client("ecs").register_task_definition(**kept)["taskDefinition"]["taskDefinitionArn"]

    assert gateway.active_revisions("legacy-api") == (unused, live)
    assert gateway.revisions_in_use(("legacy-api",)) == {live: "service legacy-api"}
    gateway.perform(actions.DeregisterTaskDefinition(task_definition=unused))

    assert gateway.task_definition(unused).status == "INACTIVE"
    with pytest.raises(errors.Denied, match="ecs:UpdateService"):
        gateway.perform(actions.UpdateService(cluster=CLUSTER, service="legacy-api", desired=0))


def test_whoever_overrides_the_alarms_of_a_group_must_be_allowed_to_change_it(client: Any, sandbox: Sandbox) -> None:
    """The deployment is of a group that is not there: what is allowed gets to that answer."""
    iam, role = client("iam"), "repairer"
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(filled("trust", **TRUST)))
    names = {"codedeploy_application": "catalog", "codedeploy_group": "production", "family": "catalog"}
    passed = {f"{each}_role": made["Role"]["Arn"] for each in ("task", "execution")}
    policy = filled("code-deploy-ecs", service="catalog", **names, **passed)
    less = [each for each in policy["Statement"] if each["Sid"] != "LeaveAnAlarmThatRangOutOfARepair"]
    group = {"applicationName": "catalog", "deploymentGroupName": "production"}
    alarms = {"overrideAlarmConfiguration": {"enabled": False, "alarms": []}}

    def answer(statements: list[dict[str, Any]], **given: Any) -> str:
        document = json.dumps(policy | {"Statement": statements})
        iam.put_role_policy(RoleName=role, PolicyName="deploys", PolicyDocument=document)
        credentials = assume(client, made["Role"]["Arn"], ExternalId=TRUST["external_id"])
        with pytest.raises(ClientError) as refused:
            as_role(sandbox, "codedeploy", credentials).create_deployment(**group, **given)
        return str(refused.value)

    assert "ApplicationDoesNotExistException" in answer(less)
    assert "is not authorized to perform: codedeploy:UpdateDeploymentGroup" in answer(less, **alarms)
    assert "ApplicationDoesNotExistException" in answer(policy["Statement"], **alarms)


def test_a_query_protocol_denies_in_its_own_shape(client: Any, sandbox: Sandbox) -> None:
    credentials = assume(client, ExternalId="tealgate-demo")

    with pytest.raises(ClientError) as refused:
        as_role(sandbox, "iam", credentials).delete_role(RoleName="tealgate-deployer")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
