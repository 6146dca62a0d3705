"""Why CodeDeploy ended a deployment: each of its error codes with what to do about it."""

from collections.abc import Iterable
from typing import Final

from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget
from deployments.words import joined

_GROUP: Final = "Correct the deployment group in CodeDeploy, then deploy again."
_AGAIN: Final = "Deploy again; if it goes on, ask AWS's support with the id of the deployment."
_LAMBDA: Final = "Correct or remove the Lambda function that the hooks name."
_SCALING: Final = "Check the Auto Scaling group that the deployment group names, and its launch template."
_ROLE: Final = "Give the deployment group's role the policy AWSCodeDeployRoleForECS (servers: AWSCodeDeployRole)."
_NEW: Final = "See the deployment in CodeDeploy's console before you deploy again."

FIXES: Final = {
    "AGENT_ISSUE": "Start or reinstall the CodeDeploy agent on the instances, and see its log.",
    "ALARM_ACTIVE": "Look at what the alarm complains about before you deploy again.",
    "APPLICATION_MISSING": "The application was deleted in CodeDeploy; correct the environment.",
    "AUTOSCALING_VALIDATION_ERROR": _SCALING,
    "AUTO_SCALING_CONFIGURATION": _SCALING,
    "AUTO_SCALING_IAM_ROLE_PERMISSIONS": "Let the deployment group's role read and change the Auto Scaling group.",
    "CLOUDFORMATION_STACK_FAILURE": "See the events of the CloudFormation stack that started it.",
    "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND": _GROUP,
    "CUSTOMER_APPLICATION_UNHEALTHY": "See the logs of the release: its tasks or instances do not become healthy.",
    "DEPLOYMENT_GROUP_MISSING": "The deployment group was deleted in CodeDeploy; correct the environment.",
    "ECS_UPDATE_ERROR": "See the events of the ECS service; what ECS refused stands in the message.",
    "ELASTIC_LOAD_BALANCING_INVALID": "Correct the listeners and target groups of the deployment group; the live "
    "target group must be behind the production listener.",
    "ELB_INVALID_INSTANCE": "Register the instances with the load balancer, in one of its zones.",
    "HEALTH_CONSTRAINTS": "Too many instances failed; see the lifecycle events of those that did.",
    "HEALTH_CONSTRAINTS_INVALID": "The configuration asks for more healthy instances than there are; choose another.",
    "HOOK_EXECUTION_FAILURE": "See the log of the hook that failed.",
    "IAM_ROLE_MISSING": "Name a role in the deployment group that exists.",
    "IAM_ROLE_PERMISSIONS": _ROLE,
    "INTERNAL_ERROR": _AGAIN,
    "INVALID_ECS_SERVICE": "The service must be ACTIVE, with the controller CODE_DEPLOY, and its primary task set in "
    "one of the group's two target groups.",
    "INVALID_LAMBDA_CONFIGURATION": _LAMBDA,
    "INVALID_LAMBDA_FUNCTION": _LAMBDA,
    "INVALID_REVISION": "Correct the AppSpec: appspec.yml at the root of the bundle, or the container's name and port.",
    "MANUAL_STOP": "Somebody stopped it in CodeDeploy; ask who before you deploy again.",
    "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION": _GROUP,
    "MISSING_ELB_INFORMATION": "Give the deployment group its load balancer and target groups.",
    "MISSING_GITHUB_TOKEN": "Connect CodeDeploy to the GitHub account again (in its console).",
    "NO_EC2_SUBSCRIPTION": "Sign the AWS account up for EC2.",
    "NO_INSTANCES": "No instance has the group's tags or is in its Auto Scaling group; correct one or the other.",
    "OVER_MAX_INSTANCES": "Deploy to fewer instances, or ask AWS for a higher limit.",
    "RESOURCE_LIMIT_EXCEEDED": "Ask AWS for a higher limit of what the message names.",
    "REVISION_MISSING": "The bundle or commit is not there any more; register the release again.",
    "THROTTLED": "Too many calls in this account; deploy again in a few minutes.",
    "TIMEOUT": "See why tasks did not become healthy, or why nobody let it go on in time.",
}


def sentence(deployment: CodeDeployment, targets: Iterable[CodeDeployTarget] = ()) -> str:
    """How it ended, in CodeDeploy's words, and the fix."""
    ended = "stopped" if deployment.status == "Stopped" else "failed"
    why = deployment.error_message or deployment.error_code or "no reason given"
    parts = [f"CodeDeploy {ended} {deployment.id}: {_full_stop(why)}", failed_event(targets)]
    parts.append(FIXES.get(deployment.error_code, _NEW))
    return " ".join(part for part in parts if part)


def failed_event(targets: Iterable[CodeDeployTarget]) -> str:
    """The first lifecycle event that failed, with its script and the last line of its log, and who else failed."""
    failed = [(target.id, event) for target in targets for event in target.events if event.status == "Failed"]
    if not failed:
        return ""
    where, event = failed[0]
    script = f" ({event.script})" if event.script else ""
    log = [line for line in event.log.splitlines() if line.strip()]
    last = f" Last line: {_said(log[-1])}" if log else ""
    said = f": {event.message}" if event.message else ""
    others = list(dict.fromkeys(each for each, _ in failed if each != where))
    too = f" {joined(others)} failed too." if others else ""
    return _full_stop(f"{event.name}{script} failed on {where}{said}") + last + too


def _said(line: str) -> str:
    """Without the stream that the agent on servers puts before each line."""
    return line.strip().removeprefix("[stdout]").removeprefix("[stderr]").strip()


def _full_stop(text: str) -> str:
    return f"{text.strip().rstrip('.')}."
