"""A service revision's ecsManagedResources as our value, whether Express Mode or a gateway had them made."""

from collections.abc import Mapping, Sequence
from typing import Any

from deployments.aws.values.managed import Managed


def managed_from(raw: Mapping[str, Any]) -> Managed | None:
    """None where ECS made nothing. A service has one way in, or the first one is taken."""
    if not raw:
        return None
    for path in raw.get("ingressPaths", ()):
        return _of_express(path, raw.get("metricAlarms", ()))
    for connection in raw.get("gatewayConnections", ()):
        return _of_gateway(connection)
    return Managed(alarms=_names(raw.get("metricAlarms", ())))


def _of_express(path: Mapping[str, Any], alarms: Sequence[Mapping[str, Any]]) -> Managed:
    return Managed(
        endpoint=path.get("endpoint", ""),
        load_balancer=path.get("loadBalancer", {}).get("arn", ""),
        listener=path.get("listener", {}).get("arn", ""),
        production_rule=path.get("rule", {}).get("arn", ""),
        target_groups=tuple(each["arn"] for each in path.get("targetGroups", ()) if each.get("arn")),
        alarms=_names(alarms),
    )


def _of_gateway(connection: Mapping[str, Any]) -> Managed:
    balanced = connection.get("resources", {}).get("hostSharedAlb", ())
    first: Mapping[str, Any] = balanced[0] if balanced else {}
    groups = (first.get("targetGroupArn", ""), first.get("alternateTargetGroupArn", ""))
    return Managed(
        endpoint=connection.get("serviceUrl", ""),
        load_balancer=first.get("loadBalancerArn", ""),
        listener=first.get("listenerArn", ""),
        production_rule=first.get("listenerRuleArn", ""),
        test_rule=first.get("testListenerRuleArn", ""),
        target_groups=tuple(group for group in groups if group),
    )


def _names(alarms: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME, in which a name may have colons."""
    return tuple(each["arn"].split(":alarm:", 1)[-1] for each in alarms if each.get("arn"))
