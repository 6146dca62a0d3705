"""The account's roles: of the tasks, of ECS's own traffic shifts, and the one that Tealgate assumes."""

import json
from typing import Any

from sandbox.account import ACCOUNT
from sandbox.world.names import CATALOG, DEPLOYER, EXECUTION, EXTERNAL_ID, INFRASTRUCTURE, PAYMENTS, TASK
from sandbox.world.policies import filled, put_deployer_policies

#: load balancers whose services ECS shifts, or will once they are moved to it
SHIFTED = (PAYMENTS, CATALOG, "legacy-api")


def create_roles(iam: Any, region: str) -> dict[str, str]:
    tasks_trust = _trust({"Service": "ecs-tasks.amazonaws.com"})
    execution = iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    starting = json.dumps({"Version": "2012-10-17", "Statement": _starting_statements()})
    iam.put_role_policy(RoleName=EXECUTION, PolicyName="start", PolicyDocument=starting)
    task = iam.create_role(RoleName=TASK, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    trust = json.dumps(filled("trust", tealgate_role=f"arn:aws:iam::{ACCOUNT}:root", external_id=EXTERNAL_ID))
    deployer = iam.create_role(RoleName=DEPLOYER, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    ecs_trust = _trust({"Service": "ecs.amazonaws.com"})
    infrastructure = iam.create_role(RoleName=INFRASTRUCTURE, AssumeRolePolicyDocument=ecs_trust)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": _shifting_statements(region)})
    iam.put_role_policy(RoleName=INFRASTRUCTURE, PolicyName="shift", PolicyDocument=policy)
    roles = {"deployer": deployer, "execution": execution, "task": task, "infrastructure": infrastructure}
    put_deployer_policies(iam, roles, region)
    return roles


def _trust(principal: dict[str, str]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _starting_statements() -> list[dict[str, Any]]:
    """What ECS's agent needs to start the tasks: AmazonECSTaskExecutionRolePolicy has the first of them."""
    actions = (
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    )
    secrets = f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*"
    return [
        {"Effect": "Allow", "Action": list(actions), "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secrets},
    ]


def _shifting_statements(region: str) -> list[dict[str, Any]]:
    """What ECS needs to move traffic and targets of the payments service, of those in Express Mode, and of those that
    may come to be its own."""
    balancing = f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}"
    return [
        {"Effect": "Allow", "Action": "elasticloadbalancing:Describe*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            "Resource": [f"{balancing}:targetgroup/{name}*" for name in (*SHIFTED, "ecs-gateway-tg")],
        },
        {
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyListener"],
            "Resource": [
                f"{balancing}:{kind}/app/{name}/*"
                for kind in ("listener-rule", "listener")
                for name in (*SHIFTED, "ecs-express-gateway-alb-*")
            ],
        },
    ]
