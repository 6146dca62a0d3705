"""VPC Lattice before a service: no controller steers that, so what was read is said."""

from deployments.aws import errors
from deployments.aws.lattice import is_listener_or_rule
from deployments.aws.protocol import Discovery
from deployments.aws.values import Lattice, Service
from deployments.aws.weights import spell
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
            f"{service.name} is reached by VPC Lattice ({_named(way.target_group)}): such callers get the release as "
            "soon as its tasks start."
        )
    return (
        f"ECS shifts {service.name} at VPC Lattice too, and only ECS looks there: {_seen(gateway, way)} Gates hold it "
        "as they hold the load balancer."
    )


def _seen(gateway: Discovery, way: Lattice) -> str:
    """Its rules, and whether they are as ECS needs them."""
    said = [_of_rule(gateway, "production", way.production_rule, way)]
    said += [_of_rule(gateway, "test", way.test_rule, way)] if way.test_rule else []
    return " ".join(said)


def _of_rule(gateway: Discovery, kind: str, rule: str, way: Lattice) -> str:
    if not is_listener_or_rule(rule):
        return f"its {kind} rule is {rule or 'not named'}, which is no listener or rule of VPC Lattice."
    name = f"its {kind} rule {_named(rule)}"
    try:
        weights = gateway.lattice_weights(rule)
    except errors.NotFound:
        return f"{name} does not exist."
    except errors.AwsError as error:
        return f"{name} could not be read ({error.code})."
    known = {_named(way.target_group), _named(way.alternate_target_group)}
    others = sorted({_named(each) for each in weights} - known)
    spelled = spell({_named(each): weight for each, weight in weights.items()}) or "no target group"
    if others:
        return f"{name} forwards to {spelled}, which are not its two target groups alone."
    busy = [each for each, weight in weights.items() if weight]
    if kind == "production" and len(busy) != 1:
        return f"{name} forwards to {spelled}, so it is not clear which one is live."
    return f"{name} forwards to {spelled}."


def _named(arn: str) -> str:
    """svc-1/listener/listener-1/rule/rule-1, or the id of a target group."""
    return arn.split(":", 5)[-1].removeprefix("targetgroup/").removeprefix("service/")
