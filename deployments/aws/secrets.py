"""A secret of Secrets Manager, read with our own credentials."""

from deployments.aws import sessions
from deployments.aws.calling import Caller

_SECONDS = 5


def secret_string(arn: str) -> str:
    """Its current value, as text. Raises AwsError; a secret of bytes is Invalid's business."""
    region = arn.split(":")[3]
    answer = Caller(sessions.Patient(region, _SECONDS)).call("secretsmanager", "GetSecretValue", SecretId=arn)
    return str(answer.get("SecretString", ""))
