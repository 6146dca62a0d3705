"""Policies that are really evaluated."""

from typing import Any

import pytest

from sandbox.policies import evaluate, matches
from sandbox.server import Sandbox

SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/storefront/"
PASSED = {
    "ContextKeyName": "iam:PassedToService",
    "ContextKeyValues": ["ecs-tasks.amazonaws.com"],
    "ContextKeyType": "string",
}


def simulated(client: Any, sandbox: Sandbox, action: str, resources: list[str], *context: Any) -> dict[str, Any]:
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=sandbox.control.world["roles"]["deployer"],
        ActionNames=[action],
        ResourceArns=resources,
        ContextEntries=list(context),
    )
    return dict(answer["EvaluationResults"][0])


def test_the_deployer_may_update_its_services_only(client: Any, sandbox: Sandbox) -> None:
    own, other = SERVICE + "storefront-production-blue", SERVICE + "another-teams"

    both = simulated(client, sandbox, "ecs:UpdateService", [own, other])

    assert both["EvalDecision"] == "implicitDeny"
    assert [each["EvalResourceDecision"] for each in both["ResourceSpecificResults"]] == ["allowed", "implicitDeny"]
    assert simulated(client, sandbox, "ecs:UpdateService", [own])["EvalDecision"] == "allowed"
    assert simulated(client, sandbox, "ecs:DeleteService", [own])["EvalDecision"] == "implicitDeny"


def test_passing_a_role_needs_the_service_it_is_passed_to(client: Any, sandbox: Sandbox) -> None:
    role = sandbox.control.world["roles"]["execution"]

    without = simulated(client, sandbox, "iam:PassRole", [role])

    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["iam:PassedToService"])
    assert simulated(client, sandbox, "iam:PassRole", [role], PASSED)["EvalDecision"] == "allowed"


def test_telling_events_needs_their_source(client: Any, sandbox: Sandbox) -> None:
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"

    def asked(resource: str, *sources: str) -> tuple[str, list[str]]:
        key = {"ContextKeyName": "events:source", "ContextKeyType": "string"}
        context = [key | {"ContextKeyValues": [source]} for source in sources]
        answer = simulated(client, sandbox, "events:PutEvents", [resource], *context)
        return answer["EvalDecision"], answer["MissingContextValues"]

    assert asked(bus, "tealgate") == ("allowed", [])
    assert asked(bus, "another") == ("implicitDeny", [])
    assert asked(bus) == ("implicitDeny", ["events:source"])
    assert asked(f"{bus}s", "tealgate") == ("implicitDeny", [])


def test_an_unknown_principal_is_no_entity(client: Any) -> None:
    iam = client("iam")

    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::123456789012:role/nobody", ActionNames=["ecs:ListTasks"]
        )


def test_an_attached_policy_counts_too(client: Any) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="attached", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}}'
    policy = iam.create_policy(PolicyName="ecs", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="attached", PolicyArn=policy)

    answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["ecs:RunTask", "s3:GetObject"])

    assert [each["EvalDecision"] for each in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ({"Effect": "Allow", "Action": "ECS:run*", "Resource": "*"}, "allowed"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "allowed"),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:task/*"}, "implicitDeny"),
        ({"Effect": "Allow", "Action": "ecs:RunTas?", "Resource": ["arn:task/1"]}, "allowed"),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, "explicitDeny"),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a:b": "c"}}},
            "implicitDeny",
        ),
    ],
)
def test_statements(statement: dict[str, Any], outcome: str) -> None:
    assert evaluate({"p": {"Statement": [statement]}}, "ecs:RunTask", "arn:task/1", {}).outcome == outcome


def test_a_deny_beats_an_allow() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "ecs:RunTask", "Resource": "*"}

    assert evaluate({"p": {"Statement": [allow, deny]}}, "ecs:RunTask", "x", {}).outcome == "explicitDeny"


def test_other_characters_of_a_pattern_are_plain() -> None:
    assert not matches("a.c", "abc")
