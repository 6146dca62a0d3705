"""Assuming roles, and being held to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from sandbox.sts import DEVELOPER, Session
from tests.sandbox.conftest import client_of

ROLE = "arn:aws:iam::123456789012:role/tealgate-deployer"


def assume(client: Any, role: str = ROLE, **options: Any) -> dict[str, Any]:
    return dict(client("sts").assume_role(RoleArn=role, RoleSessionName="tealgate", **options)["Credentials"])


def as_role(sandbox: Sandbox, service: str, credentials: dict[str, Any]) -> Any:
    return client_of(
        sandbox,
        service,
        credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_the_external_id_must_be_right(client: Any) -> None:
    for wrong in ({}, {"ExternalId": "other"}):
        with pytest.raises(ClientError) as refused:
            assume(client, **wrong)

        sentence = f"User: {DEVELOPER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
        assert refused.value.response["Error"] == {"Type": "Sender", "Code": "AccessDenied", "Message": sentence}


def test_the_session_is_the_role_in_the_same_account(client: Any, sandbox: Sandbox) -> None:
    credentials = assume(client, ExternalId="tealgate-demo", DurationSeconds=900)

    identity = as_role(sandbox, "sts", credentials).get_caller_identity()

    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/tealgate-deployer/tealgate"
    assert credentials["Expiration"] - datetime.now(UTC) < timedelta(seconds=901)
    assert as_role(sandbox, "ecs", credentials).list_clusters()["clusterArns"]


def test_a_role_that_does_not_exist_or_does_not_trust_is_denied(client: Any) -> None:
    for role in (ROLE + "s", "arn:aws:iam::123456789012:role/storefront-task"):
        with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
            client("sts").assume_role(RoleArn=role, RoleSessionName="tealgate")


def test_a_session_is_not_longer_than_the_role_allows(client: Any) -> None:
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration"):
        assume(client, ExternalId="tealgate-demo", DurationSeconds=7200)


def test_an_expired_session_is_refused(client: Any, sandbox: Sandbox) -> None:
    credentials = assume(client, ExternalId="tealgate-demo")
    past = datetime.now(UTC) - timedelta(seconds=1)
    sandbox.sessions.add(credentials["AccessKeyId"], Session(ROLE, ROLE, "id", past))

    with pytest.raises(ClientError) as refused:
        as_role(sandbox, "ecs", credentials).list_clusters()

    assert refused.value.response["Error"]["Code"] == "ExpiredTokenException"
