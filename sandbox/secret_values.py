"""What a container definition's secrets refer to, from Secrets Manager and from SSM's parameters."""

import json

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from sandbox.account import ACCOUNT, region_of


def secret_value(region: str, reference: str) -> str | None:
    """The value of a secret or of an SSM parameter that a container definition names; in this region, or by ARN."""
    if reference.startswith("arn:"):
        region = region_of(reference)
    if ":secretsmanager:" in reference:
        # arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX, perhaps followed by :JSON_KEY:STAGE:VERSION
        parts = reference.split(":")
        arn, key = ":".join(parts[:7]), (parts + [""])[7]
        for secret in list(secretsmanager_backends[ACCOUNT][region].secrets.values()):
            if arn in (secret.arn, secret.arn.rpartition("-")[0]):
                return str(json.loads(secret.secret_string)[key]) if key else str(secret.secret_string)
        return None
    name = reference.partition(":parameter/")[2] or reference
    parameters = ssm_backends[ACCOUNT][region]
    parameter = parameters.get_parameter(name) or parameters.get_parameter(f"/{name}")
    return str(parameter.value) if parameter else None
