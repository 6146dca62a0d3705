"""The account's roles: of the tasks, of ECS's own traffic shifts, and the one that Tealgate assumes."""

import json
from typing import Any

from sandbox.account import ACCOUNT, REGION
from sandbox.world.names import CLUSTER, DEPLOYER, EXECUTION, EXTERNAL_ID, INFRASTRUCTURE, PAYMENTS, TASK

BALANCING = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"

READING = [
    "application-autoscaling:Describe*",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "ec2:Describe*",
    "ecs:Describe*",
    "ecs:List*",
    "elasticloadbalancing:Describe*",
    "logs:GetLogEvents",
    "sts:GetCallerIdentity",
]
PULLING = [
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
]


def create_roles(iam: Any) -> dict[str, str]:
    tasks_trust = _trust({"Service": "ecs-tasks.amazonaws.com"})
    execution = iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    task = iam.create_role(RoleName=TASK, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    deployer_trust = _trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}})
    deployer = iam.create_role(RoleName=DEPLOYER, AssumeRolePolicyDocument=deployer_trust)["Role"]["Arn"]
    ecs_trust = _trust({"Service": "ecs.amazonaws.com"})
    infrastructure = iam.create_role(RoleName=INFRASTRUCTURE, AssumeRolePolicyDocument=ecs_trust)["Role"]["Arn"]
    deploying = [
        *_deployer_statements(task, execution),
        *_payments_statements(),
        _pass_role([infrastructure], "ecs.amazonaws.com"),
    ]
    for role, name, statements in ((DEPLOYER, "deploy", deploying), (INFRASTRUCTURE, "shift", _shifting_statements())):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)
    return {"deployer": deployer, "execution": execution, "task": task, "infrastructure": infrastructure}


def _trust(principal: dict[str, str], condition: dict[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _deployer_statements(task: str, execution: str) -> list[dict[str, Any]]:
    shifting = ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyListener"]
    return [
        {"Effect": "Allow", "Action": READING, "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": PULLING,
            "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/storefront",
        },
        {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "ecs:UpdateService",
            "Resource": [f"{ECS}:service/{CLUSTER}/{name}" for name in ("storefront-*", "legacy-*")],
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:RegisterTaskDefinition", "ecs:RunTask"],
            "Resource": [f"{ECS}:task-definition/{name}:*" for name in ("storefront", "legacy-*")],
        },
        {"Effect": "Allow", "Action": "ecs:StopTask", "Resource": f"{ECS}:task/{CLUSTER}/*"},
        {"Effect": "Allow", "Action": "ecs:TagResource", "Resource": f"{ECS}:*"},
        {
            "Effect": "Allow",
            "Action": shifting,
            "Resource": [
                f"{BALANCING}:listener-rule/app/storefront-*",
                f"{BALANCING}:listener/app/storefront-*",
            ],
        },
        {"Effect": "Allow", "Action": "application-autoscaling:RegisterScalableTarget", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["iam:GetRole", "iam:SimulatePrincipalPolicy"],
            "Resource": f"arn:aws:iam::{ACCOUNT}:role/*",
        },
        _pass_role([task, execution], "ecs-tasks.amazonaws.com"),
    ]


def _payments_statements() -> list[dict[str, Any]]:
    """Of a service that ECS deploys to by itself: start it, look, answer its pauses, stop it. No shifting."""
    looking = ["ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions"]
    deciding = ["ecs:ContinueServiceDeployment", "ecs:StopServiceDeployment"]
    place = f"{CLUSTER}/{PAYMENTS}"
    return [
        {"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": f"{ECS}:service/{place}"},
        {
            "Effect": "Allow",
            "Action": "ecs:RegisterTaskDefinition",
            "Resource": f"{ECS}:task-definition/{PAYMENTS}:*",
        },
        {
            "Effect": "Allow",
            "Action": [*looking, *deciding],
            "Resource": [
                f"{ECS}:service/{place}",
                f"{ECS}:service-deployment/{place}/*",
                f"{ECS}:service-revision/{place}/*",
            ],
        },
    ]


def _shifting_statements() -> list[dict[str, Any]]:
    """What ECS needs to move traffic and targets of the payments service."""
    return [
        {"Effect": "Allow", "Action": "elasticloadbalancing:Describe*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            "Resource": f"{BALANCING}:targetgroup/{PAYMENTS}-*",
        },
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyListener"],
            "Resource": [f"{BALANCING}:listener-rule/app/{PAYMENTS}/*", f"{BALANCING}:listener/app/{PAYMENTS}/*"],
        },
    ]


def _pass_role(roles: list[str], service: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": roles,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }
