"""What discovery answers, and the sentences that all of its parts use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws.protocol import Discovery
from deployments.aws.values import Route, TargetGroup
from deployments.words import counted, joined


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Columns of an Environment, and how they were found, in sentences, to be confirmed by a person."""

    columns: Mapping[str, Any]
    seen: tuple[str, ...] = ()
    #: what is worth a look before it is confirmed
    doubts: tuple[str, ...] = ()


def routes_to(gateway: Discovery, groups: Collection[TargetGroup]) -> tuple[Route, ...]:
    """Every rule of the load balancers that these target groups are behind."""
    balancers = dict.fromkeys(arn for group in groups for arn in group.load_balancer_arns)
    return tuple(route for balancer in balancers for route in gateway.routes(balancer))


def alarms_of(gateway: Discovery, things: Collection[str], production: Route | None) -> tuple[str, ...]:
    """Alarms about these target groups (ARNs) or names, and about the load balancer of production."""
    dimensions = {thing.rsplit(":", 1)[-1] for thing in things}
    if production:
        dimensions.add("/".join(production.listener.split(":listener/")[-1].split("/")[:3]))
    return gateway.alarms_about(dimensions)


def about_alarms(alarms: Collection[str]) -> str:
    return f"Alarms about it: {', '.join(alarms)}." if alarms else "No alarm looks at it."


def about_scaling(gateway: Discovery, cluster: str, services: Collection[str]) -> str:
    scaled = gateway.scalable_targets([f"service/{cluster}/{name}" for name in services])
    if not scaled:
        return "It is not scaled automatically."
    ranges = joined([f"{each.minimum} to {counted(each.maximum, 'task')}" for each in scaled.values()])
    return f"{counted(len(scaled), 'service is', 'services are')} scaled automatically, from {ranges}."


def about_other_rules(production: Route, routes: Collection[Route], writer: str) -> tuple[str, ...]:
    """A doubt when more rules of the same port weigh the same target groups."""
    same_port = [route for route in routes if route.port == production.port and route.rule.weights]
    others = [
        route
        for route in same_port
        if route is not production
        and route.rule.weights == production.rule.weights
        and not route.rule.catches_marked_requests
    ]
    if not others:
        return ()
    rules = counted(len(others), "more rule on port {0} weighs", "more rules on port {0} weigh").format(production.port)
    return (f"{rules} the same target groups: {writer} {production.rule.arn}.",)
