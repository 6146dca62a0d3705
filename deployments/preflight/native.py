"""The checks of one service whose traffic ECS shifts by its own BLUE_GREEN, CANARY or LINEAR strategy."""

from collections.abc import Iterator

from deployments.aws import values
from deployments.aws.listeners import is_network, load_balancer_of
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    grants,
    health,
    health_settings,
    lattice,
    native_hooks,
    other_rules,
    permissions,
    scaling,
    scheduled,
    services,
    target_groups,
    timing,
    traffic,
)
from deployments.preflight.beside import BESIDE_THE_LIVE_ONE
from deployments.preflight.checklist import Checklist
from deployments.preflight.native_readings import NativeReadings
from deployments.preflight.report import Level, Result, error, ok, warning
from deployments.preflight.words import named


def service(settings: EnvironmentSettings, artefact: Artefact | None, readings: NativeReadings) -> Iterator[Result]:
    """service-active, -controller, -deployment and -desired, advanced-configuration, and those of `lattice` and
    `native_hooks`"""
    found = readings.find_service()
    yield services.active(settings, found)
    if found is None or found.status != "ACTIVE":
        return
    yield services.right_controller(found)
    other = services.no_other_deployment(found)
    if other.level is Level.ERROR:  # what it waits for is said first: that is what somebody has to do
        yield from native_hooks.waiting(settings, found, readings)
    yield other
    yield from services.has_tasks(found, "ECS")
    yield from lattice.check(found, readings)
    yield from _advanced(settings, found, behind_gateway=readings.is_behind_gateway)
    yield from native_hooks.own(settings, found)


def _advanced(settings: EnvironmentSettings, found: values.Service, *, behind_gateway: bool) -> Iterator[Result]:
    if behind_gateway and not found.alternate_target_group:
        yield error(
            "advanced-configuration",
            f"{found.name} is behind an ECS Gateway, but ECS does not tell of two target groups and a rule that it "
            "made for it, so it can only roll it.",
            "Wait until its deployment is over, or choose the controller ROLLING.",
        )
        return
    if not found.alternate_target_group and any(way.is_shifted for way in found.lattice):
        yield error(
            "advanced-configuration",
            f"ECS shifts {found.name} at VPC Lattice alone: Tealgate cannot see there who is live and what callers "
            "get.",
            "Deploy it by ECS itself, or give it a load balancer beside that, by which it can be watched.",
        )
        return
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
    elif behind_gateway:
        yield ok(
            "advanced-configuration",
            f"{found.name} is behind an ECS Gateway: ECS shifts the rule that it made for it, and nobody else may.",
        )
    elif not found.infrastructure_role:
        yield error(
            "advanced-configuration",
            f"{found.name} names no infrastructure role, so ECS may not write the listener's weights.",
            "Name a role with AmazonECSInfrastructureRolePolicyForLoadBalancers in advancedConfiguration.roleArn.",
        )
    else:
        yield ok("advanced-configuration", f"{found.name} is set up for ECS's own traffic shift.")


def network_load_balancer(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: NativeReadings
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
    read=NativeReadings,
    groups=(
        ("target-groups", target_groups.check),
        ("production-rule", traffic.production),
        ("network-load-balancer", network_load_balancer),
        ("service", service),
        ("health-check", health.check),
        ("health-settings", health_settings.of_both_slots),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_ecs),
        ("stickiness", traffic.stickiness),
        *BESIDE_THE_LIVE_ONE,
        ("scaling", scaling.while_ecs_shifts),
        ("timing", timing.check),
        ("scheduled-tasks", scheduled.check),
        ("permissions", permissions.of(grants.ECS)),
    ),
)
