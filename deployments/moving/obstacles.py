"""Why a service cannot be moved, each in a sentence with its next step. Nothing was written where there is one."""

from collections.abc import Iterator

from deployments.aws.listeners import is_network
from deployments.aws.values import Service, TargetGroup
from deployments.aws.weights import spell
from deployments.frozen import EnvironmentSettings
from deployments.moving.values import House, Wanted
from deployments.preflight.words import listed, named
from deployments.swaps.ecs import ECS
from deployments.vocabulary import TERMINAL_STATUSES, Controller
from deployments.words import stage_label

#: what two target groups of one service have in common
ALIKE = (("vpc", "VPC"), ("target_type", "target type"), ("protocol", "protocol"))


def impossible(settings: EnvironmentSettings, wanted: Wanted, seen: House) -> str:
    """Why no step would do anything here, whatever else is given; "" where one would."""
    to_pair = wanted.controller == Controller.SERVICE_PAIR
    return _of_this_kind(settings) or ("" if to_pair else _service(settings, seen.service))


def obstacles(settings: EnvironmentSettings, wanted: Wanted, seen: House) -> Iterator[str]:
    if reason := impossible(settings, wanted, seen):
        yield reason
        return
    if wanted.controller == Controller.SERVICE_PAIR:
        yield (
            "Tealgate does not make a pair out of one service: AWS has no call that divides it. Make the second "
            "service and its target group (the lines are below), then read the pair from AWS as a new environment."
        )
        return
    if seen.service is not None:
        if not seen.service.desired:
            name = settings.service_name
            yield (
                f"{name} has no tasks (desired count 0), so nothing could prove that traffic is untouched. Scale it up."
            )
        yield from _under_way(seen, seen.service)
        yield from _rule(wanted, seen)
        yield from _other_group(wanted, seen, seen.service)
    if not wanted.infrastructure_role:
        yield (
            "Name the infrastructure role by which ECS may write the rule: a role that ecs.amazonaws.com may assume, "
            "with AmazonECSInfrastructureRolePolicyForLoadBalancers."
        )
    for gate in settings.gates:
        if gate.stage not in ECS.gate_stages:
            yield f"The gate at {stage_label(gate.stage)} has no place in ECS's stages; move it or remove it first."


def _of_this_kind(settings: EnvironmentSettings) -> str:
    if settings.controller == Controller.CODE_DEPLOY and settings.compute_platform != "ECS":
        return "CodeDeploy installs on servers here; there is no ECS service that could be moved."
    if settings.controller in (Controller.CODE_DEPLOY, Controller.ROLLING):
        return ""
    return f"Only what CodeDeploy or rolling updates deploy can be moved; {settings.label} is {settings.controller}."


def _service(settings: EnvironmentSettings, service: Service | None) -> str:
    name = settings.service_name
    if service is None or service.status != "ACTIVE":
        return f"The service {name} does not exist, or is not ACTIVE. Correct it in the environment."
    if service.scheduling != "REPLICA":
        return f"{name} is a service of scheduling {service.scheduling}: ECS shifts no traffic of those."
    if service.managed_by == "ECS":
        return f"{name} is managed by ECS (Express Mode), which has its own canary: nothing is to be moved."
    if len(service.target_groups) != 1:
        has = listed(named(group) for group in service.target_groups) if service.target_groups else "no target group"
        return f"{name} is behind {has}; Tealgate moves a service behind one target group. Move it by hand."
    return ""


def _under_way(seen: House, service: Service) -> Iterator[str]:
    if seen.code_deployment and not seen.code_deployment.is_over:
        yield (
            f"CodeDeploy's {seen.code_deployment.id} is under way, or keeps its original tasks: AWS changes no "
            "controller with two task sets. Wait for its end."
        )
    primary = service.primary
    if len(service.deployments) > 1 or (primary and primary.rollout_state not in ("", "COMPLETED")):
        yield f"ECS is replacing the tasks of {service.name}. Wait until it is steady."
    elif seen.native and seen.native.status not in TERMINAL_STATUSES:
        yield f"ECS's deployment {named(seen.native.arn)} is under way. Wait for its end."


def _rule(wanted: Wanted, seen: House) -> Iterator[str]:
    if is_network(wanted.production_rule):
        yield (
            "Behind a Network Load Balancer ECS needs no weights written beforehand, and Tealgate does not try it. "
            "Move it with your own infrastructure code; the lines are below."
        )
    elif seen.rule is None and len(seen.candidates) > 1:
        which = listed(f"{arn} ({requests})" for arn, requests in seen.candidates.items())
        yield f"Name the production rule: several forward to the target group: {which}."
    elif seen.rule is None:
        yield "Name the production rule: the ARN of the listener rule that forwards to the service's target group."
    elif not seen.live or (seen.service and seen.live not in seen.service.target_groups):
        yield (
            f"The production rule sends requests to {spell(seen.rule.weights)}, not to the service's one target group "
            "alone. Name the rule that does."
        )
    elif strangers := set(seen.rule.weights) - {seen.live, wanted.alternate_target_group}:
        yield f"The production rule names {listed(named(group) for group in sorted(strangers))} too; take it out."
    if wanted.test_rule and wanted.test_rule == wanted.production_rule:
        yield "The test rule is the production rule: testing a release would send it production traffic."


def _other_group(wanted: Wanted, seen: House, service: Service) -> Iterator[str]:
    live, other = seen.groups.get(service.target_groups[0]), seen.groups.get(wanted.alternate_target_group)
    if not wanted.alternate_target_group or wanted.alternate_target_group in service.target_groups:
        like = f" like {live.name} ({live.protocol}, {live.target_type} targets, {live.vpc})" if live else ""
        yield f"Make a second target group{like}, for releases to start in, and name its ARN."
    elif other is None:
        yield f"The target group {wanted.alternate_target_group} does not exist."
    elif live and (differs := _unlike(live, other)):
        yield f"{other.name} cannot stand in for {live.name}: {differs}."
    elif busy := [target for target in seen.targets.get(other.arn, ()) if target.state != "draining"]:
        yield f"{other.name} has {len(busy)} targets already. Name one that nobody uses."


def _unlike(live: TargetGroup, other: TargetGroup) -> str:
    """In a clause; "" = they are alike."""
    differs = [
        f"its {words} is {getattr(other, name)}, not {getattr(live, name)}"
        for name, words in ALIKE
        if getattr(other, name) != getattr(live, name)
    ]
    return listed(differs) if differs else ""
