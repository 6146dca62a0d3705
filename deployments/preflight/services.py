"""The two ECS services: there, ours to steer, quiet, and each behind its own target group."""

import itertools
from collections.abc import Iterator

from deployments.aws.values import Service
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import ended, listed, named
from deployments.red import Ailment
from deployments.vocabulary import Slot
from deployments.words import counted

#: What ECS says of tasks that do not get up.
_TROUBLE = ("is unhealthy", "unable to", "failed container health checks")


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """service-active, service-controller, service-strategy, service-deployment, service-gateway,
    service-target-group, service-discovery
    """
    for slot in Slot:
        service = readings.service(slot)
        if service is None or service.status != "ACTIVE":
            yield _not_active(settings, slot, service)
            continue
        yield ok("service-active", f"{service.name} is ACTIVE, {counted(service.running, 'task')} running.")
        yield right_controller(service)
        yield _strategy(service)
        yield no_other_deployment(service, serves=readings.serves(slot))
        yield _gateway(service) if readings.gateway_route(service) else _target_group(settings, slot, service)
        yield from _past_the_listener(service)


def roles_in_deployment(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings
) -> Iterator[Result]:
    """service-source, service-target: what the live and the idle slot run."""
    source, target = readings.source, readings.target
    if source.running > 0:
        yield ok("service-source", f"{source.name} is live with {counted(source.running, 'running task')}.")
    else:
        yield error(
            "service-source",
            f"{source.name} is live, but runs no tasks (desired count {source.desired}): there is nothing to "
            "compare "
            "the release with, and nothing to come back to.",
            f"Set the desired count of {source.name} to what production needs and wait until its tasks run.",
            ails=(Ailment.TASKS if source.desired else Ailment.NOTHING, source.name),
            alone=f"{source.name} is live, but runs no tasks (desired count {source.desired}).",
        )
    if target and target.desired > 0:
        yield warning(
            "service-target",
            f"{target.name}, the idle slot, has a desired count of {target.desired}; its tasks are replaced "
            "without "
            "having served anyone.",
            f"Set the desired count of {target.name} to 0 unless somebody is looking at it.",
        )


def _not_active(settings: EnvironmentSettings, slot: Slot, service: Service | None) -> Result:
    name = settings.service(slot)
    seen = f"is {service.status}, not ACTIVE" if service else "does not exist"
    return error(
        "service-active",
        f"The service {name} ({slot} slot) {seen} in cluster {settings.cluster}.",
        f"Create {name} with desired count 0 behind the {slot} target group, or correct its name in the environment.",
    )


def active(settings: EnvironmentSettings, found: Service | None) -> Result:
    """Of the one service of an environment that has no pair."""
    if found and found.status == "ACTIVE":
        return ok("service-active", f"{found.name} is ACTIVE, {counted(found.running, 'task')} running.")
    seen = f"is {found.status}, not ACTIVE" if found else "does not exist"
    return error(
        "service-active",
        f"The service {settings.service_name} {seen} in cluster {settings.cluster}.",
        "Correct the name of the service or of the cluster in the environment, or create the service.",
    )


def has_tasks(found: Service, shifter: str) -> Iterator[Result]:
    if not found.desired:
        yield error(
            "service-desired",
            f"{found.name} has a desired count of 0, so {shifter} would shift traffic to a release without tasks.",
            f"Set the desired count of {found.name} to what production needs.",
            ails=(Ailment.NOTHING, found.name),
            alone=f"{found.name} has a desired count of 0.",
        )


def right_controller(service: Service) -> Result:
    if service.is_express:
        return error(
            "service-controller",
            f"{service.name} is a service of Express Mode: ECS owns its rules and target groups, and only "
            "UpdateExpressGatewayService changes it.",
            "Choose the controller EXPRESS_MODE, or read the environment from AWS again.",
        )
    if service.controller in ("", "ECS"):
        return ok("service-controller", f"{service.name} has the deployment controller ECS.")
    return error(
        "service-controller",
        f"{service.name} has the deployment controller {service.controller}, so ECS refuses a new task "
        "definition "
        "from anyone else.",
        f"Move {service.name} to the deployment controller ECS (UpdateService can do that while nothing is "
        "deployed), "
        "or make a new service.",
    )


