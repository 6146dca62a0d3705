"""The checks of one service whose traffic ECS shifts by its own BLUE_GREEN, CANARY or LINEAR strategy."""

from collections.abc import Iterator

from deployments.aws import values
from deployments.aws.listeners import is_network, load_balancer_of
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    grants,
    health,
    other_rules,
    permissions,
    scaling,
    services,
    target_groups,
    timing,
    traffic,
)
from deployments.preflight.beside import BESIDE_THE_LIVE_ONE
from deployments.preflight.checklist import Checklist
from deployments.preflight.one_service_readings import OneServiceReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, named
from deployments.vocabulary import Stage


def service(settings: EnvironmentSettings, artefact: Artefact | None, readings: OneServiceReadings) -> Iterator[Result]:
    """service-active, service-controller, service-deployment, service-desired, advanced-configuration, own-pauses"""
    found = readings.find_service()
    yield services.active(settings, found)
    if found is None or found.status != "ACTIVE":
        return
    yield services.right_controller(found)
    yield services.no_other_deployment(found)
    yield from services.has_tasks(found, "ECS")
    yield from _advanced(settings, found)
    yield from _own_pauses(settings, found)


def _advanced(settings: EnvironmentSettings, found: values.Service) -> Iterator[Result]:
    if not found.alternate_target_group:
        yield error(
            "advanced-configuration",
            f"{found.name} has no advancedConfiguration on its load balancer, so ECS can only roll it.",
            "Give the service an alternate target group, a production listener rule and the infrastructure role "
            "(UpdateService, loadBalancers.advancedConfiguration), or choose the controller ROLLING.",
        )
        return
    both = {*found.target_groups, found.alternate_target_group}
    if both != {settings.blue_target_group, settings.green_target_group}:
        yield error(
            "advanced-configuration",
            f"{found.name} shifts between {' and '.join(sorted(named(group) for group in both))}, which are not the "
            "environment's two target groups.",
            "Read the environment from AWS again.",
        )
    elif found.production_rule != settings.production_rule:
        yield error(
            "advanced-configuration",
            f"{found.name} shifts the rule {found.production_rule}, not the environment's production rule.",
            "Read the environment from AWS again.",
        )
    elif not found.infrastructure_role:
        yield error(
            "advanced-configuration",
            f"{found.name} names no infrastructure role, so ECS may not write the listener's weights.",
            "Name a role with AmazonECSInfrastructureRolePolicyForLoadBalancers in advancedConfiguration.roleArn.",
        )
    else:
        yield ok("advanced-configuration", f"{found.name} is set up for ECS's own traffic shift.")


def _own_pauses(settings: EnvironmentSettings, found: values.Service) -> Iterator[Result]:
    """Those that ECS holds for the service's owner, in every deployment."""
    hooks = found.deployment_configuration.get("lifecycleHooks", ())
    own = {stage for hook in hooks if hook.get("targetType") == "PAUSE" for stage in hook.get("lifecycleStages", ())}
    gates = {gate.stage for gate in settings.gates if gate.stage != Stage.PRE_SCALE_UP}
    checked = {Stage.POST_TEST_TRAFFIC_SHIFT} if settings.smoke_checks or settings.webhooks else set()
    for stage in sorted(own & checked - gates):
        yield warning(
            "own-pauses",
            f"{found.name} has a pause of its own at {stage}. Tealgate has its checks there, and lets ECS go on as "
            "soon as they are good.",
            f"Add a gate at {stage} to the environment if people are to decide there.",
        )
    if others := sorted(own - checked - gates):
        yield warning(
            "own-pauses",
            f"{found.name} has a pause of its own at {listed(others)}: Tealgate keeps it, and does not answer it.",
            "Answer it in ECS in every deployment (ContinueServiceDeployment), or have a gate of the environment "
            "instead.",
        )


def network_load_balancer(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: OneServiceReadings
) -> Iterator[Result]:
    """network-load-balancer"""
    if not is_network(settings.production_rule):
        return
    name = named(load_balancer_of(settings.production_rule))
    yield warning(
        "network-load-balancer",
        f"{name} is a Network Load Balancer, which counts no answers: neither 5xx nor latency is watched, only alarms "
        "and the health of targets. ECS waits 10 min more at each shift of test and production traffic.",
        "Name alarms that see what callers see, such as the application's own.",
    )


#: `permissions` comes last: it does not ask about what the others have just read.
NATIVE = Checklist(
    read=OneServiceReadings,
    groups=(
        ("target-groups", target_groups.check),
        ("production-rule", traffic.production),
        ("network-load-balancer", network_load_balancer),
        ("service", service),
        ("health-check", health.check),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_ecs),
        ("stickiness", traffic.stickiness),
        *BESIDE_THE_LIVE_ONE,
        ("scaling", scaling.while_ecs_shifts),
        ("timing", timing.check),
        ("permissions", permissions.of(grants.ECS)),
    ),
)
