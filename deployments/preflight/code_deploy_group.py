"""The deployment group: there, quiet, and for the environment's service and listeners."""

from collections.abc import Iterator

from deployments.aws.listeners import listener_of
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, named, spelled

_UPDATE = "Change it with UpdateDeploymentGroup, or correct the environment."


def group(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """deployment-group, deployment-group-platform"""
    found = readings.find_group()
    name = f"{settings.codedeploy_application}/{settings.codedeploy_group}"
    if found is None:
        yield error(
            "deployment-group",
            f"The deployment group {name} does not exist in CodeDeploy.",
            "Correct the application and the group in the environment, in upper and lower case, or create them.",
        )
        return
    yield ok("deployment-group", f"The deployment group {name} exists, with the configuration {found.config}.")
    if found.platform != settings.compute_platform:
        yield error(
            "deployment-group-platform",
            f"{name} deploys to {found.platform}, but the environment says {settings.compute_platform}.",
            "Choose the compute platform in the environment that the application has.",
        )


def group_fits(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """deployment-group-service, deployment-group-target-groups, production-listener, test-listener"""
    found = readings.group
    wanted = (named(settings.cluster), settings.service_name)
    services = [(named(cluster), named(service)) for cluster, service in found.services]
    if services != [wanted]:
        seen = listed("/".join(each) for each in services)
        yield error("deployment-group-service", f"{found.name} deploys to {seen}, not to {'/'.join(wanted)}.", _UPDATE)
    else:
        yield ok("deployment-group-service", f"{found.name} deploys to {'/'.join(wanted)}.")
    ours = {named(settings.blue_target_group), named(settings.green_target_group)}
    if {named(name) for name in found.target_groups} != ours:
        yield error(
            "deployment-group-target-groups",
            f"{found.name} swaps {listed(found.target_groups)}, but the environment's target groups are "
            f"{listed(sorted(ours))}.",
            _UPDATE,
        )
    else:
        yield ok("deployment-group-target-groups", f"{found.name} swaps the environment's two target groups.")
    if listener_of(settings.production_rule) != found.production_listener:
        yield error(
            "production-listener",
            f"{found.name} shifts the listener {found.production_listener or '(none)'}, but the production rule is of "
            f"{listener_of(settings.production_rule)}.",
            "Name the default rule of the group's production listener in the environment.",
        )
    yield from _test_listener(settings, found.test_listener)


def _test_listener(settings: EnvironmentSettings, listener: str) -> Iterator[Result]:
    if not listener and (settings.test_rule or settings.smoke_checks):
        what = "smoke checks" if settings.smoke_checks else "a test rule"
        yield error(
            "test-listener",
            f"The environment has {what}, but the deployment group has no test traffic route, so nothing would "
            "answer for the release before production does.",
            "Give the group a test listener (loadBalancerInfo, testTrafficRoute), or take the checks and the test "
            "rule out of the environment.",
        )
    elif listener and settings.test_rule and listener_of(settings.test_rule) != listener:
        yield error(
            "test-listener",
            f"The group shifts the test listener {listener}, but the test rule is of "
            f"{listener_of(settings.test_rule)}.",
            "Name the default rule of the group's test listener in the environment.",
        )
    elif listener and not settings.test_rule and not settings.test_url:
        yield warning(
            "test-listener",
            "The deployment group shifts test traffic, but the environment names neither its rule nor its address.",
            "Name the test rule and the test URL, so that a release can be looked at before production.",
        )


def termination(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings
) -> Iterator[Result]:
    """termination-wait"""
    found = readings.group
    if found.termination_action == "KEEP_ALIVE" or not found.termination_minutes:
        yield warning(
            "termination-wait",
            f"{found.name} ends a deployment as soon as all traffic has moved: no roll back is possible afterwards.",
            "Set terminateBlueInstancesOnDeploymentSuccess to TERMINATE after some minutes, such as 60.",
        )
    else:
        kept = spelled(60 * found.termination_minutes)
        yield ok("termination-wait", f"The source is kept for {kept} after all traffic has moved.")


def running(settings: EnvironmentSettings, artefact: Artefact | None, readings: CodeDeployReadings) -> Iterator[Result]:
    """code-deployment"""
    active = [each for each in readings.deployments if not each.is_over]
    if not active:
        yield ok("code-deployment", f"No deployment of {readings.group.name} is running.")
    for each in active:
        yield error(
            "code-deployment",
            f"{each.id} is running in {readings.group.name} ({each.status}), and CodeDeploy allows one at a time.",
            "Wait until it has ended, or stop it in CodeDeploy.",
        )
