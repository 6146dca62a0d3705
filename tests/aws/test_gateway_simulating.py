"""What our role may do: asked of IAM with few calls, and remembered only when it is allowed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.gateway import BotoGateway
from deployments.aws.permission_values import Question
from tests.aws.aws_stubs import ACCOUNT, Stubs
from tests.aws.test_gateway_iam import ROLE, SESSION, add_identity, add_role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
UPDATE = Question(action="ecs:UpdateService", resources=("web", "api"))
LIST = Question(action="ecs:ListTasks")
PASS = Question(
    action="iam:PassRole", resources=("role",), context=(("iam:PassedToService", "ecs-tasks.amazonaws.com"),)
)


@pytest.fixture
def signed_in(gateway: BotoGateway, aws: Stubs) -> BotoGateway:
    add_identity(aws, SESSION)
    add_role(aws)
    return gateway


def add(aws: Stubs, *decisions: tuple[str, str, str], asked: dict[str, Any] | None = None, more: str = "") -> None:
    """One answer of IAM, as (action, resource, decision)."""
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision}
        for action, resource, decision in decisions
    ]
    page = {"IsTruncated": True, "Marker": more} if more else {"IsTruncated": False}
    aws.add("iam", "simulate_principal_policy", {"EvaluationResults": results, **page}, asked)


def asks(actions: list[str], resources: list[str], context: list[Any] | None = None) -> dict[str, Any]:
    return {
        "PolicySourceArn": ROLE,
        "ActionNames": actions,
        "ResourceArns": resources,
        "ContextEntries": context or [],
    }


def test_all_questions_of_one_context_make_one_call_as_the_sessions_role(signed_in: BotoGateway, aws: Stubs) -> None:
    every = [(action, on, "allowed") for action in ("ecs:UpdateService", "ecs:ListTasks") for on in ("web", "api", "*")]
    every[1] = ("ecs:UpdateService", "api", "implicitDeny")
    add(aws, *every, asked=asks(["ecs:UpdateService", "ecs:ListTasks"], ["web", "api", "*"]))

    permissions = signed_in.may([UPDATE, LIST], NOON)

    assert [(each.action, each.resource, each.decision) for each in permissions] == [
        ("ecs:UpdateService", "web", "allowed"),
        ("ecs:UpdateService", "api", "implicitDeny"),
        ("ecs:ListTasks", "*", "allowed"),
    ]


def test_decisions_for_each_resource_count_for_more_than_the_strictest_one(signed_in: BotoGateway, aws: Stubs) -> None:
    specific = [
        {"EvalResourceName": "web", "EvalResourceDecision": "allowed"},
        {"EvalResourceName": "api", "EvalResourceDecision": "explicitDeny"},
    ]
    result = {
        "EvalActionName": "ecs:UpdateService",
        "EvalDecision": "explicitDeny",
        "ResourceSpecificResults": specific,
    }
    aws.add("iam", "simulate_principal_policy", {"EvaluationResults": [result]})

    assert [each.decision for each in signed_in.may([UPDATE], NOON)] == ["allowed", "explicitDeny"]


def test_questions_with_a_condition_are_asked_apart(signed_in: BotoGateway, aws: Stubs) -> None:
    add(aws, ("ecs:ListTasks", "*", "allowed"), asked=asks(["ecs:ListTasks"], ["*"]))
    entry = {
        "ContextKeyName": "iam:PassedToService",
        "ContextKeyValues": ["ecs-tasks.amazonaws.com"],
        "ContextKeyType": "string",
    }
    add(aws, ("iam:PassRole", "role", "implicitDeny"), asked=asks(["iam:PassRole"], ["role"], [entry]))

    assert [each.allowed for each in signed_in.may([PASS, LIST], NOON)] == [False, True]


def test_a_long_answer_is_read_to_its_end(signed_in: BotoGateway, aws: Stubs) -> None:
    add(aws, ("ecs:UpdateService", "web", "allowed"), more="next")
    add(aws, ("ecs:UpdateService", "api", "allowed"))

    assert [each.allowed for each in signed_in.may([UPDATE], NOON)] == [True, True]


def test_actions_that_iam_wants_apart_are_asked_one_by_one(signed_in: BotoGateway, aws: Stubs) -> None:
    said = "Actions require different authorization information"
    aws.refuse("iam", "simulate_principal_policy", "InvalidInput", said)
    add(aws, *[("ecs:UpdateService", on, "allowed") for on in ("web", "api")])
    add(aws, ("ecs:ListTasks", "*", "implicitDeny"))

    assert [each.allowed for each in signed_in.may([UPDATE, LIST], NOON)] == [True, True, False]


def test_a_question_without_an_answer_is_not_taken_for_a_no(signed_in: BotoGateway, aws: Stubs) -> None:
    add(aws, ("ecs:UpdateService", "web", "allowed"))

    with pytest.raises(errors.Invalid, match="no answer for ecs:UpdateService on api"):
        signed_in.may([UPDATE], NOON)


def test_what_was_allowed_is_remembered_for_as_long_as_it_is_trusted(signed_in: BotoGateway, aws: Stubs) -> None:
    add(aws, ("ecs:ListTasks", "*", "allowed"))
    signed_in.may([LIST], NOON)

    (again,) = signed_in.may([LIST], NOON + FIVE, FIVE)

    assert (again.allowed, again.asked_at) == (True, NOON)


@pytest.mark.parametrize(
    ("later", "trusted"), [(FIVE + timedelta(seconds=1), FIVE), (timedelta(0), timedelta(0))], ids=["old", "looked at"]
)
def test_what_is_too_old_is_asked_again(
    signed_in: BotoGateway, aws: Stubs, later: timedelta, trusted: timedelta
) -> None:
    add(aws, ("ecs:ListTasks", "*", "allowed"))
    add(aws, ("ecs:ListTasks", "*", "implicitDeny"))
    signed_in.may([LIST], NOON)

    assert [each.allowed for each in signed_in.may([LIST], NOON + later, trusted)] == [False]


def test_a_refusal_is_never_remembered(signed_in: BotoGateway, aws: Stubs) -> None:
    add(aws, ("ecs:ListTasks", "*", "implicitDeny"))
    add(aws, ("ecs:ListTasks", "*", "allowed"))
    signed_in.may([LIST], NOON)

    assert [each.allowed for each in signed_in.may([LIST], NOON, FIVE)] == [True]


def test_a_user_is_simulated_as_itself(gateway: BotoGateway, aws: Stubs) -> None:
    user = f"arn:aws:iam::{ACCOUNT}:user/ann"
    add_identity(aws, user)
    add(aws, ("ecs:ListTasks", "*", "allowed"), asked={**asks(["ecs:ListTasks"], ["*"]), "PolicySourceArn": user})
    gateway.identity(NOON)

    assert [each.allowed for each in gateway.may([LIST], NOON)] == [True]


def test_a_role_that_was_assumed_is_simulated_without_asking_who_it_is(gateway: BotoGateway, aws: Stubs) -> None:
    aws.role_arn = f"arn:aws:iam::{ACCOUNT}:role/deployers/tealgate"
    asked = {**asks(["ecs:ListTasks"], ["*"]), "PolicySourceArn": aws.role_arn}
    add(aws, ("ecs:ListTasks", "*", "allowed"), asked=asked)

    assert [each.allowed for each in gateway.may([LIST], NOON)] == [True]


def test_not_being_allowed_to_ask_is_denied(gateway: BotoGateway, aws: Stubs) -> None:
    add_identity(aws, SESSION)
    aws.refuse("iam", "get_role", "AccessDenied", "not authorized to perform iam:GetRole", 403)

    with pytest.raises(errors.Denied):
        gateway.may([LIST], NOON)
