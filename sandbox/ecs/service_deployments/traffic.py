"""Target groups and listener rules of a deployment: which are used, whether they fit, and the weights written to them.

A way in by VPC Lattice is one like those by load balancers, but for who keeps its rule.

ECS acts with the infrastructure role of each ``advancedConfiguration``, so a role that may not change the rule fails
the deployment.
"""

from collections.abc import Iterable

from sandbox import lattice
from sandbox.ecs.model import Json
from sandbox.ecs.service_deployments.configuration import NETWORK_LISTENER
from sandbox.ecs.service_deployments.model import ServiceDeployment, ServiceRevision
from sandbox.ecs.service_deployments.stages import TEST_TRAFFIC_SHIFT, Step
from sandbox.ecs.store import Store
from sandbox.seams import CannotWrite, Rules

WRONG = "Service deployment rolled back because of invalid networking configuration: {problem}"
NOT_ALLOWED = "ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role {role}."
NEEDS_TEST_RULE = (
    "For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with "
    "both targetGroup and alternateTargetGroup"
)
MODIFY_RULE, MODIFY_LISTENER = "elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyListener"


class CannotShift(Exception):
    """The statusReason of a deployment whose traffic cannot be moved."""


def resolved(balancers: Iterable[Json], serving: ServiceRevision | None, strategy: str) -> list[Json]:
    """The load balancers of a new revision, each with the target group that its tasks register in."""
    live = set(serving.target_groups) if serving else set()
    return [_chosen(each, live, strategy) for each in balancers]


def _chosen(balancer: Json, live: set[str], strategy: str) -> Json:
    advanced = balancer.get("advancedConfiguration")
    if not advanced:
        return balancer
    declared, alternate = balancer["targetGroupArn"], advanced["alternateTargetGroupArn"]
    swap = alternate in live if strategy == "ROLLING" else declared in live
    if not swap:
        return balancer
    return {
        **balancer,
        "targetGroupArn": alternate,
        "advancedConfiguration": {**advanced, "alternateTargetGroupArn": declared},
    }


def problem(store: Store, deployment: ServiceDeployment) -> str:
    """Why the rules do not fit, looked at once, before anything is started; empty when they do."""
    before = deployment.serving
    for balancer in deployment.target.ways:
        found = _association_problem(store, balancer)
        # Like AWS: weights that somebody changed since ECS last wrote them go unnoticed.
        if not found and not (before and before.is_shifted):
            found = _weights_problem(store, balancer, before)
        if found:
            return found
    return ""


def _association_problem(store: Store, balancer: Json) -> str:
    advanced = balancer.get("advancedConfiguration", {})
    if not advanced:
        return ""
    named = [rule for rule in (advanced["productionListenerRule"], advanced.get("testListenerRule")) if rule]
    held: dict[str, set[str]] = {}
    for rule in named:
        weights = _rules(store, rule).weights(rule)
        if weights is None:
            return WRONG.format(problem=f"Listener rule {rule} does not exist.")
        if not store.around.role_may(advanced["roleArn"], _action(rule), rule):
            return NOT_ALLOWED.format(role=advanced["roleArn"])
        held[rule] = set(weights)
    groups = _pair(balancer)
    if NETWORK_LISTENER.fullmatch(advanced["productionListenerRule"]):
        groups &= held[advanced["productionListenerRule"]]  # ECS puts the other one in when it shifts
    elif len(named) == 1 and not held[named[0]] >= groups:
        return NEEDS_TEST_RULE
    for group in sorted(groups):
        if not any(group in each for each in held.values()):
            return WRONG.format(
                problem=f"Target group {group} is not associated with either productionListenerRule or "
                "testListenerRule."
            )
    return ""


def _weights_problem(store: Store, balancer: Json, serving: ServiceRevision | None) -> str:
    advanced = balancer.get("advancedConfiguration", {})
    if not advanced:
        return ""
    rule = advanced["productionListenerRule"]
    weights = _rules(store, rule).weights(rule) or {}
    busy = [group for group, weight in weights.items() if weight]
    expected = _pair(balancer) & set(serving.target_groups) if serving else {balancer["targetGroupArn"]}
    for group in busy:
        if group not in _pair(balancer):
            return WRONG.format(
                problem=f"Production listener rule is forwarding traffic to unexpected target group {group}"
            )
    if len(busy) != 1:
        return WRONG.format(
            problem=f"productionListenerRule {rule} should have exactly one target group serving traffic but found "
            f"{len(busy)} target groups which are serving traffic"
        )
    if expected and busy[0] not in expected:
        return WRONG.format(
            problem=f"Production listener rule is forwarding traffic to unexpected target group {busy[0]}"
        )
    return ""


def write(store: Store, deployment: ServiceDeployment, step: Step) -> None:
    """Give the target this share of test or production traffic. Raises CannotShift."""
    assert step.percent is not None
    test = step.stage == TEST_TRAFFIC_SHIFT
    for balancer in deployment.target.ways:
        advanced = balancer.get("advancedConfiguration", {})
        rule = advanced.get("testListenerRule" if test else "productionListenerRule")
        if not rule:
            continue
        if not store.around.role_may(advanced["roleArn"], _action(rule), rule):
            raise CannotShift(NOT_ALLOWED.format(role=advanced["roleArn"]))
        mine, rest = weights(step.percent)
        try:
            _rules(store, rule).write(
                rule, {balancer["targetGroupArn"]: mine, advanced["alternateTargetGroupArn"]: rest}
            )
        except CannotWrite as failed:
            raise CannotShift(WRONG.format(problem=str(failed))) from failed
    if test:
        deployment.test_percent = step.percent
    else:
        deployment.production_percent = step.percent


def weights(percent: float) -> tuple[int, int]:
    """Weights are whole numbers below 1000: tenths of a percent need a sum of 1000."""
    if float(percent).is_integer():
        return int(percent), 100 - int(percent)
    return round(percent * 10), 1000 - round(percent * 10)


def _pair(balancer: Json) -> set[str]:
    return {balancer["targetGroupArn"], balancer["advancedConfiguration"]["alternateTargetGroupArn"]}


def _rules(store: Store, rule: str) -> Rules:
    return store.around.lattice if lattice.is_its(rule) else store.around.rules


def _action(rule: str) -> str:
    if lattice.is_its(rule):
        return lattice.UPDATE_RULE if "/rule/" in rule else lattice.UPDATE_LISTENER
    return MODIFY_LISTENER if NETWORK_LISTENER.fullmatch(rule) else MODIFY_RULE
