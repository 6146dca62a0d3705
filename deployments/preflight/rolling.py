"""The checks of one service whose tasks ECS replaces a few at a time."""

import functools
import math
from collections.abc import Callable, Iterable, Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    alarms,
    capacity,
    execution_role,
    grants,
    health,
    health_settings,
    iam_roles,
    live_image,
    log_groups,
    network,
    percents,
    permissions,
    rolling_service,
    scheduled,
    stop_timeout,
    target_groups,
    task_definition,
    timing,
)
from deployments.preflight.checklist import Checklist
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.service_readings import ServiceReadings
from deployments.preflight.words import listed, named, spelled
from deployments.words import counted

Check = Callable[[EnvironmentSettings, Artefact | None, ServiceReadings], Iterable[Result]]


def target_group(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings
) -> Iterator[Result]:
    """target-group"""
    found = readings.source
    if not found.target_groups:
        yield ok(
            "target-group",
            f"{found.name} is behind no target group, so ECS goes by its tasks alone: one without a container "
            "health check counts as healthy once it has run for 40 s.",
        )
        return
    known = {group.arn for group in readings.groups}
    for arn in found.target_groups:
        if arn not in known:
            yield error(
                "target-group",
                f"{found.name} registers its tasks in the target group {named(arn)}, which does not exist.",
                f"Give {found.name} a target group that exists (UpdateService, loadBalancers).",
            )
    if readings.groups:
        yield ok("target-group", f"{found.name} is behind {listed(group.name for group in readings.groups)}.")


def definition(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings) -> Iterator[Result]:
    """task-definition-active, task-definition-registrable, task-definition-tags, live-image, one-off-volumes,
    container-port"""
    yield from task_definition.usable(settings, artefact, readings)
    if readings.source.target_groups and readings.find_task_definition():
        yield task_definition.port(settings, readings.base(artefact))


def room(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings) -> Iterator[Result]:
    """capacity: for the tasks that maximumPercent lets run beside the old ones"""
    found, definition = percents.during(settings, readings.source), readings.base(artefact)
    if task_definition.on_fargate(found, definition):
        yield ok("capacity", "Fargate finds the room for new tasks beside the old ones.")
        return
    wanted = percents.most(found) - found.desired if found.desired else settings.desired(0)
    cpu, memory = capacity.task_size(definition)
    if not memory and not cpu:
        yield unknown("capacity", "The task definition names neither cpu nor memory, so what it needs is not known.")
        return
    fits = sum(capacity.tasks_that_fit(instance, cpu, memory) for instance in readings.capacity.remaining)
    where = f"{counted(len(readings.capacity.remaining), 'container instance')} of cluster {settings.cluster}"
    need = f"{counted(wanted, 'task')} ({cpu} CPU units and {memory} MiB each) beside the old ones"
    if fits >= wanted:
        yield ok("capacity", f"There is room for {need} on {where}.")
    elif fits or percents.least(found) < found.desired or found.capacity_provider_strategy:
        yield warning(
            "capacity",
            f"maximumPercent {found.maximum_percent} lets {need} start, but {where} have room for {fits}: it will "
            "take longer.",
            "Add container instances, or check that the capacity provider may start some.",
        )
    else:
        yield error(
            "capacity",
            f"{found.name} keeps all {found.desired} old tasks until new ones run (minimumHealthyPercent "
            f"{found.minimum_healthy_percent}), but {where} have no room for a single new one.",
            "Add container instances, make the tasks smaller, or lower minimumHealthyPercent.",
        )


def host_port(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings) -> Iterator[Result]:
    """host-port: fixed ports keep the new task off the old one's instance."""
    definition, found = readings.base(artefact), readings.source
    port = network.fixed_port(settings, definition)
    if not port:
        return
    yield warning(
        "host-port",
        f"Container {settings.container_name} of {named(definition.arn)} takes port {port} of its instance, so a new "
        f"task cannot start beside an old one there ({found.name} has {counted(found.desired, 'task')}).",
        "Set hostPort to 0 in the task definition, or have an instance to spare.",
    )


def scaling(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings) -> Iterator[Result]:
    """scalable-targets"""
    name = settings.service_name
    for target in readings.scalable_targets.values():
        state = ", suspended now" if target.suspended else ""
        yield ok(
            "scalable-targets",
            f"{name} is scaled automatically between {target.minimum} and {target.maximum} tasks{state}; that goes on "
            "during a deployment.",
        )
    if not readings.is_scaled:
        yield ok("scalable-targets", f"{name} is not scaled automatically.")


def deployment_time(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings
) -> Iterator[Result]:
    """deregistration-delay, stop-timeout, deployment-time"""
    for group in readings.groups:
        yield timing.deregistration_delay(group)
        yield from stop_timeout.after_draining(settings, group)
    found = percents.during(settings, readings.source)
    # Each wave starts what fits between the two percentages, and the next one waits until the old tasks have left.
    step = max(percents.most(found) - percents.least(found), 1)
    waves = math.ceil(settings.desired(found.desired) / step)
    healthy = max((group.health_interval + group.health_timeout for group in readings.groups), default=40)
    drain = max((group.deregistration_delay for group in readings.groups), default=0)
    seconds = waves * (timing.START_SECONDS + healthy + drain) + settings.bake_seconds
    yield ok(
        "deployment-time",
        f"One deployment takes about {spelled(seconds)}: {counted(settings.desired(found.desired), 'task')} in "
        f"{counted(waves, 'wave')}, each about {spelled(timing.START_SECONDS + healthy)} to start and {spelled(drain)} "
        f"to drain, then {spelled(settings.bake_seconds)} of watching.",
    )


def _behind_target_group(check: Callable[[EnvironmentSettings, Artefact | None, Readings], Iterable[Result]]) -> Check:
    """A check that only says something about services that are behind a target group."""

    @functools.wraps(check)
    def checked(
        settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings
    ) -> Iterator[Result]:
        if readings.source.target_groups:
            yield from check(settings, artefact, readings)

    return checked


#: `permissions` comes last: it does not ask about what the others have just read.
ROLLING = Checklist(
    read=ServiceReadings,
    groups=(
        ("service", rolling_service.check),
        ("target-group", target_group),
        ("health-check", _behind_target_group(health.check)),
        ("health-settings", _behind_target_group(health_settings.check)),
        ("task-definition", definition),
        ("roles", iam_roles.check),
        ("execution-role", execution_role.check),
        ("log-groups", log_groups.check),
        ("live-image-exists", live_image.check),
        ("target-type", _behind_target_group(target_groups.target_type)),
        ("host-port", host_port),
        ("security-groups", _behind_target_group(network.security_groups)),
        ("capacity", room),
        ("alarms", alarms.check),
        ("watch-5xx", _behind_target_group(alarms.watch)),
        ("scaling", scaling),
        ("timing", deployment_time),
        ("scheduled-tasks", scheduled.check),
        ("permissions", permissions.of(grants.ROLLING)),
    ),
    changing=frozenset({"service", "task-definition", "capacity", "alarms", "scheduled-tasks"}),
)
