import re
from pathlib import Path

import deployments.aws
from deployments.preflight.grants import ACTIONS, CODE_DEPLOY, ECS, EXPRESS_MODE, READS, ROLLING, WRITES
from deployments.preflight.grants_beside import SELF_REGISTERING, TIDYING
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.permissions import resources
from tests.preflight.world import NOW, healthy_account, release, settings

#: IAM's prefix where it is not boto3's name of the service
PREFIX = {"elbv2": "elasticloadbalancing"}
#: IAM's action where it is not the call's name
ACTION = {"s3:HeadObject": "s3:GetObject"}
#: allowed to everyone
FREE = {"sts:GetCallerIdentity"}
#: with Tealgate's own credentials, not with an environment's role
OWN = {
    "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:DeleteMessageBatch", "secretsmanager:GetSecretValue", "sns:Publish",
}  # fmt: skip
#: a deployment goes on without, and says so at the gate
OPTIONAL = {"events:PutEvents"}
#: permissions that no call is named after
IMPLIED = {
    "ecs:TagResource",
    "iam:PassRole",
    # CreateDeployment asks for them on the caller's behalf
    "codedeploy:RegisterApplicationRevision",
    # and for this where it leaves out an alarm of the group
    "codedeploy:UpdateDeploymentGroup",
    # of HeadObject: when a version is named, and to be told that a key is missing
    "s3:GetObjectVersion",
    "s3:ListBucket",
}


def called() -> set[str]:
    """Every operation in the gateway's sources, by IAM's name."""
    source = "\n".join(path.read_text() for path in Path(deployments.aws.__path__[0]).glob("*.py"))
    found = re.findall(r'(?:call|pages)\(\s*"([a-z0-9-]+)",\s*"([A-Z]\w+)"', source)
    named = {f"{PREFIX.get(service, service)}:{operation}" for service, operation in found}
    return {ACTION.get(action, action) for action in named}


def test_the_list_of_actions_is_what_the_gateway_calls() -> None:
    beside = {grant.action for grant in (*TIDYING, *SELF_REGISTERING)}

    assert set(ACTIONS) - IMPLIED | beside == called() - FREE - OWN - OPTIONAL


def test_every_grant_is_on_something_that_permissions_knows() -> None:
    account = healthy_account()
    rows = resources(settings(), release(), PairReadings(settings(), account, NOW))

    assert {grant.on for grant in (*WRITES, *READS, *ROLLING, *ECS, *EXPRESS_MODE, *CODE_DEPLOY)} == set(rows)


def test_a_read_is_proven_by_a_read_that_there_is() -> None:
    assert {grant.proven_by for grant in READS if grant.proven_by} <= set(dir(healthy_account()))
