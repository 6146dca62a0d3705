"""What discovery answers, and the sentences that all of its parts use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.protocol import Discovery
from deployments.aws.values import Route, TargetGroup
from deployments.frozen import GateSpec, SmokeSpec
from deployments.people.roles import APPROVERS
from deployments.vocabulary import Stage, Strategy
from deployments.words import counted, duration_words, joined, stage_label

#: The longest that a gate of ours may stay open.
LONGEST_GATE = 20_160
#: By which ECS shifts traffic itself.
OWN_STRATEGIES = (Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Columns of an Environment, and how they were found, in sentences, to be confirmed by a person."""

    columns: Mapping[str, Any]
    seen: tuple[str, ...] = ()
    #: what is worth a look before it is confirmed
    doubts: tuple[str, ...] = ()
    #: who shall be asked where: in the place of an approval of the owner's that AWS waits for, or before production
    gates: tuple[GateSpec, ...] = ()
    #: what shall be asked of a release at the proposed test URL
    checks: tuple[SmokeSpec, ...] = ()
    #: names of those that its servers are in
    auto_scaling_groups: tuple[str, ...] = ()

    @property
    def check_sentences(self) -> tuple[str, ...]:
        return tuple(
            "Production is HTTPS and the test listener is not, so a smoke check is proposed that says what "
            f"production's would: {check.sentence}."
            for check in self.checks
        )

    @property
    def gate_sentences(self) -> tuple[str, ...]:
        return tuple(
            f"A gate at {stage_label(gate.stage).lower()} is proposed: {gate.sentence}, within "
            f"{duration_words(60 * gate.timeout_minutes)}."
            for gate in self.gates
        )


def gate_for(stage: str, minutes: int) -> GateSpec:
    """In the place of an approval of the owner's that AWS waits for, for as long as AWS does."""
    return GateSpec(stage=stage, groups=(APPROVERS,), timeout_minutes=min(max(1, minutes), LONGEST_GATE))


def waiting_gates(group: DeploymentGroup) -> tuple[GateSpec, ...]:
    """CodeDeploy's Ready, where the group waits there."""
    if group.ready_action != "STOP_DEPLOYMENT" or group.style == "IN_PLACE":
        return ()
    return (gate_for(Stage.PRE_PRODUCTION_TRAFFIC_SHIFT, group.ready_minutes),)


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
    ranges = joined([f"between {each.minimum} and {counted(each.maximum, 'task')}" for each in scaled.values()])
    return f"{counted(len(scaled), 'service is', 'services are')} scaled automatically, {ranges}."


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
    port, arn, more = production.port, production.rule.arn, len(others)
    if more == 1:
        return (f"1 more rule on port {port} weighs the same target groups: {writer} {arn}.",)
    return (f"{more} more rules on port {port} weigh the same target groups: {writer} {arn}.",)
