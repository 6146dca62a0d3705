"""`protocol.Gateway` over boto3: one class, made of one part per AWS service.

calling     one call: which client, botocore's errors as ours
ecs, service_deployments, codedeploy, codepipeline, elbv2, listeners, lattice, cloudwatch, ecr, eventbridge, scheduled,
log_groups, iam, s3, scaling, ec2  by noun
simulating  what our role may do, or another
using       who uses a task definition, in the whole account and region
sessions    the clients behind it
"""

from deployments.aws import actions
from deployments.aws.cloudwatch import CloudWatch
from deployments.aws.codedeploy import CodeDeploy
from deployments.aws.codepipeline import CodePipeline
from deployments.aws.discovering import Discovering
from deployments.aws.ec2 import Ec2
from deployments.aws.ecr import Ecr
from deployments.aws.elbv2 import Elbv2
from deployments.aws.express import Express
from deployments.aws.lattice import VpcLattice
from deployments.aws.log_groups import LogGroups
from deployments.aws.s3 import S3
from deployments.aws.scaling import Scaling
from deployments.aws.scheduled import Scheduled
from deployments.aws.service_deployments import ServiceDeployments
from deployments.aws.simulating import Simulating
from deployments.aws.using import Using


class BotoGateway(
    CloudWatch,
    Discovering,
    CodeDeploy,
    CodePipeline,
    Ec2,
    Ecr,
    Elbv2,
    Express,
    LogGroups,
    S3,
    Scaling,
    ServiceDeployments,
    Simulating,
    Using,
    Scheduled,
    VpcLattice,
):
    def perform(self, action: actions.Action) -> actions.Made:
        match action:
            case actions.RegisterTaskDefinition() | actions.DeregisterTaskDefinition():
                return self._revise(action)
            case actions.UpdateService() | actions.MoveService() | actions.UpdateExpressGatewayService():
                return self._update(action)
            case actions.SetWeights():
                return self._set_weights(action)
            case actions.SuspendScaling():
                return self._suspend_scaling(action)
            case actions.RunTask():
                return self._run_task(action)
            case actions.StopTask():
                return self._stop_task(action)
            case actions.ContinueServiceDeployment() | actions.StopServiceDeployment():
                return self._tell_ecs(action)
            case actions.CreateDeployment() | actions.ContinueDeployment() | actions.StopDeployment():
                return self._tell_codedeploy(action)
            case actions.PutTargets() | actions.UpdateSchedule() | actions.PutEvents():
                return self._tell_eventbridge(action)
        return self._perform_beside(action)

    def _perform_beside(self, action: actions.Action) -> actions.Made:
        """What is told beside the deployment."""
        if isinstance(action, actions.PutApprovalResult):
            return self._answer_approval(action)
        raise NotImplementedError(action.operation)
