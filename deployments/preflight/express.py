"""The checks of a service of Express Mode: ECS makes all around it, and shifts its traffic by a canary of its own."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    alarms,
    execution_role,
    grants,
    health,
    health_settings,
    iam_roles,
    live_image,
    log_groups,
    network,
    permissions,
    rolling,
    scheduled,
    services,
    timing,
)
from deployments.preflight.checklist import Checklist
from deployments.preflight.express_readings import ExpressReadings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.words import ended, spelled
from deployments.red import Ailment
from deployments.words import counted

#: ECS's canary, which nobody can change: percent, and how long it and all traffic after it are watched.
CANARY_PERCENT = 5
CANARY_SECONDS = BAKE_SECONDS = 180


def service(settings: EnvironmentSettings, artefact: Artefact | None, readings: ExpressReadings) -> Iterator[Result]:
    """service-active, service-express, service-deployment, service-desired"""
    found = readings.find_service()
    yield services.active(settings, found)
    if found is None or found.status != "ACTIVE":
        return
    if not found.is_express:
        yield error(
            "service-express",
            f"{found.name} is no service of Express Mode, so UpdateExpressGatewayService would not change it.",
            "Read the environment from AWS again: it tells which controller fits.",
        )
        return
    yield ok("service-express", f"{found.name} is a service of Express Mode: ECS makes all that is around it.")
    yield services.no_other_deployment(found)
    yield from services.has_tasks(found, "ECS")


def own_alarms(settings: EnvironmentSettings, artefact: Artefact | None, readings: ExpressReadings) -> Iterator[Result]:
    """express-alarm, alarms: by which ECS rolls a deployment back, and those that the environment names"""
    name = settings.service_name
    for each in readings.managed.alarms:
        yield _own_alarm(name, each, readings)
    if not readings.managed.alarms:
        yield unknown("express-alarm", f"ECS tells of no alarm by which it would roll {name} back.")
    if settings.alarms:
        yield from alarms.check(settings, artefact, readings)


def checks(settings: EnvironmentSettings, artefact: Artefact | None, readings: ExpressReadings) -> Iterator[Result]:
    """checks-not-sent"""
    count = len(settings.smoke_checks) + len(settings.webhooks)
    if count:
        yield warning(
            "checks-not-sent",
            f"{counted(count, 'check')} of this environment {'is' if count == 1 else 'are'} not sent: Express Mode has "
            "no test traffic, and waits for nobody before production.",
            "Remove them here, and check what you can before: as a one-off task, or in another environment.",
        )


def deployment_time(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ExpressReadings
) -> Iterator[Result]:
    """deployment-time"""
    group = readings.live_target_group
    start = timing.START_SECONDS + group.health_interval + group.health_timeout
    seconds = start + CANARY_SECONDS + BAKE_SECONDS + group.deregistration_delay
    yield ok(
        "deployment-time",
        f"One deployment takes about {spelled(seconds)}, and so does a way back after its end: {spelled(start)} to "
        f"start, {CANARY_PERCENT} % of production for {spelled(CANARY_SECONDS)}, all of it for {spelled(BAKE_SECONDS)} "
        f"beside the previous tasks, {spelled(group.deregistration_delay)} to drain these. Express Mode lets nobody "
        "change that.",
    )


def _own_alarm(service: str, name: str, readings: ExpressReadings) -> Result:
    alarm = readings.alarms.get(name)
    if alarm is None:
        return warning(
            "express-alarm",
            f"The alarm {name} by which ECS rolls {service} back does not exist any more.",
            "Have ECS make it again (UpdateExpressGatewayService with a change), and name alarms of your own here.",
        )
    if alarm.state == "ALARM":
        why = f": {ended(alarm.reason)}" if alarm.reason else "."
        return error(
            "express-alarm",
            f"The alarm {name} by which ECS rolls {service} back is in ALARM{why} ECS would not go by it.",
            "Mend first what it complains about: it counts answers 4xx too, so links to pages that are gone may be it.",
            ails=(Ailment.ALARM, name),
            alone=f"The alarm {name} by which ECS rolls {service} back is in ALARM{why}",
        )
    return ok("express-alarm", f"ECS rolls {service} back by its own alarm {name}, which is {alarm.state}.")


#: `permissions` comes last: it does not ask about what the others have just read.
EXPRESS_MODE = Checklist(
    read=ExpressReadings,
    groups=(
        ("service", service),
        ("express-alarm", own_alarms),
        ("health-check", health.check),
        ("health-settings", health_settings.check),
        ("task-definition", rolling.definition),
        ("roles", iam_roles.check),
        ("execution-role", execution_role.check),
        ("log-groups", log_groups.check),
        ("live-image-exists", live_image.check),
        ("security-groups", network.security_groups),
        ("watch-5xx", alarms.watch),
        ("scaling", rolling.scaling),
        ("checks", checks),
        ("timing", deployment_time),
        ("scheduled-tasks", scheduled.check),
        ("permissions", permissions.of(grants.EXPRESS_MODE)),
    ),
)