def _strategy(service: Service) -> Result:
    if service.strategy in ("", "ROLLING"):
        return ok("service-strategy", f"{service.name} deploys by ROLLING, and leaves the traffic to Tealgate.")
    return error(
        "service-strategy",
        f"{service.name} has ECS's own strategy {service.strategy}, which shifts the same traffic as Tealgate.",
        f"Set deploymentConfiguration.strategy of {service.name} to ROLLING and take advancedConfiguration "
        "off its "
        "load balancer.",
    )


def no_other_deployment(service: Service, *, serves: bool = True) -> Result:
    primary = service.primary
    counts = f"{service.running} of {counted(service.desired, 'task')} running, {service.pending} pending"
    if len(service.deployments) > 1 or (primary and primary.rollout_state == "IN_PROGRESS" and not service.steady):
        return error(
            "service-deployment",
            f"Another deployment is running on {service.name}: {counts}.",
            "Wait until it is done, or finish it in ECS; if it never ends, its service events say why.",
            ails=(Ailment.ROLLOUT, service.name) if serves and does_not_get_on(service) else None,
        )
    if primary and primary.rollout_state == "FAILED":
        return warning(
            "service-deployment",
            f"The last deployment of {service.name} FAILED: {ended(primary.rollout_reason or 'ECS gives no reason')}",
            f"Look at the events of {service.name} before you deploy.",
        )
    if not service.steady:
        return warning(
            "service-deployment",
            f"{service.name} is not steady: {counts}.",
            "Check again when it has settled.",
        )
    return ok("service-deployment", f"No other deployment is running on {service.name}.")


def does_not_get_on(service: Service) -> bool:
    """Whether its tasks die, find no room or are not healthy; else somebody's deployment just takes its time."""
    if not service.running or (service.primary and service.primary.failed_tasks):
        return True
    since_steady = itertools.takewhile(lambda event: "has reached a steady state" not in event, service.events)
    return any(word in event for event in since_steady for word in _TROUBLE)


def _gateway(service: Service) -> Result:
    return error(
        "service-gateway",
        f"{service.name} is behind an ECS Gateway: ECS owns its rules and target groups, and does not put right what "
        "another changes there.",
        "Choose the controller ECS, by which ECS shifts them, or read the environment from AWS again.",
    )


def _target_group(settings: EnvironmentSettings, slot: Slot, service: Service) -> Result:
    wanted = settings.target_group(slot)
    place = f"{settings.container_name}:{settings.container_port}"
    registers = f"{service.container_name}:{service.container_port}"
    fix = (
        f"Set the load balancer of {service.name} to target group {named(wanted)} and {place} "
        "(UpdateService, loadBalancers), or correct the environment."
    )
    if wanted in service.target_groups and len(service.target_groups) > 1:
        others = listed(named(arn) for arn in service.target_groups if arn != wanted)
        return error(
            "service-target-group",
            f"{service.name} registers its tasks in {others} too. A swap of two services shifts the rule of one target "
            "group a slot, so what comes by the other way would reach the release as soon as its tasks start.",
            "Leave the target groups as they are, somebody's requests come through each of them: choose the controller "
            "ROLLING for this service, or serve each target group by a service of its own.",
        )
    if service.target_groups != (wanted,):
        groups = listed(named(arn) for arn in service.target_groups) if service.target_groups else "no target group"
        return error(
            "service-target-group",
            f"{service.name} registers its tasks in {groups}, but the {slot} slot is {named(wanted)}.",
            fix,
        )
    if registers != place:
        return error(
            "service-target-group",
            f"{service.name} registers {registers} in {named(wanted)}, but the environment says {place}.",
            fix,
        )
    return ok("service-target-group", f"{service.name} registers {place} in {named(wanted)}.")


def _past_the_listener(service: Service) -> Iterator[Result]:
    ways = [f"Cloud Map ({listed(named(arn) for arn in service.registries)})"] if service.registries else []
    ways += [f"VPC Lattice ({listed(named(way.target_group) for way in service.lattice)})"] if service.lattice else []
    ways += ["ECS Service Connect"] if service.service_connect else []
    if ways:
        yield warning(
            "service-discovery",
            f"Tasks of {service.name} are also reached by {listed(ways)}, past the listener: such callers get the "
            "release as soon as its tasks start, whatever the weights and gates say.",
            "Have those callers go through the load balancer, or deploy only what they can take at once.",
        )
