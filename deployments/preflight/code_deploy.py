"""The checks of an ECS service that CodeDeploy deploys to: its group first, then all that swaps have in common."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import (
    code_deploy_repair,
    grants,
    health,
    health_settings,
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
from deployments.preflight.code_deploy_group import group, group_fits, running, termination
from deployments.preflight.code_deploy_hooks import hooks
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.code_deploy_ready import ready_option
from deployments.preflight.report import Result, error, ok
from deployments.preflight.words import listed, named

#: What the compute platform ECS needs beyond the application and group that every environment of this kind has.
_NEEDED = ("cluster", "service_name", "container_name", "blue_target_group", "green_target_group", "production_rule")


def complete(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """environment-complete, release-kind"""
    missing = [name.replace("_", " ") for name in _NEEDED if not getattr(settings, name)]
    if not settings.container_port:
        missing.append("container port")
    if missing:
        yield error(
            "environment-complete",
            f"{settings.label} has no {listed(missing)}, which a deployment to ECS needs.",
            "Complete the environment, or choose the compute platform Server if there is no ECS service.",
        )
    if artefact and not artefact.images:
        yield error(
            "release-kind",
            f"Release {artefact.version} has no image, only a bundle for servers.",
            "Register a release with an image for each container.",
        )


def service(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """service-active, service-controller, service-desired, service-target-group"""
    found = readings.find_service()
    yield services.active(settings, found)
    if found is None or found.status != "ACTIVE":
        return
    if found.controller != "CODE_DEPLOY":
        yield error(
            "service-controller",
            f"{found.name} has the deployment controller {found.controller}, so CodeDeploy cannot deploy to it.",
            "The controller is chosen when a service is created: create the service anew with CODE_DEPLOY, or choose "
            "the controller ROLLING or ECS in the environment.",
        )
        return
    yield ok("service-controller", f"{found.name} has the deployment controller CODE_DEPLOY.")
    yield from services.has_tasks(found, "CodeDeploy")
    yield _primary(settings, found.target_groups)


def _primary(settings: EnvironmentSettings, primary: tuple[str, ...]) -> Result:
    ours = {settings.blue_target_group, settings.green_target_group}
    if primary and set(primary) <= ours:
        return ok("service-target-group", f"The primary task set is in {listed(named(arn) for arn in primary)}.")
    seen = listed(named(arn) for arn in primary) if primary else "no target group"
    return error(
        "service-target-group",
        f"The primary task set of {settings.service_name} is in {seen}, which is not one of the environment's two.",
        "Correct the target groups in the environment; they are the pair of the deployment group.",
    )


def groups(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """target-groups, target-groups-vpc, target-groups-load-balancer: CodeDeploy itself attaches the idle one."""
    attached = any(group.load_balancer_arns for group in readings.groups)
    for result in target_groups.check(settings, artefact, readings):
        if result.check != "target-groups-load-balancer" or not attached:
            yield result


def production(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """production-rule, live-slot"""
    for result in traffic.production(settings, artefact, readings):
        if result.check != "production-rule-attached":
            yield result


def times(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """deregistration-delay, health-check-timing: how long a deployment takes is the deployment group's to say."""
    for result in timing.check(settings, artefact, readings):
        if result.check != "deployment-time":
            yield result


def allowed(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """permissions"""
    rows = permissions.resources(settings, artefact, readings)
    unalarmed = code_deploy_repair.group_without_its_alarms(settings, readings, rows["deployment group"])
    yield from permissions.ask_all(grants.CODE_DEPLOY, {**rows, **unalarmed}, readings)


#: `permissions` comes last: it does not ask about what the others have just read.
CODE_DEPLOY = Checklist(
    read=CodeDeployReadings,
    groups=(
        ("environment-complete", complete),
        ("deployment-group", group),
        ("target-groups", groups),
        ("production-rule", production),
        ("service", service),
        ("deployment-group-fits", group_fits),
        ("ready-option", ready_option),
        ("termination-wait", termination),
        ("code-deployment", running),
        ("appspec-hooks", hooks),
        ("health-check", health.check),
        ("health-settings", health_settings.of_both_slots),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_code_deploy),
        *BESIDE_THE_LIVE_ONE,
        ("scaling", scaling.while_codedeploy_shifts),
        ("timing", times),
        ("scheduled-tasks", scheduled.check),
        ("permissions", allowed),
    ),
)
