"""The checks of one service whose traffic ECS shifts by its own BLUE_GREEN, CANARY or LINEAR strategy."""

from collections.abc import Iterator, Mapping

from deployments.aws import values
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    alarms,
    capacity,
    grants,
    health,
    network,
    other_rules,
    permissions,
    roles,
    scaling,
    services,
    target_groups,
    task_definition,
    timing,
    traffic,
)
from deployments.preflight.checklist import Checklist
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.readings import NotLooked
from deployments.preflight.report import Result, error, ok
from deployments.preflight.words import named
from deployments.vocabulary import Slot
from deployments.words import counted


class NativeReadings(PairReadings):
    """Two target groups like a pair, but one service behind them."""

    def find_service(self) -> values.Service | None:
        name = self._settings.service_name
        found = self._once(("services",), lambda: self._gateway.services(self._settings.cluster, (name,)))
        return found.get(name)

    def service(self, slot: Slot) -> values.Service | None:
        return self.find_service() if slot is self.live_slot else None

    @property
    def source(self) -> values.Service:
        service = self.find_service()
        if service is None:
            raise NotLooked(f"the service {self._settings.service_name} does not exist")
        return service

    @property
    def services(self) -> tuple[values.Service, ...]:
        service = self.find_service()
        return (service,) if service else ()

    @property
    def scalable_targets(self) -> Mapping[Slot, values.ScalableTarget]:
        resource = f"service/{named(self._settings.cluster)}/{self._settings.service_name}"
        found = self._once(("scalable_targets",), lambda: self._gateway.scalable_targets((resource,)))
        return {self.live_slot: found[resource]} if resource in found else {}


def service(settings: EnvironmentSettings, artefact: Artefact | None, readings: NativeReadings) -> Iterator[Result]:
    """service-active, service-controller, service-deployment, service-desired, advanced-configuration"""
    found = readings.find_service()
    if found is None or found.status != "ACTIVE":
        seen = f"is {found.status}, not ACTIVE" if found else "does not exist"
        yield error(
            "service-active",
            f"The service {settings.service_name} {seen} in cluster {settings.cluster}.",
            "Correct the name of the service or of the cluster in the environment, or create the service.",
        )
        return
    yield ok("service-active", f"{found.name} is ACTIVE, {counted(found.running, 'task')} running.")
    yield services.right_controller(found)
    yield services.no_other_deployment(found)
    if not found.desired:
        yield error(
            "service-desired",
            f"{found.name} has a desired count of 0, so ECS would shift traffic to a release without tasks.",
            f"Set the desired count of {found.name} to what production needs.",
        )
    yield from _advanced(settings, found)


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


def allowed(settings: EnvironmentSettings, artefact: Artefact | None, readings: NativeReadings) -> Iterator[Result]:
    """permissions"""
    yield from permissions.check(settings, artefact, readings, grants.ECS)


#: `permissions` comes last: it does not ask about what the others have just read.
NATIVE = Checklist(
    read=NativeReadings,
    groups=(
        ("target-groups", target_groups.check),
        ("production-rule", traffic.production),
        ("service", service),
        ("health-check", health.check),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_ecs),
        ("stickiness", traffic.stickiness),
        ("task-definition", task_definition.check),
        ("roles", roles.check),
        ("target-type", target_groups.target_type),
        ("host-port", network.host_port),
        ("security-groups", network.security_groups),
        ("capacity", capacity.check),
        ("alarms", alarms.check),
        ("watch-5xx", alarms.watch),
        ("scaling", scaling.while_ecs_shifts),
        ("timing", timing.check),
        ("permissions", allowed),
    ),
)
