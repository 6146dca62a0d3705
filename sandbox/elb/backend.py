"""moto's ELBv2 backend, corrected to behave like AWS.

Every method that changes something is checked first as AWS checks it, then run by moto, then made real by
``LoadBalancers.refresh``; one lock around all three keeps two callers from seeing half a change. Targets
and their health are not moto's business any more: it keys them by id alone and calls them all healthy.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from moto.elbv2.models import ELBv2Backend
from moto.moto_api._internal import mock_random

from sandbox.elb import secure_listeners, sign_in, validation
from sandbox.elb.balancers import LoadBalancers
from sandbox.elb.records import in_order, listener_arn_of, load_balancer_arn_of
from sandbox.elb.target_api import (
    deregister_targets,
    deregister_terminated,
    describe_target_health,
    register_targets,
)
from sandbox.patching import Patches

Arguments = dict[str, Any]


def patch_backend(patches: Patches, balancers: LoadBalancers) -> None:
    for name, check in _CHANGES.items():
        patches.replace(ELBv2Backend, name, functools.partial(_checked_and_made_real, balancers, check))
    patches.replace(ELBv2Backend, "reset", functools.partial(_reset, balancers))
    patches.replace(ELBv2Backend, "describe_rules", _describe_rules)
    secure_listeners.install(patches)
    for name, build in _TARGETS.items():
        patches.replace(ELBv2Backend, name, functools.partial(_answered_by, build(balancers)))


def _checked_and_made_real(
    balancers: LoadBalancers, check: Callable[[Any, Arguments], None], original: Callable[..., Any]
) -> Callable[..., Any]:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def method(backend: Any, *args: Any, **kwargs: Any) -> Any:
        with balancers.lock:
            bound = signature.bind(backend, *args, **kwargs)
            check(backend, bound.arguments)
            try:
                result = original(*bound.args, **bound.kwargs)
                _name_default_rule(result)
                _name_by_kind(backend, result)
                return result
            finally:
                balancers.refresh(backend)

    return method


def _name_default_rule(result: Any) -> None:
    """Give a new listener's default rule an ARN like any other; moto derives it from a memory address."""
    default = getattr(result, "_default_rule", {}).get(0)
    if default is not None and not getattr(default, "named", False):
        default.arn = default.arn.rpartition("/")[0] + "/" + mock_random.get_random_hex(16)
        default.named = True


def _name_by_kind(backend: Any, result: Any) -> None:
    """A Network Load Balancer's ARN says net; moto names all of them app."""
    if getattr(result, "type", "") != "network" or "/net/" in result.arn:
        return
    tags = backend.tagging_service.list_tags_for_resource(result.arn)["Tags"]
    backend.tagging_service.delete_all_tags_for_resource(result.arn)
    del backend.load_balancers[result.arn]
    result.arn = result.arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
    backend.load_balancers[result.arn] = result
    backend.tagging_service.tag_resource(result.arn, tags)


def _reset(balancers: LoadBalancers, original: Callable[..., Any]) -> Callable[..., Any]:
    # moto inherits reset, so there is nothing of the backend's own to call.
    def reset(backend: Any) -> None:
        with balancers.lock:
            super(ELBv2Backend, backend).reset()
            balancers.refresh(backend)

    return reset


def _answered_by(method: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    return method


def _describe_rules(original: Callable[..., Any]) -> Callable[..., Any]:
    def describe_rules(backend: Any, listener_arn: str | None, rule_arns: list[str] | None) -> list[Any]:
        return in_order(original(backend, listener_arn, rule_arns))

    return describe_rules


def _accept(backend: Any, arguments: Arguments) -> None:
    pass


def _check_create_listener(backend: Any, arguments: Arguments) -> None:
    arn = arguments["load_balancer_arn"]
    secure_listeners.check_create(backend, arguments)
    arguments["actions"] = _prepared(arguments["actions"], arguments["protocol"])
    if arn in backend.load_balancers:
        validation.check_port_is_free(backend.load_balancers[arn], arguments["port"])
        validation.check_actions(backend, arn, arguments["actions"])


def _check_modify_listener(backend: Any, arguments: Arguments) -> None:
    arn = arguments["arn"]
    balancer = backend.load_balancers.get(load_balancer_arn_of(arn))
    arguments["certificates"] = arguments.get("certificates") or []  # moto counts them, whoever calls
    if balancer is None or arn not in balancer.listeners:
        return  # moto refuses it
    if arguments.get("port") is not None:
        validation.check_port_is_free(balancer, arguments["port"], except_arn=arn)
    listener = balancer.listeners[arn]
    protocol = arguments.get("protocol") or listener.protocol
    sign_in.check_protocol((one.type for rule in listener.rules.values() for one in rule.actions), protocol)
    if arguments.get("actions"):
        arguments["actions"] = _prepared(arguments["actions"], protocol, listener.default_actions)
        validation.check_actions(backend, balancer.arn, arguments["actions"])
    secure_listeners.change(backend, listener, arguments)  # at last, when nothing is refused any more


def _check_create_rule(backend: Any, arguments: Arguments) -> None:
    arn = arguments["listener_arn"]
    balancer = backend.load_balancers.get(load_balancer_arn_of(arn))
    if balancer is None or arn not in balancer.listeners:
        return  # moto refuses it
    arguments["actions"] = _prepared(arguments["actions"], balancer.listeners[arn].protocol)
    validation.check_actions(backend, balancer.arn, arguments["actions"])


def _check_modify_rule(backend: Any, arguments: Arguments) -> None:
    rule = validation.find_rule(backend, arguments["rule_arn"])
    validation.check_not_default(rule, "modified")
    if arguments.get("actions"):
        listener_arn = listener_arn_of(rule.arn)
        balancer = backend.load_balancers[load_balancer_arn_of(listener_arn)]
        protocol = balancer.listeners[listener_arn].protocol
        arguments["actions"] = _prepared(arguments["actions"], protocol, rule.actions)
        validation.check_actions(backend, balancer.arn, arguments["actions"])


def _prepared(actions: list[Arguments], protocol: str, before: Iterable[Any] = ()) -> list[Arguments]:
    return [validation.normalised(action) for action in sign_in.kept(actions, protocol, before)]


def _check_delete_rule(backend: Any, arguments: Arguments) -> None:
    validation.check_not_default(validation.find_rule(backend, arguments["arn"]), "deleted")


_CHANGES: dict[str, Callable[[Any, Arguments], None]] = {
    "create_load_balancer": _accept,
    "create_target_group": _accept,
    "create_listener": _check_create_listener,
    "create_rule": _check_create_rule,
    "modify_listener": _check_modify_listener,
    "modify_rule": _check_modify_rule,
    "modify_target_group": _accept,
    "modify_target_group_attributes": _accept,
    "modify_load_balancer_attributes": _accept,
    "set_rule_priorities": _accept,
    "add_listener_certificates": secure_listeners.check_add,
    "remove_listener_certificates": secure_listeners.check_remove,
    "delete_load_balancer": _accept,
    "delete_listener": _accept,
    "delete_rule": _check_delete_rule,
    "delete_target_group": _accept,
}

_TARGETS: dict[str, Callable[[LoadBalancers], Callable[..., Any]]] = {
    "register_targets": register_targets,
    "deregister_targets": deregister_targets,
    "describe_target_health": describe_target_health,
    "notify_terminate_instances": deregister_terminated,
}
