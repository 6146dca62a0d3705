"""Application Auto Scaling, corrected: a scalable target keeps its SuspendedState, updated flag by flag.

The sandbox's ECS services are not moto's, so whether one exists is asked of whoever runs them.
"""

from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeScalableTarget

from sandbox.patching import Patches

FLAGS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
ServiceExists = Callable[[str, str, str, str], bool]


_patches = Patches()


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
