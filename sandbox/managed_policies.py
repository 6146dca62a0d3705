"""Policies that AWS itself keeps, such as AmazonECSTaskExecutionRolePolicy: there once somebody attaches them.

moto has all of them, and would load them all at every start or none; a role needs one or two.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from sandbox.patching import Patches

PREFIX = "arn:aws:iam::aws:policy"


def install(patches: Patches) -> None:
    for method in ("attach_role_policy", "attach_user_policy", "get_policy"):
        patches.replace(IAMBackend, method, _knowing_aws_own)


def _knowing_aws_own(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(backend: Any, policy_arn: str, *more: Any, **named: Any) -> Any:
        if policy_arn.startswith(PREFIX) and policy_arn not in backend.managed_policies:
            policy = _policy(backend, policy_arn)
            if policy is not None:
                backend.managed_policies[policy_arn] = policy
        return original(backend, policy_arn, *more, **named)

    return method


def _policy(backend: Any, arn: str) -> AWSManagedPolicy | None:
    name = arn.rpartition("/")[2]
    data = _documents().get(name)
    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data) if data else None
    return policy if policy is not None and policy.arn == arn else None


@cache
def _documents() -> dict[str, Any]:
    return dict(json.loads(aws_managed_policies_data))
