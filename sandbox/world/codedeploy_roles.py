"""What CodeDeploy itself may do in the account."""

import json
from typing import Any

from sandbox.world.names import CODEDEPLOY_ROLE

# AWSCodeDeployRoleForECS and AWSCodeDeployRole, as far as this account needs them.
SERVICE_ACTIONS = (
    "autoscaling:*",
    "cloudwatch:DescribeAlarms",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:TerminateInstances",
    "ecs:CreateTaskSet",
    "ecs:DeleteTaskSet",
    "ecs:DescribeServices",
    "ecs:UpdateServicePrimaryTaskSet",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:RegisterTargets",
    "elasticloadbalancing:DeregisterTargets",
    "s3:GetObject",
)

#: AWS's own policy allows no other functions either.
HOOKS = "arn:aws:lambda:*:*:function:CodeDeployHook_*"


def create_codedeploy_role(iam: Any) -> str:
    """The service role of the deployment groups."""
    principal = {"Service": "codedeploy.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName=CODEDEPLOY_ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": SERVICE_ACTIONS, "Resource": "*"},
        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": HOOKS},
    ]
    _put_policy(iam, CODEDEPLOY_ROLE, "deploy", statements)
    return str(role)


def _put_policy(iam: Any, role: str, name: str, statements: list[dict[str, Any]]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
