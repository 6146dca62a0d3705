"""Which policies IAM takes and finds, as far as Terraform's stacks of other people need it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any], **version: str) -> str:
    return json.dumps({**version, "Statement": list(statements)})


def test_an_inline_policy_needs_no_version_and_is_kept_as_it_is(client: Any) -> None:
    iam = client("iam")
    iam.create_role(RoleName="versionless", AssumeRolePolicyDocument=document(TRUST))
    iam.update_assume_role_policy(RoleName="versionless", PolicyDocument=document(TRUST, Version="2008-10-17"))

    iam.put_role_policy(RoleName="versionless", PolicyName="root", PolicyDocument=document(ANYTHING))

    kept = iam.get_role_policy(RoleName="versionless", PolicyName="root")["PolicyDocument"]
    assert kept == {"Statement": [ANYTHING]}
    arn = iam.get_role(RoleName="versionless")["Role"]["Arn"]
    (result,) = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["ecs:RunTask"])["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"


def test_a_managed_policy_needs_the_new_version(client: Any) -> None:
    with pytest.raises(ClientError, match="version 2012-10-17 or greater"):
        client("iam").create_policy(PolicyName="old", PolicyDocument=document(ANYTHING))


def test_a_policy_in_no_language_is_refused_everywhere(client: Any) -> None:
    client("iam").create_role(RoleName="strict", AssumeRolePolicyDocument=document(TRUST))
    with pytest.raises(ClientError, match="Syntax errors in policy"):
        client("iam").put_role_policy(
            RoleName="strict", PolicyName="new", PolicyDocument=document(ANYTHING, Version="2020-01-01")
        )


def test_aws_own_policies_are_listed_page_by_page(client: Any) -> None:
    pages = client("iam").get_paginator("list_policies").paginate(Scope="AWS")

    arns = {
        each["PolicyName"]: each["Arn"].removeprefix("arn:aws:iam::aws:policy/")
        for page in pages
        for each in page["Policies"]
    }

    assert arns["AmazonECSTaskExecutionRolePolicy"] == "service-role/AmazonECSTaskExecutionRolePolicy"
    assert arns["AWSCodeDeployRole"] == "service-role/AWSCodeDeployRole"
    assert arns["AWSCodeDeployFullAccess"] == "AWSCodeDeployFullAccess"


def test_aws_own_policies_are_no_customers(client: Any) -> None:
    listed = client("iam").list_policies(Scope="Local")["Policies"]

    assert not [each for each in listed if each["Arn"].startswith("arn:aws:iam::aws:")]
