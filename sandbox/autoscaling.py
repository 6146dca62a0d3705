"""Application Auto Scaling, corrected: a scalable target keeps its tags and its SuspendedState, updated flag by flag.

Nothing is scaled by a policy here, so there are no scaling activities to tell of.

The sandbox's ECS services are not moto's, so whether one exists is asked of whoever runs them.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeScalableTarget
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import ServiceException

from sandbox.patching import Patches

FLAGS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
MOST_ACTIVITIES = 50
ServiceExists = Callable[[str, str, str, str], bool]


_patches = Patches()


class ResourceNotFound(ServiceException):
    code = "ResourceNotFoundException"


class InvalidNextToken(ServiceException):
    code = "InvalidNextTokenException"


class Installed:
    def close(self) -> None:
        _patches.undo()


def install(service_exists: ServiceExists | None = None) -> Installed:
    """Extend moto in this process until ``close`` is called on the result; a later call replaces an earlier one.

    ``service_exists`` is asked with account, region, cluster and service. Without it every service counts as
    existing: moto knows none of the sandbox's.
    """
    _patches.undo()
    _patches.replace(FakeScalableTarget, "__init__", _with_every_flag)
    _patches.replace(FakeScalableTarget, "update", _update)
    _patches.replace(
        ApplicationAutoscalingBackend,
        "_ecs_service_exists_for_target",
        lambda _: _check(service_exists or (lambda *_: True)),
    )
    _patches.replace(ApplicationAutoScalingResponse, "register_scalable_target", _tagged)
    _patches.replace(ApplicationAutoScalingResponse, "describe_scaling_activities", lambda _: _describe_activities)
    _patches.replace(ApplicationAutoScalingResponse, "list_tags_for_resource", lambda _: _list_tags)
    _patches.replace(ApplicationAutoScalingResponse, "tag_resource", lambda _: _tag)
    _patches.replace(ApplicationAutoScalingResponse, "untag_resource", lambda _: _untag)
    return Installed()


def _with_every_flag(original: Callable[..., None]) -> Callable[..., None]:
    def __init__(target: Any, *args: Any, **kwargs: Any) -> None:
        original(target, *args, **kwargs)
        target.suspended_state = _merged({}, target.suspended_state)

    return __init__


def _update(original: Callable[..., None]) -> Callable[..., None]:
    def update(target: Any, min_capacity: Any, max_capacity: Any, suspended_state: Any) -> None:
        original(target, min_capacity, max_capacity, _merged(target.suspended_state, suspended_state))

    return update


def _merged(before: dict[str, bool], change: dict[str, bool] | None) -> dict[str, bool]:
    return {flag: bool((change or {}).get(flag, before.get(flag, False))) for flag in FLAGS}


def _check(service_exists: ServiceExists) -> Callable[[Any, str], bool]:
    def check(backend: Any, resource_id: str) -> bool:
        _, cluster, service = resource_id.split("/")
        if not service_exists(backend.account_id, backend.region_name, cluster, service):
            raise AWSValidationException(f"ECS service doesn't exist: {resource_id}")
        return True

    return check


def _describe_activities(response: Any) -> str:
    response._validate_params()
    if response._get_param("ScalableDimension") and not response._get_param("ResourceId"):
        raise AWSValidationException("If you specify a scalable dimension, you must also specify a resource ID.")
    most = response._get_param("MaxResults")
    if most is not None and not 1 <= int(most) <= MOST_ACTIVITIES:
        raise AWSValidationException(f"MaxResults must be between 1 and {MOST_ACTIVITIES}.")
    if response._get_param("NextToken"):
        raise InvalidNextToken("The next token supplied was invalid")
    return json.dumps({"ScalingActivities": []})


def _tagged(original: Callable[..., str]) -> Callable[..., str]:
    def register_scalable_target(response: Any) -> str:
        answer = original(response)
        tags = response._get_param("Tags") or {}
        if tags:
            _tags(response, json.loads(answer)["ScalableTargetARN"]).update(tags)
        return answer

    return register_scalable_target


def _list_tags(response: Any) -> str:
    return json.dumps({"Tags": _tags(response, response._get_param("ResourceARN"))})


def _tag(response: Any) -> str:
    _tags(response, response._get_param("ResourceARN")).update(response._get_param("Tags"))
    return json.dumps({})


def _untag(response: Any) -> str:
    tags = _tags(response, response._get_param("ResourceARN"))
    for key in response._get_param("TagKeys"):
        tags.pop(key, None)
    return json.dumps({})


def _tags(response: Any, arn: str) -> dict[str, str]:
    by_dimension = response.applicationautoscaling_backend.targets.values()
    target = next((each for targets in by_dimension for each in targets.values() if each.arn == arn), None)
    if target is None:
        raise ResourceNotFound(f"No resource found for the specified ARN: {arn}")
    tags: dict[str, str] = vars(target).setdefault("tags", {})
    return tags
