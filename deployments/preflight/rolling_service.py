"""The one service whose tasks ECS replaces: whether it can be deployed to at all, and what its owner has set."""

from collections.abc import Iterator

from deployments.aws.values import Service
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import percents, services
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.service_readings import ServiceReadings
from deployments.red import Ailment
from deployments.words import counted


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: ServiceReadings) -> Iterator[Result]:
    """service-active, service-controller, service-strategy, service-deployment, service-desired, service-percent,
    early-success"""
    found = readings.find_service()
    yield services.active(settings, found)
    if found is None or found.status != "ACTIVE":
        return
    yield services.right_controller(found)
    yield _strategy(found)
    yield services.no_other_deployment(found)
    yield _desired(settings, found)
    yield from percents.check(settings, found)
    yield from _early_success(found)


def _strategy(found: Service) -> Result:
    if found.strategy in ("", "ROLLING"):
        return ok("service-strategy", f"{found.name} deploys by ROLLING.")
    return error(
        "service-strategy",
        f"{found.name} has ECS's own strategy {found.strategy}, not ROLLING.",
        "Choose the controller ECS in the environment, or set deploymentConfiguration.strategy to ROLLING.",
    )


def _desired(settings: EnvironmentSettings, found: Service) -> Result:
    if found.desired:
        return ok("service-desired", f"{found.name} is to run {counted(found.desired, 'task')}.")
    if settings.may_run_nothing and not settings.desired(0):
        return warning(
            "service-desired",
            f"{found.name} has a desired count of 0, which this environment allows: no task is started, so nothing "
            "shows whether the release works before somebody scales it up.",
            f"Set the desired count of {found.name} first if the release is to be seen running.",
        )
    return error(
        "service-desired",
        f"{found.name} has a desired count of 0: no task would be started, so nothing would show whether the "
        "release works.",
        f"Set the desired count of {found.name} to what production needs.",
        ails=(Ailment.NOTHING, found.name),
        alone=f"{found.name} has a desired count of 0.",
    )


def _early_success(found: Service) -> Iterator[Result]:
    percent = found.early_success_percent
    if percent is not None:
        cleanup = found.deployment_configuration["earlySuccessCriteria"].get("sourceServiceRevisionCleanup")
        old = "while old ones may still run" if cleanup == "DEFERRED" else "once the old ones are gone"
        yield warning(
            "early-success",
            f"ECS calls a deployment of {found.name} successful when {percent} % of its tasks are healthy, {old} "
            "(earlySuccessCriteria), and neither its circuit breaker nor its alarms turn anything back from then on. "
            "Tealgate keeps the setting, and watches by itself until all tasks run the release.",
            f"To have ECS judge until all tasks run, set earlySuccessCriteria.enable of {found.name} to false.",
        )
