"""The way back, a step at a time. What AWS has no call for is said: nothing becomes CodeDeploy's again."""

from typing import Any

from deployments.aws.actions import MoveService, SetWeights, StopServiceDeployment
from deployments.aws.values import Rule, Service
from deployments.aws.weights import same, spell
from deployments.moving import proof
from deployments.moving.forward import balancer
from deployments.moving.values import RULE, Act, Decision, Done, House, Move, Stop, Wait
from deployments.preflight.words import named
from deployments.vocabulary import TERMINAL_STATUSES, Status

ROLLING_AGAIN: dict[str, Any] = {"strategy": "ROLLING", "bakeTimeInMinutes": 0}


def next_step(step: str, move: Move, seen: House) -> Decision:
    """`step` is the one that is to be undone: RULE or SERVICE."""
    if seen.service is None or seen.rule is None or not seen.live:
        gone = "is not there any more" if seen.service is None else "is not served by one target group"
        return Stop(says=f"{move.settings.service_name} {gone}, so nothing is written. Look at it in AWS's console.")
    return _one_group_again(move, seen, seen.rule) if step == RULE else _rolling_again(move, seen, seen.service)


def _one_group_again(move: Move, seen: House, rule: Rule) -> Decision:
    before = move.origin.weights if seen.live == move.origin.live else {seen.live: 100}
    if same(rule.weights, before) and rule.weights.keys() == before.keys():
        return Done(says=f"The production rule sends requests to {spell(before)}.")
    return Act(
        action=SetWeights(rule=rule.arn, weights=before, expected=rule.weights, exact=True),
        says=f"The production rule is to name {spell(before)} again.",
    )


def _rolling_again(move: Move, seen: House, service: Service) -> Decision:
    """A service that ECS never got is as it was."""
    if service.controller == "CODE_DEPLOY":
        return Done(says=f"{service.name} is CodeDeploy's, as it was. {_serves(move, seen)}")
    native = seen.native
    if native and native.status not in TERMINAL_STATUSES and service.alternate_target_group:
        return _turn_around(native.arn, native.status, seen)
    if service.alternate_target_group or service.strategy not in ("", "ROLLING"):
        order = MoveService(
            cluster=move.settings.cluster,
            service=move.settings.service_name,
            deployment_configuration=ROLLING_AGAIN,
            load_balancers=(balancer(service, seen.live),),
        )
        return Act(action=order, says=f"{service.name} is to be replaced by rolling, in {named(seen.live)}.")
    if len(service.deployments) > 1 or (service.primary and service.primary.rollout_state != "COMPLETED"):
        return Wait(says=f"ECS replaces the tasks of {service.name} in {named(seen.live)}. Look again in a moment.")
    if lack := proof.unhealthy(move, seen):
        return Wait(says=f"{lack[0].upper()}{lack[1:]}. Look again in a moment.")
    return Done(says=f"ECS replaces the tasks of {service.name} by rolling. {_serves(move, seen)}")


def _turn_around(native: str, status: str, seen: House) -> Decision:
    if status == Status.IN_PROGRESS or status == Status.PENDING:
        says = "ECS is told to roll its deployment back, to the tasks that served before."
        return Act(action=StopServiceDeployment(service_deployment=native), says=says)
    return Wait(says=f"ECS rolls back. Production goes to {named(seen.live)}. Look again in a moment.")


def _serves(move: Move, seen: House) -> str:
    return proof.trouble(move, seen) or proof.untouched(move, seen)
