"""Policies that AWS itself keeps, such as AmazonECSTaskExecutionRolePolicy: there once somebody asks for them.

moto has all of them, and would load them all at every start or none; a role needs one or two. Who lists policies, as
Terraform does to find one by its name, gets them all.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from sandbox.identifiers import drawn_by
from sandbox.patching import Patches

PREFIX = "arn:aws:iam::aws:policy"


def install(patches: Patches) -> None:
    for method in ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy"):
        patches.replace(IAMBackend, method, _knowing_aws_own)
    patches.replace(IAMBackend, "list_policies", _listing_aws_own)


def _knowing_aws_own(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(backend: Any, policy_arn: str, *more: Any, **named: Any) -> Any:
        name = policy_arn.rpartition("/")[2]
        if policy_arn.startswith(PREFIX) and policy_arn == _arn(name):
            _load(backend, name)
        return original(backend, policy_arn, *more, **named)

    return method


def _listing_aws_own(original: Callable[..., Any]) -> Callable[..., Any]:
    def list_policies(
        backend: Any, marker: str | None, max_items: int, only_attached: bool, path_prefix: str, scope: str
    ) -> Any:
        if scope != "Local" and not only_attached:
            for name in _documents():
                _load(backend, name)
        return original(backend, marker, max_items, only_attached, path_prefix, scope)

    return list_policies


def _load(backend: Any, name: str) -> None:
    arn = _arn(name)
    if arn not in backend.managed_policies:
        with drawn_by(arn):
            policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, _documents()[name])
        backend.managed_policies[arn] = policy


def _arn(name: str) -> str:
    """Empty for a name that AWS has no policy of."""
    known = _documents().get(name)
    return f"{PREFIX}{known['Path']}{name}" if known else ""


@cache
def _documents() -> dict[str, Any]:
    return dict(json.loads(aws_managed_policies_data))
