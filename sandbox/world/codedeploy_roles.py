"""What CodeDeploy itself may do in the account, and what Tealgate may ask of CodeDeploy: no more than it needs."""

import json
from typing import Any

from sandbox.account import ACCOUNT, REGION
from sandbox.world.names import CATALOG, CODEDEPLOY_ROLE, DEPLOYER, REPORTS, REPORTS_BUCKET

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


def create_codedeploy_role(iam: Any) -> str:
    """The service role of the deployment groups; the deployer gets its permissions too."""
    principal = {"Service": "codedeploy.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName=CODEDEPLOY_ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    _put_policy(iam, CODEDEPLOY_ROLE, "deploy", [{"Effect": "Allow", "Action": SERVICE_ACTIONS, "Resource": "*"}])
    _put_policy(iam, DEPLOYER, "codedeploy", _deployer_statements())
    return str(role)


def _deployer_statements() -> list[dict[str, Any]]:
    codedeploy, ecs = (f"arn:aws:{service}:{REGION}:{ACCOUNT}" for service in ("codedeploy", "ecs"))
    on_group = [
        "codedeploy:BatchGetDeployments",
        "codedeploy:CreateDeployment",
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentGroup",
        "codedeploy:ListDeployments",
        "codedeploy:ContinueDeployment",
        "codedeploy:StopDeployment",
    ]
    on_application = [
        "codedeploy:GetApplication",
        "codedeploy:GetApplicationRevision",
        "codedeploy:ListApplicationRevisions",
        "codedeploy:RegisterApplicationRevision",
    ]
    on_all = [
        "codedeploy:BatchGetDeploymentGroups",
        "codedeploy:BatchGetDeploymentTargets",
        "codedeploy:GetDeploymentTarget",
        "codedeploy:ListDeploymentTargets",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:ListApplications",
    ]
    pull = ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    applications = (CATALOG, REPORTS)
    statements = [
        (on_group, [f"{codedeploy}:deploymentgroup:{name}/*" for name in applications]),
        (on_application, [f"{codedeploy}:application:{name}" for name in applications]),
        (["codedeploy:GetDeploymentConfig"], [f"{codedeploy}:deploymentconfig:*"]),
        (on_all, ["*"]),
        (pull, [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{CATALOG}"]),
        (["ecs:RegisterTaskDefinition", "ecs:RunTask"], [f"{ecs}:task-definition/{CATALOG}:*"]),
        (["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{REPORTS_BUCKET}", f"arn:aws:s3:::{REPORTS_BUCKET}/*"]),
    ]
    return [{"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in statements]


def _put_policy(iam: Any, role: str, name: str, statements: list[dict[str, Any]]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
