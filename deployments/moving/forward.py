"""What is done next on the way to ECS: one write at a time, and none where AWS does not show what is expected."""

from typing import Any

from deployments.aws.actions import MoveService, SetWeights
from deployments.aws.values import Rule, Service
from deployments.aws.weights import spell
from deployments.moving import proof
from deployments.moving.values import ENVIRONMENT, RULE, Act, Decision, Done, House, Move, Stop, Wait
from deployments.preflight.words import named
from deployments.vocabulary import TERMINAL_STATUSES, Controller, Status
from deployments.words import full_stop

#: What the move itself deploys is what runs already, so that there is nothing to bake.
ONCE_MORE: dict[str, Any] = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}


def next_step(step: str, move: Move, seen: House) -> Decision:
    """`step` is one of values.STEPS."""
    reason = proof.trouble(move, seen)
    if reason or seen.service is None or seen.rule is None:
        return Stop(says=reason)
    if step == RULE:
        return _name_both(move, seen, seen.rule)
    decision = _give_to_ecs(move, seen, seen.service)
    if step == ENVIRONMENT and isinstance(decision, Act):
        return Stop(says=f"{move.settings.service_name} is not ECS's any more. {proof.GO_BACK}")
    return decision


def is_moved(move: Move, seen: House) -> bool:
    """Whether ECS has been told."""
    service = seen.service
    return bool(
        service
        and service.controller == "ECS"
        and service.strategy not in ("", "ROLLING")
        and {*service.target_groups, service.alternate_target_group}
        == {move.origin.live, move.wanted.alternate_target_group}
    )


def _name_both(move: Move, seen: House, rule: Rule) -> Decision:
    other = move.wanted.alternate_target_group
    if other in rule.weights:
        return Done(says=f"The production rule names both target groups. {proof.untouched(move, seen)}")
    weights = {seen.live: 100, other: 0}
    return Act(
        action=SetWeights(rule=rule.arn, weights=weights, expected=rule.weights, exact=True),
        says=f"The production rule is to name {spell(weights)}.",
    )


def _give_to_ecs(move: Move, seen: House, service: Service) -> Decision:
    if not is_moved(move, seen):
        says = f"{move.settings.service_name} is given to ECS, which deploys what runs there once more."
        return Act(action=_order(move, seen, service), says=says)
    native = seen.native
    if native is None or native.status not in TERMINAL_STATUSES:
        return Wait(says=_under_way(seen))
    if native.status != Status.SUCCESSFUL:
        why = full_stop(native.rollback_reason or native.reason or native.status)
        what = "Go back, mend it, and begin again."
        return Stop(says=f"ECS did not bring it: {why} {proof.untouched(move, seen)} {what}")
    if lack := proof.unhealthy(move, seen):
        return Wait(says=f"ECS has brought it, and {lack}. Look again in a moment.")
    return Done(says=f"ECS deploys {move.settings.service_name} from now on. {proof.untouched(move, seen)}")


def _order(move: Move, seen: House, service: Service) -> MoveService:
    wanted = move.wanted
    advanced = {
        "alternateTargetGroupArn": wanted.alternate_target_group,
        "productionListenerRule": wanted.production_rule,
        "roleArn": wanted.infrastructure_role,
        **({"testListenerRule": wanted.test_rule} if wanted.test_rule else {}),
    }
    return MoveService(
        cluster=move.settings.cluster,
        service=move.settings.service_name,
        controller="ECS" if move.origin.controller == Controller.CODE_DEPLOY else "",
        deployment_configuration=ONCE_MORE,
        load_balancers=({**balancer(service, seen.live), "advancedConfiguration": advanced},),
    )


def balancer(service: Service, target_group: str) -> dict[str, Any]:
    """The member of loadBalancers for the target group that serves now."""
    return {
        "targetGroupArn": target_group,
        "containerName": service.container_name,
        "containerPort": service.container_port,
    }


def _under_way(seen: House) -> str:
    native = seen.native
    at = f" It is at {native.stage}, {native.running} of {native.requested} tasks run." if native else ""
    if native and native.awaiting:
        at += f" It waits at the service's own pause hook {native.awaiting.id}: answer that in AWS's console."
    return (
        f"ECS deploys what runs there once more, beside it, and shifts production when that is healthy.{at} Production "
        f"goes to {named(seen.live)}. Look again in a moment."
    )
