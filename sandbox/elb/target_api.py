"""RegisterTargets, DeregisterTargets and DescribeTargetHealth, answered from the registry: by id and port."""

from collections.abc import Callable
from typing import Any

from moto.elbv2.exceptions import TargetGroupNotFoundError, TargetNotRunning
from moto.elbv2.models import FakeHealthStatus

from sandbox.elb import validation
from sandbox.elb.balancers import LoadBalancers
from sandbox.elb.records import owner
from sandbox.elb.targets import NOT_REGISTERED
from sandbox.seams import TargetState

Method = Callable[..., Any]


def register_targets(balancers: LoadBalancers) -> Method:
    def method(backend: Any, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        record = _target_group(backend, target_group_arn)
        for target in instances:
            validation.check_target(backend, record, target["Id"])
            instance = backend.ec2_backend.get_instance_by_id(target["Id"])
            if instance is not None and instance.state != "running":
                raise TargetNotRunning(instance_id=target["Id"])
        for target in instances:
            balancers.register(target_group_arn, target["Id"], int(target.get("Port") or record.port))

    return method


def deregister_targets(balancers: LoadBalancers) -> Method:
    def method(backend: Any, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        record = _target_group(backend, target_group_arn)
        for target in instances:
            balancers.deregister(target_group_arn, target["Id"], int(target.get("Port") or record.port))

    return method


def describe_target_health(balancers: LoadBalancers) -> Method:
    def method(backend: Any, target_group_arn: str, targets: list[dict[str, Any]] | None) -> list[Any]:
        record = _target_group(backend, target_group_arn)
        group = balancers.registry.groups[target_group_arn]
        with balancers.registry.lock:
            known = {key: target.state for key, target in group.targets.items()}
        if not targets:
            return [_status(record, target_id, port, state) for (target_id, port), state in known.items()]
        return [
            _status(record, target_id, port, known.get((target_id, port), NOT_REGISTERED))
            for asked in targets
            for target_id, port in _asked_for(asked, known, int(record.port))
        ]

    return method


def deregister_terminated(balancers: LoadBalancers) -> Method:
    def method(backend: Any, instance_ids: list[str]) -> None:
        for group in list(balancers.registry.groups.values()):
            if owner(group.arn) == owner(backend):
                for target_id, port in list(group.targets):
                    if target_id in instance_ids:
                        balancers.deregister(group.arn, target_id, port)

    return method


def _target_group(backend: Any, arn: str) -> Any:
    record = backend.target_groups.get(arn)
    if record is None:
        raise TargetGroupNotFoundError()
    return record


def _asked_for(
    asked: dict[str, Any], known: dict[tuple[str, int], TargetState], default_port: int
) -> list[tuple[str, int]]:
    """Without a port, every port that the id is registered with."""
    if asked.get("Port"):
        return [(asked["Id"], int(asked["Port"]))]
    return [key for key in known if key[0] == asked["Id"]] or [(asked["Id"], default_port)]


def _status(record: Any, target_id: str, port: int, state: TargetState) -> Any:
    health_port = record.health_check_port
    if health_port in (None, "traffic-port"):
        health_port = str(port)
    return FakeHealthStatus(target_id, port, health_port, state.state, state.reason or None, state.description or None)
