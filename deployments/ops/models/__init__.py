from deployments.ops.models.alert import OperatorAlert
from deployments.ops.models.answered import Answered
from deployments.ops.models.aws_calls import AwsCallCount
from deployments.ops.models.certificate import Certificate
from deployments.ops.models.heartbeat import Heartbeat

__all__ = ["Answered", "AwsCallCount", "Certificate", "Heartbeat", "OperatorAlert"]
