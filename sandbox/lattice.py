"""VPC Lattice on top of moto: identifiers and ARNs as AWS makes them, rules that can be read, and both kinds changed.

Nothing listens and no target is registered: what ECS shifts there is the weights, and those are what can be looked at.
"""

import functools
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from moto.moto_api._internal import mock_random
from moto.vpclattice import models
from moto.vpclattice.exceptions import ResourceNotFoundException
from moto.vpclattice.models import VPCLatticeBackend, vpclattice_backends
from moto.vpclattice.responses import VPCLatticeResponse

from sandbox.account import ACCOUNT, region_of
from sandbox.calls import Call
from sandbox.patching import Patches
from sandbox.seams import CannotWrite

Json = dict[str, Any]
#: Of AWS's infrastructure role, for what ECS writes.
UPDATE_RULE, UPDATE_LISTENER = "vpc-lattice:UpdateRule", "vpc-lattice:UpdateListener"


def is_its(rule: str) -> bool:
    return ":vpc-lattice:" in rule


def install(patches: Patches) -> None:
    patches.replace(models, "uuid", lambda _: SimpleNamespace(uuid4=lambda: mock_random.get_random_hex(17)))
    patches.replace(ResourceNotFoundException, "code", lambda _: 404)
    patches.replace(VPCLatticeBackend, "create_rule", _with_its_listener_s_arn)
    for answer in (_get_rule, _update_rule, _get_listener, _update_listener):
        patches.replace(VPCLatticeResponse, answer.__name__[1:], functools.partial(_instead, answer))


class Rules:
    """What ECS shifts: a rule, or a listener by its default action. ECS names either by its ARN."""

    def __init__(self, note: Callable[..., None]) -> None:
        self._note = note

    def weights(self, rule: str) -> dict[str, int] | None:
        """Weight by target group ARN; None when there is no such rule or listener."""
        found = _find(rule)
        if found is None:
            return None
        action = found.action if _is_rule(rule) else found.default_action
        shares = action.get("forward", {}).get("targetGroups", ())
        return {_group_arn(rule, each["targetGroupIdentifier"]): int(each.get("weight", 100)) for each in shares}

    def write(self, rule: str, weights: Mapping[str, int]) -> None:
        """Raises CannotWrite."""
        found, backend = _find(rule), _backend(rule)
        if found is None:
            raise CannotWrite(f"The rule {rule} does not exist.")
        for group in weights:
            if _id(group) not in backend.target_groups:
                raise CannotWrite(f"The target group {group} does not exist.")
        groups = [{"targetGroupIdentifier": _id(group), "weight": each} for group, each in weights.items()]
        _set(found, {"forward": {"targetGroups": groups}})
        self._note_change(rule, {"forward": {"targetGroups": groups}})

    def _note_change(self, rule: str, action: Json) -> None:
        """As the request that would make it, for a restart."""
        _, service, _, listener, *rest = rule.split(":", 5)[5].split("/")
        body = json.dumps({"action" if rest else "defaultAction": action}).encode()
        path = f"/services/{service}/listeners/{listener}" + (f"/rules/{rest[1]}" if rest else "")
        operation = "UpdateRule" if rest else "UpdateListener"
        call = Call("vpc-lattice", operation, "json", "sandbox", region_of(rule), body)
        self._note(call, method="PATCH", path=path)


def _instead(answer: Callable[[Any], str], original: Any) -> Callable[[Any], str]:
    return answer


def _get_rule(response: Any) -> str:
    return json.dumps(_shown(_rule_of(response)))


def _update_rule(response: Any) -> str:
    rule = _rule_of(response)
    for name in ("action", "match", "priority"):
        if (given := response._get_param(name)) is not None:
            setattr(rule, name, given)
    return json.dumps(_shown(rule))


def _get_listener(response: Any) -> str:
    return json.dumps(_listener_of(response).to_dict())


def _update_listener(response: Any) -> str:
    listener = _listener_of(response)
    listener.default_action = response._get_param("defaultAction")
    return json.dumps(listener.to_dict())


def _listener_of(response: Any) -> Any:
    names = (response._get_param(f"{kind}Identifier") for kind in ("service", "listener"))
    return response.backend.get_listener(*(_id(each) for each in names))


def _rule_of(response: Any) -> Any:
    name, listener = response._get_param("ruleIdentifier"), _listener_of(response)
    found = response.backend.rules.get(_id(name))
    if found is None or found.listener_identifier != listener.id:
        raise ResourceNotFoundException(f"Rule {name} not found")
    return found


def _with_its_listener_s_arn(original: Callable[..., Any]) -> Callable[..., Any]:
    """moto writes "listener-" twice, and looks for neither the service nor the listener."""

    def create_rule(backend: Any, **given: Any) -> Any:
        service, listener = _id(given["service_identifier"]), _id(given["listener_identifier"])
        of = backend.get_listener(service, listener)
        rule = original(backend, **given | {"service_identifier": service, "listener_identifier": listener})
        rule.arn = f"{of.arn}/rule/{rule.id}"
        return rule

    return create_rule


def _shown(rule: Any) -> Json:
    members = ("arn", "id", "name", "match", "priority", "action")
    return {name: getattr(rule, name) for name in members} | {"isDefault": False}


def _find(rule: str) -> Any:
    """By its ARN."""
    backend = _backend(rule)
    return (backend.rules if _is_rule(rule) else backend.listeners).get(_id(rule))


def _set(found: Any, action: Json) -> None:
    setattr(found, "action" if hasattr(found, "action") else "default_action", action)


def _is_rule(arn: str) -> bool:
    return "/rule/" in arn


def _backend(arn: str) -> Any:
    return vpclattice_backends[ACCOUNT][region_of(arn)]


def _group_arn(rule: str, group: str) -> str:
    """Rules may name target groups by id."""
    return group if group.startswith("arn:") else f"{rule.partition(':service/')[0]}:targetgroup/{group}"


def _id(identifier: str) -> str:
    """Of an id or an ARN."""
    return identifier.rpartition("/")[2]
