"""What to do about each refusal of CreateDeployment, ContinueDeployment and StopDeployment, after AWS's own words."""

from typing import Final

from deployments.aws.errors import AwsError

_NAME_IT: Final = "Correct the application and the deployment group in the environment."
_OURS: Final = "Tealgate made this request, so this is a fault of Tealgate: report it with this message."

FIXES: Final = {
    "ApplicationNameRequiredException": _NAME_IT,
    "InvalidApplicationNameException": _NAME_IT,
    "ApplicationDoesNotExistException": _NAME_IT,
    "DeploymentGroupNameRequiredException": _NAME_IT,
    "InvalidDeploymentGroupNameException": _NAME_IT,
    "DeploymentGroupDoesNotExistException": _NAME_IT,
    "RevisionRequiredException": _OURS,
    "RevisionDoesNotExistException": "Register the release again with a bundle that exists.",
    "InvalidRevisionException": "Check the container's name and port in the environment, or the release's bundle.",
    "InvalidDeploymentConfigNameException": "Choose a strategy that fits the group's compute platform.",
    "DeploymentConfigDoesNotExistException": "Choose another strategy, or give the group a configuration that exists.",
    "DescriptionTooLongException": _OURS,
    "DeploymentLimitExceededException": "Wait until the other deployment of this group has ended, or stop it.",
    "InvalidTargetInstancesException": "Check the tag filters and Auto Scaling groups of the deployment group.",
    "InvalidAlarmConfigException": "Correct the alarms of the deployment group; an enabled list may not be empty.",
    "AlarmsLimitExceededException": "Leave at most ten alarms on the deployment group.",
    "InvalidAutoRollbackConfigException": _OURS,
    "InvalidLoadBalancerInfoException": "Correct the target groups and listeners of the deployment group.",
    "InvalidFileExistsBehaviorException": _OURS,
    "InvalidComputePlatformException": "Choose the compute platform in the environment that the application has.",
    "InvalidRoleException": "Let codedeploy.amazonaws.com assume the group's role, and give that role the policy "
    "AWSCodeDeployRoleForECS (servers: AWSCodeDeployRole).",
    "InvalidAutoScalingGroupException": "Correct the Auto Scaling group that the deployment group names.",
    "ThrottlingException": "It is tried again by itself.",
    "InvalidUpdateOutdatedInstancesOnlyValueException": _OURS,
    "InvalidIgnoreApplicationStopFailuresValueException": _OURS,
    "InvalidGitHubAccountTokenException": "Connect CodeDeploy to the GitHub account again (in its console), or "
    "deploy a bundle from S3.",
    "InvalidTrafficRoutingConfigurationException": "A Network Load Balancer can only shift all at once: choose the "
    "strategy AllAtOnce.",
    "InvalidAutoScalingGroupProcessToSuspendException": "Check the Auto Scaling group of the deployment group.",
    "InvalidECSServiceException": "The group's ECS service must be ACTIVE and have the deployment controller "
    "CODE_DEPLOY, which is chosen when a service is created.",
    "InvalidInputException": _OURS,
    "DeploymentIdRequiredException": _OURS,
    "InvalidDeploymentIdException": _OURS,
    "InvalidDeploymentWaitTypeException": _OURS,
    "DeploymentDoesNotExistException": "Its application or deployment group was deleted or made anew: see which task "
    "set or revision serves, then deploy again.",
    "DeploymentAlreadyCompletedException": "It has ended in CodeDeploy meanwhile; the next look tells how.",
    "DeploymentIsNotInReadyStateException": "CodeDeploy does not wait: set the deploymentReadyOption of the group to "
    "STOP_DEPLOYMENT.",
    "InvalidDeploymentStatusException": "It has moved on in CodeDeploy meanwhile; see its lifecycle events.",
    "UnsupportedActionForDeploymentTypeException": "Only blue/green deployments wait and can be continued: see the "
    "deployment style of the group.",
}


def with_fix(error: AwsError) -> AwsError:
    """The same error, its message followed by what to do."""
    fix = FIXES.get(error.code)
    said = f"{error.said.rstrip(' .')}. {fix}" if fix else error.said
    return type(error)(error.operation, error.code, said)
