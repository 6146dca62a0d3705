from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from deployments.aws import errors
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import ACCOUNT, Stubs

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployers/tealgate"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/tealgate/tealgate"


def add_identity(aws: Stubs, arn: str, date: datetime | None = None) -> None:
    headers = {"date": format_datetime(date, usegmt=True)} if date else {}
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": headers}
    aws.add("sts", "get_caller_identity", {"Account": ACCOUNT, "Arn": arn, "ResponseMetadata": metadata})


def add_role(aws: Stubs, arn: str = ROLE) -> None:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    role = {"Path": "/", "RoleName": "tealgate", "RoleId": "A" * 16, "Arn": arn, "CreateDate": created}
    aws.add("iam", "get_role", {"Role": role}, {"RoleName": "tealgate"})


def test_identity_measures_the_clock(gateway: BotoGateway, aws: Stubs) -> None:
    add_identity(aws, SESSION, datetime.now(UTC) + timedelta(minutes=10))

    identity = gateway.identity()

    assert (identity.account, identity.arn) == (ACCOUNT, SESSION)
    assert identity.clock_offset == pytest.approx(600, abs=5)


def test_a_session_is_simulated_as_its_role(gateway: BotoGateway, aws: Stubs) -> None:
    add_identity(aws, SESSION)
    add_role(aws)
    specific = [
        {"EvalResourceName": "r1", "EvalResourceDecision": "allowed"},
        {"EvalResourceName": "r2", "EvalResourceDecision": "implicitDeny"},
    ]
    result = {"EvalActionName": "iam:PassRole", "EvalDecision": "implicitDeny", "ResourceSpecificResults": specific}
    asked = {
        "PolicySourceArn": ROLE,
        "ActionNames": ["iam:PassRole"],
        "ResourceArns": ["r1", "r2"],
        "ContextEntries": [
            {
                "ContextKeyName": "iam:PassedToService",
                "ContextKeyValues": ["ecs-tasks.amazonaws.com"],
                "ContextKeyType": "string",
            }
        ],
    }
    aws.add("iam", "simulate_principal_policy", {"EvaluationResults": [result]}, asked)

    permissions = gateway.may("iam:PassRole", ["r1", "r2"], {"iam:PassedToService": "ecs-tasks.amazonaws.com"})

    assert [(each.resource, each.decision) for each in permissions] == [("r1", "allowed"), ("r2", "implicitDeny")]


def test_a_user_is_simulated_as_itself(gateway: BotoGateway, aws: Stubs) -> None:
    user = f"arn:aws:iam::{ACCOUNT}:user/ann"
    add_identity(aws, user)
    result = {"EvalActionName": "ecs:RunTask", "EvalResourceName": "*", "EvalDecision": "allowed"}
    asked = {"PolicySourceArn": user, "ActionNames": ["ecs:RunTask"], "ResourceArns": ["*"], "ContextEntries": []}
    aws.add("iam", "simulate_principal_policy", {"EvaluationResults": [result]}, asked)

    assert [each.decision for each in gateway.may("ecs:RunTask", [])] == ["allowed"]


def test_not_being_allowed_to_ask_is_denied(gateway: BotoGateway, aws: Stubs) -> None:
    add_identity(aws, SESSION)
    aws.refuse("iam", "get_role", "AccessDenied", "not authorized to perform iam:GetRole", 403)

    with pytest.raises(errors.Denied):
        gateway.may("ecs:RunTask", ["*"])


def test_a_role_exists_under_its_own_path_only(gateway: BotoGateway, aws: Stubs) -> None:
    add_role(aws)
    add_role(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", "cannot be found", 404)

    assert gateway.role_exists(ROLE)
    assert not gateway.role_exists(f"arn:aws:iam::{ACCOUNT}:role/tealgate")
    assert not gateway.role_exists(f"arn:aws:iam::{ACCOUNT}:role/gone")
