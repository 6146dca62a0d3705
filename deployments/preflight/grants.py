"""Every IAM action that SERVICE_PAIR takes, and on what. IAM policies for Tealgate are checked against this.

`on` names a row of `permissions.resources`; a row that is empty in an environment (no one-off tasks, say)
means that the action is not needed there.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Grant:
    action: str
    on: str
    purpose: str
    #: the gateway's read that AWS only answers with this permission, so that it need not be asked about again
    proven_by: str = ""
    #: without it a deployment still works, but shows less
    optional: bool = False
    #: of iam:PassRole: to which service the role is handed
    passed_to: str = "ecs-tasks.amazonaws.com"


WRITES = (
    Grant("ecs:UpdateService", "services", "scale the services and give them the release"),
    Grant("ecs:RegisterTaskDefinition", "revisions to come", "register the release's task definition"),
    Grant("ecs:TagResource", "revisions to come", "tag the task definition with its deployment"),
    Grant("iam:PassRole", "task roles", "hand the task's roles to ECS"),
    Grant("elasticloadbalancing:ModifyRule", "rules", "shift traffic"),
    Grant("elasticloadbalancing:ModifyListener", "listeners of default rules", "shift traffic"),
    Grant("ecs:RunTask", "one-off task definition", "run one-off tasks"),
    Grant("ecs:TagResource", "tagged one-off tasks", "tag one-off tasks as the service's own are"),
    Grant("ecs:StopTask", "one-off tasks", "stop a one-off task that takes too long"),
    Grant(
        "application-autoscaling:RegisterScalableTarget",
        "scalable targets",
        "suspend scaling during a deployment",
    ),
)

READS = (
    Grant("ecs:DescribeServices", "services", "see the services", "services"),
    Grant("ecs:DescribeTaskDefinition", "*", "see the live task definition", "task_definition"),
    Grant("ecs:ListTaskDefinitions", "*", "find the revision that it registered before"),
    Grant("ecs:ListTasks", "*", "find the tasks"),
    Grant("ecs:DescribeTasks", "tasks", "see why a task stopped"),
    Grant("ecs:GetTaskProtection", "tasks", "see why a task is not stopped", optional=True),
    Grant("elasticloadbalancing:DescribeListeners", "*", "see every rule that forwards to the services", "routes"),
    Grant("elasticloadbalancing:DescribeRules", "*", "see who is live", "routes"),
    Grant(
        "elasticloadbalancing:DescribeLoadBalancers",
        "*",
        "see the load balancer",
        "load_balancer_security_groups",
    ),
    Grant("elasticloadbalancing:DescribeTargetGroups", "*", "see the target groups", "target_groups"),
    Grant("elasticloadbalancing:DescribeTargetGroupAttributes", "*", "see the target groups", "target_groups"),
    Grant("elasticloadbalancing:DescribeTargetHealth", "*", "see that targets are healthy", "target_health"),
    Grant("cloudwatch:DescribeAlarms", "*", "watch the alarms", "alarms"),
    Grant("cloudwatch:GetMetricData", "*", "watch 5xx answers and latency"),
    Grant("application-autoscaling:DescribeScalableTargets", "*", "see what is scaled", "scalable_targets"),
    Grant("ecr:BatchGetImage", "repositories", "resolve a release's images", "image"),
    Grant("ecr:GetDownloadUrlForLayer", "repositories", "see what platform an image is for", optional=True),
    Grant("logs:GetLogEvents", "log groups", "show the last log lines of a task that failed", optional=True),
)

_BEHIND_TARGET_GROUPS = {
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetHealth",
    "cloudwatch:GetMetricData",
}
_PAIR_ONLY = {
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyListener",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:DescribeScalableTargets",
}

#: What ROLLING takes: one service is written, and target groups are read where there are any.
ROLLING = tuple(
    replace(grant, on="target groups") if grant.action in _BEHIND_TARGET_GROUPS else grant
    for grant in (*WRITES, *READS)
    if grant.action not in _PAIR_ONLY
)

_NATIVE_WRITES = (
    Grant("ecs:ContinueServiceDeployment", "service deployments", "answer ECS's pause hooks"),
    Grant("ecs:StopServiceDeployment", "service deployments", "have ECS roll back"),
)
_NATIVE_READS = (
    Grant("ecs:ListServiceDeployments", "services", "find the deployment that it started"),
    Grant("ecs:DescribeServiceDeployments", "service deployments", "follow ECS's deployment"),
    Grant("ecs:DescribeServiceRevisions", "service revisions", "tell its own deployment from others"),
)
_PAIR_WRITES = {
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyListener",
    "application-autoscaling:RegisterScalableTarget",
}

#: What ECS takes: it shifts the traffic itself, by its infrastructure role.
ECS = tuple(grant for grant in (*WRITES, *_NATIVE_WRITES, *READS, *_NATIVE_READS) if grant.action not in _PAIR_WRITES)

#: What EXPRESS_MODE takes: as ECS does, but one call of its own changes the service, and no hook is answered.
EXPRESS_MODE = (
    Grant("ecs:UpdateExpressGatewayService", "services", "give the service the release"),
    *(
        grant
        for grant in (*ROLLING, *_NATIVE_WRITES, *_NATIVE_READS)
        if grant.action not in ("ecs:UpdateService", "ecs:ContinueServiceDeployment")
    ),
    Grant("elasticloadbalancing:DescribeRules", "*", "see who is live"),
)

#: What moving an environment to ECS takes beside ECS itself: its production rule is to name both target groups.
MOVING = (
    Grant("elasticloadbalancing:ModifyRule", "rules", "have the production rule name both target groups"),
    Grant("elasticloadbalancing:ModifyListener", "listeners of default rules", "have it name both target groups"),
)

#: What telling a pipeline that waits takes, where an environment names its action.
ANSWERING = (
    Grant(
        "codepipeline:GetPipeline",
        "approval pipeline",
        "see how the action is declared that waits",
        "declared_action",
        optional=True,
    ),
    Grant("codepipeline:GetPipelineState", "approval pipeline", "see that CodePipeline waits", optional=True),
    Grant("codepipeline:ListActionExecutions", "approval pipeline", "see for which release it waits", optional=True),
    Grant("codepipeline:PutApprovalResult", "approval action", "tell CodePipeline what it waits for", optional=True),
)

#: What an environment takes beside, whose scheduled tasks get the release with its service.
SCHEDULED = (
    Grant("ecs:RegisterTaskDefinition", "scheduled revisions", "register the revisions of scheduled families"),
    Grant("ecs:TagResource", "scheduled revisions", "tag the revisions of scheduled families"),
    Grant("iam:PassRole", "scheduled task roles", "hand the roles of scheduled tasks to ECS"),
    Grant("iam:PassRole", "roles of rules", "leave a rule its role", passed_to="events.amazonaws.com"),
    Grant("iam:PassRole", "roles of schedules", "leave a schedule its role", passed_to="scheduler.amazonaws.com"),
    Grant("events:PutTargets", "rules of tasks", "have rules start the release"),
    Grant("scheduler:UpdateSchedule", "schedules of tasks", "have schedules start the release"),
    Grant("events:ListRuleNamesByTarget", "*", "find the rules that start tasks", "starters"),
    Grant("events:ListTargetsByRule", "rules of tasks", "see what rules start", "starters"),
    Grant("events:DescribeRule", "rules of tasks", "see when rules start tasks", "starters"),
    Grant("scheduler:ListSchedules", "*", "find the schedules that start tasks", "starters"),
    Grant("scheduler:GetSchedule", "schedules of tasks", "see what schedules start", "starters"),
)

_CODE_DEPLOY_WRITES = (
    Grant("codedeploy:CreateDeployment", "deployment group", "start a deployment of CodeDeploy"),
    Grant("codedeploy:ContinueDeployment", "deployment group", "let CodeDeploy go on after a gate"),
    Grant("codedeploy:StopDeployment", "deployment group", "have CodeDeploy roll back"),
    Grant("codedeploy:RegisterApplicationRevision", "codedeploy application", "hand CodeDeploy an AppSpec"),
    Grant(
        "codedeploy:UpdateDeploymentGroup",
        "deployment group without its alarms",
        "leave an alarm that rang before out of a repair",
    ),
)
_CODE_DEPLOY_READS = (
    Grant("codedeploy:GetDeploymentGroup", "deployment group", "see the deployment group", "deployment_group"),
    Grant("codedeploy:ListDeployments", "deployment group", "see what runs", "code_deployments"),
    Grant("codedeploy:BatchGetDeployments", "deployment group", "see what runs"),
    Grant("codedeploy:GetDeployment", "deployment group", "follow a deployment"),
    Grant("codedeploy:GetDeploymentConfig", "deployment configs", "deploy by a configuration"),
    Grant("codedeploy:GetApplicationRevision", "codedeploy application", "deploy a revision"),
    Grant("codedeploy:ListDeploymentTargets", "*", "see the lifecycle events"),
    Grant("codedeploy:BatchGetDeploymentTargets", "*", "see the lifecycle events"),
)

#: What CODE_DEPLOY takes on the platform ECS: CodeDeploy's own role writes the service and the listeners.
CODE_DEPLOY = tuple(
    grant
    for grant in (*WRITES, *_CODE_DEPLOY_WRITES, *READS, *_CODE_DEPLOY_READS)
    if grant.action not in _PAIR_WRITES | {"ecs:UpdateService"}
)

#: What CODE_DEPLOY takes on servers: nothing of ECS.
SERVER = (
    *_CODE_DEPLOY_WRITES,
    *_CODE_DEPLOY_READS,
    Grant("s3:GetObject", "bundle", "see that the bundle is there", "bundle"),
    Grant("s3:GetObjectVersion", "version of the bundle", "see that the bundle is there", "bundle"),
    Grant("s3:ListBucket", "bucket of the bundle", "be told that a bundle is missing", optional=True),
    Grant("elasticloadbalancing:DescribeTargetGroups", "*", "find the servers' target group", optional=True),
    Grant("elasticloadbalancing:DescribeTargetHealth", "*", "see that servers stay healthy", optional=True),
    Grant("cloudwatch:DescribeAlarms", "*", "watch the alarms", "alarms"),
)

#: What only preflight reads. Without one of these its check says "unknown" and deployments go on.
PREFLIGHT_ONLY = (
    "codedeploy:GetApplication",
    "codedeploy:ListGitHubAccountTokenNames",
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ecs:DescribeContainerInstances",
    "ecs:ListContainerInstances",
    "elasticloadbalancing:DescribeTags",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "logs:DescribeLogGroups",
)

#: What only reading an environment from AWS takes; a deployment never needs it.
DISCOVERY_ONLY = (
    "codedeploy:BatchGetDeploymentGroups",
    "codedeploy:ListApplications",
    "codedeploy:ListDeploymentGroups",
    "ecs:ListServices",
)

#: A service that ECS shifts at VPC Lattice too is compared there where this is allowed; else that is said.
IF_ALLOWED = ("vpc-lattice:GetListener", "vpc-lattice:GetRule")

#: The whole list, for IAM policy files to be compared with.
ACTIONS = tuple(
    sorted(
        {
            grant.action
            for grant in (*WRITES, *READS, *ECS, *EXPRESS_MODE, *CODE_DEPLOY, *SERVER, *ANSWERING, *SCHEDULED)
        }
        | {*PREFLIGHT_ONLY, *DISCOVERY_ONLY, *IF_ALLOWED}
    )
)


def action_of(operation: str) -> str:
    """IAM's name of an API call, such as "ecs:ListTasks"; the call's own name when it is not in the list."""
    return next((action for action in ACTIONS if action.endswith(f":{operation}")), operation)
