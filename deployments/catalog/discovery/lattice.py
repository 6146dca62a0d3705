"""VPC Lattice before a service: no controller steers that, so what was read is said."""

from deployments.aws.lattice import named
from deployments.aws.protocol import Discovery
from deployments.aws.values import Lattice, Service
from deployments.preflight.lattice import of_rule, rules_of
from deployments.refused import Refused

_ALONE = (
    "Tealgate cannot see there who is live, how targets are, and what callers get. Deploy it by ECS itself, or give it "
    "a load balancer beside that, by which it can be watched."
)


def refuse_alone(gateway: Discovery, service: Service) -> None:
    """One that ECS shifts there, and nowhere else."""
    if service.target_groups:
        return
    for way in service.lattice:
        if way.is_shifted:
            raise Refused(
                f"ECS shifts {service.name} at VPC Lattice: {_seen(gateway, way)} {_ALONE}",
                field="service",
            )


def doubts(gateway: Discovery, service: Service) -> list[str]:
    """Beside a load balancer, or where ECS shifts nothing."""
    return [_doubt(gateway, service, way) for way in service.lattice]


def _doubt(gateway: Discovery, service: Service, way: Lattice) -> str:
    if not way.is_shifted:
        return (
            f"{service.name} is reached by VPC Lattice ({named(way.target_group)}): such callers get the release as "
            "soon as its tasks start."
        )
    return (
        f"ECS shifts {service.name} at VPC Lattice too, and only ECS looks there: {_seen(gateway, way)} Gates hold it "
        "as they hold the load balancer."
    )


def _seen(gateway: Discovery, way: Lattice) -> str:
    """Its rules, and whether they are as ECS needs them."""
    return " ".join(of_rule(kind, rule, way, gateway.lattice_weights).said for kind, rule in rules_of(way))
