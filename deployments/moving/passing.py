"""Whether our role may hand the infrastructure role to ECS, which UpdateService is refused without."""

from datetime import datetime

from deployments.aws import errors
from deployments.aws.permission_values import Question
from deployments.aws.protocol import Gateway
from deployments.preflight.words import named

ECS = ("iam:PassedToService", "ecs.amazonaws.com")


def refusal(role: str, gateway: Gateway, now: datetime) -> str:
    """With its fix; "" = it may, or IAM does not tell us: then UpdateService will, with nothing changed."""
    question = Question(action="iam:PassRole", resources=(role,), context=(ECS,))
    try:
        answers = gateway.may((question,), now)
    except errors.AwsError:
        return ""
    if all(answer.allowed for answer in answers):
        return ""
    return (
        f"To hand ECS the role {named(role)}, Tealgate's role needs iam:PassRole on {role}, which is not allowed. "
        "Allow it with the condition iam:PassedToService = ecs.amazonaws.com."
    )
