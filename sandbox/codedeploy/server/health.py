"""How many instances may be out at once, and when a deployment has failed.

CodeDeploy keeps a minimum of healthy instances: one that is being deployed to, or that failed, is not
healthy. So as many are deployed to at once as the minimum leaves over, and the deployment has failed when the
next one may not begin. With OneAtATime the last instance may therefore fail.
"""

import math

from sandbox.codedeploy.halts import Failed
from sandbox.codedeploy.model import Config

TOO_MANY = (
    "The overall deployment failed because too many individual instances failed deployment, too few healthy "
    "instances are available for deployment, or some instances in your deployment group are experiencing problems."
)
INVALID = (
    "The deployment failed because the deployment configuration keeps {minimum} of {count} instances healthy, so "
    "that none is left to deploy to."
)


def allowed_out(config: Config, count: int) -> int:
    """Instances that need not be healthy; at least one. Raises Failed."""
    hosts = config.minimum_healthy_hosts
    if hosts["value"] == -1:
        minimum = count - 1
    elif hosts["type"] == "FLEET_PERCENT":
        minimum = math.ceil(count * hosts["value"] / 100)
    else:
        minimum = hosts["value"]
    if minimum >= count:
        raise Failed("HEALTH_CONSTRAINTS_INVALID", INVALID.format(minimum=minimum, count=count))
    return count - minimum


def too_many_failed(failed: int, waiting: int, succeeded: int, out: int) -> bool:
    """Whether there is no way on, or nobody was served at all."""
    if waiting:
        return failed >= out
    return failed > out or not succeeded
