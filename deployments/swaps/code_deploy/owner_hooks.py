"""Lambda functions that the owner's AppSpec names: read first of all, shown in the plan, named where they run."""

from dataclasses import replace

from deployments.aws import appspecs, errors
from deployments.aws.appspecs import AppSpecHook
from deployments.aws.codedeploy_values import CodeDeployTarget
from deployments.aws.protocol import Gateway
from deployments.frozen import EnvironmentSettings
from deployments.swaps.code_deploy.facts import Snapshot


def read(settings: EnvironmentSettings, gateway: Gateway) -> tuple[AppSpecHook, ...]:
    """Of the group's last deployment. Where its AppSpec is gone there is nothing to keep. Raises BadAppSpec."""
    application, group = settings.codedeploy_application, settings.codedeploy_group
    last = appspecs.last(gateway.newest_code_deployments(application, group))
    try:
        return appspecs.hooks_of(gateway.appspec(application, last.revision)) if last else ()
    except errors.NotFound:
        return ()


def lines(settings: EnvironmentSettings, gateway: Gateway) -> tuple[tuple[str, str], ...]:
    """For the plan, as (sign, text); none where they cannot be read, of which preflight tells."""
    try:
        kept = read(settings, gateway)
    except appspecs.BadAppSpec:
        return ()
    return tuple((" ", f"AppSpec hook at {hook.event}: {hook.function} (kept)") for hook in kept)


def targets_of(snapshot: Snapshot, gateway: Gateway, number: str) -> tuple[CodeDeployTarget, ...]:
    """A deployment's targets, their lifecycle events with the functions that they run: CodeDeploy does not tell."""
    return tuple(_named(snapshot, target) for target in gateway.code_deployment_targets(number))


def _named(snapshot: Snapshot, target: CodeDeployTarget) -> CodeDeployTarget:
    runs = {hook.event: hook.function for hook in snapshot.facts.hooks}
    return replace(
        target, events=tuple(replace(each, script=each.script or runs.get(each.name, "")) for each in target.events)
    )
