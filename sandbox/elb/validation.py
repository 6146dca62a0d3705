"""Refusals that AWS makes and moto does not, with AWS's error codes."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from moto.elbv2.exceptions import (
    ActionTargetGroupNotFoundError,
    DuplicateListenerError,
    ELBClientError,
    InvalidTargetError,
)

from sandbox.elb import certificates
from sandbox.elb.actions import FINAL_ACTIONS

LARGEST_WEIGHT = 999
MOST_TARGET_GROUPS = 5
LONGEST_STICKINESS = 604_800


def normalised(action: dict[str, Any]) -> dict[str, Any]:
    """A forward action as AWS describes it: with a ForwardConfig, and the plain ARN for a single group."""
    if action.get("Type") != "forward":
        return action
    config = dict(action.get("ForwardConfig") or {})
    shares = [dict(share) for share in config.get("TargetGroups") or []]
    plain = action.get("TargetGroupArn")
    if plain and shares and [share["TargetGroupArn"] for share in shares] != [plain]:
        raise ELBClientError(
            "ValidationError", "TargetGroupArn and ForwardConfig must name the same single target group"
        )
    config["TargetGroups"] = shares or [{"TargetGroupArn": plain}]
    result = {**action, "ForwardConfig": config}
    if len(config["TargetGroups"]) == 1:
        result["TargetGroupArn"] = config["TargetGroups"][0]["TargetGroupArn"]
    return result


def check_actions(backend: Any, load_balancer_arn: str, actions: Sequence[dict[str, Any]]) -> None:
    if sum(action.get("Type") in FINAL_ACTIONS for action in actions) != 1:
        raise ELBClientError(
            "InvalidLoadBalancerAction", "Exactly one forward, redirect or fixed-response action is required"
        )
    for number, action in enumerate(actions, start=1):
        if action.get("Type") == "forward":
            _check_forward(backend, load_balancer_arn, action["ForwardConfig"], number)


def _check_forward(backend: Any, load_balancer_arn: str, config: dict[str, Any], number: int) -> None:
    shares = config["TargetGroups"]
    if len(shares) > MOST_TARGET_GROUPS:
        raise ELBClientError(
            "TooManyTargetGroups", f"A forward action can have at most {MOST_TARGET_GROUPS} target groups"
        )
    for place, share in enumerate(shares, start=1):
        weight = int(share.get("Weight", 1))
        if not 0 <= weight <= LARGEST_WEIGHT:
            where = f"actions.{number}.member.forwardConfig.targetGroups.{place}.member.weight"
            bound = "greater than or equal to 0" if weight < 0 else f"less than or equal to {LARGEST_WEIGHT}"
            raise ELBClientError(
                "ValidationError",
                f"1 validation error detected: Value '{weight}' at '{where}' failed to satisfy constraint: "
                f"Member must have value {bound}",
            )
        _check_target_group(backend, load_balancer_arn, share.get("TargetGroupArn"))
    _check_stickiness(config.get("TargetGroupStickinessConfig") or {})


def _check_target_group(backend: Any, load_balancer_arn: str, arn: str | None) -> None:
    record = backend.target_groups.get(arn)
    if record is None:
        raise ActionTargetGroupNotFoundError(arn)
    if any(other != load_balancer_arn for other in record.load_balancer_arns):
        raise ELBClientError(
            "TargetGroupAssociationLimit",
            f"The following target groups cannot be associated with more than one load balancer: {arn}",
        )


def _check_stickiness(stickiness: dict[str, Any]) -> None:
    if stickiness.get("Enabled") and not 1 <= int(stickiness.get("DurationSeconds") or 0) <= LONGEST_STICKINESS:
        raise ELBClientError(
            "ValidationError",
            f"Target group stickiness duration must be between 1 and {LONGEST_STICKINESS} seconds",
        )


def check_certificate(backend: Any, arn: str) -> None:
    elsewhere = ":acm:" in arn and arn.split(":")[3] != backend.region_name
    found = None if elsewhere else certificates.find(backend.account_id, arn)
    if found is None:
        raise ELBClientError("CertificateNotFound", f"Certificate ARN '{arn}' not found")
    try:
        _ = found.context, found.names
    except (certificates.CannotPresent, ValueError):
        raise ELBClientError(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported "
            "key size.",
        ) from None


def check_port_is_free(balancer: Any, port: Any, *, except_arn: str = "") -> None:
    for listener in balancer.listeners.values():
        if listener.arn != except_arn and int(listener.port) == int(port):
            raise DuplicateListenerError()


def check_not_default(rule: Any, what: str) -> None:
    if rule.is_default:
        raise ELBClientError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be {what}")


def check_target(backend: Any, record: Any, target_id: str) -> None:
    if record.target_type == "instance":
        if backend.ec2_backend.get_instance_by_id(target_id) is None:
            raise InvalidTargetError()
        return
    try:
        ipaddress.ip_address(target_id)
    except ValueError:
        raise ELBClientError("ValidationError", f"The IP address '{target_id}' is not a valid IPv4 address") from None


def find_rule(backend: Any, rule_arn: str) -> Any:
    """Raises RuleNotFound."""
    return backend.describe_rules(None, [rule_arn])[0]
