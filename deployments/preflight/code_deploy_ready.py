"""Ready, where a deployment group waits for a person: that somebody is asked there, and that there is such a place."""

from collections.abc import Iterator

from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.frozen import Artefact, EnvironmentSettings, GateSpec
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, spelled
from deployments.vocabulary import Stage
from deployments.words import stage_label

_STAGE = Stage.PRE_PRODUCTION_TRAFFIC_SHIFT


def ready_option(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """ready-option: of an ECS service, and of servers"""
    found = readings.group
    gates = [gate for gate in settings.gates if gate.stage == _STAGE]
    if found.style == "IN_PLACE" and not gates:
        return  # whatever its options for blue/green say
    if found.style == "IN_PLACE":
        yield error(
            "ready-option",
            f"The environment has a gate at {stage_label(_STAGE)}, but {found.name} installs in place: "
            "each instance serves the release as soon as it has it, and nothing waits before that.",
            f"Move the gate to {stage_label(Stage.PRE_SCALE_UP)}, or have the group replace its instances "
            "(deploymentStyle BLUE_GREEN).",
        )
    elif found.ready_action == "STOP_DEPLOYMENT":
        yield from _asked(settings, found, gates)
    elif wanted := [*_wanted(settings)]:
        yield error(
            "ready-option",
            f"The environment has {listed(wanted)} before production, but {found.name} reroutes traffic at once "
            "(deploymentReadyOption CONTINUE_DEPLOYMENT).",
            "Set deploymentReadyOption.actionOnTimeout of the group to STOP_DEPLOYMENT with waitTimeInMinutes as long "
            "as people may take, such as 1440.",
        )


def _asked(settings: EnvironmentSettings, found: DeploymentGroup, gates: list[GateSpec]) -> Iterator[Result]:
    """The group's owner has it wait for a person, and one is asked; or the owner has taken that back in words."""
    limit = spelled(60 * found.ready_minutes)
    checked = bool(settings.smoke_checks or settings.webhooks)
    if not gates and not checked and not settings.unattended:
        yield error(
            "ready-option",
            f"{found.name} waits up to {limit} in Ready for somebody's approval (deploymentReadyOption "
            "STOP_DEPLOYMENT), but the environment has no gate there, so nobody would be asked.",
            f"Add a gate at {stage_label(_STAGE)} to the environment. If nobody is to be asked, say so with a reason "
            "on the environment's page (“Go on unasked”), or set the group to CONTINUE_DEPLOYMENT.",
        )
        return
    after = " Tealgate lets it go on: " + settings.unattended if not gates and settings.unattended else ""
    yield ok("ready-option", f"{found.name} waits up to {limit} in Ready, and is stopped when nobody answers.{after}")
    if not gates and checked and not settings.unattended:
        yield warning(
            "ready-option",
            f"{found.name} waits up to {limit} in Ready, where no person is asked: Tealgate has its checks there, "
            "and lets CodeDeploy go on as soon as they are good.",
            f"Add a gate at {stage_label(_STAGE)} to the environment if people are to decide there.",
        )
    if any(gate.timeout_minutes > found.ready_minutes for gate in gates):
        yield warning(
            "ready-option",
            f"The gate may stay open for longer than the {limit} after which CodeDeploy stops the deployment.",
            "Make waitTimeInMinutes of the group at least as long as the gate; the shorter of both counts.",
        )


def _wanted(settings: EnvironmentSettings) -> Iterator[str]:
    """What CodeDeploy has to wait in Ready for."""
    if any(gate.stage == _STAGE for gate in settings.gates):
        yield "a gate"
    if settings.smoke_checks:
        yield "checks"
    if settings.webhooks:
        yield "webhooks"
