"""What runs where CodeDeploy deploys, read for the pages, and what it is about to bring: the group tells which runs."""

from dataclasses import replace

from deployments.aws import errors
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.protocol import Gateway
from deployments.frozen import EnvironmentSettings
from deployments.swaps.base import Live
from deployments.swaps.code_deploy import theirs
from deployments.swaps.steps import live_service, one_service


def of_service(settings: EnvironmentSettings, gateway: Gateway) -> Live:
    """Raises AwsError, or ValueError with a sentence when that cannot be told and no deployment explains it."""
    coming = _to_service(settings, gateway)
    try:
        return replace(one_service.live(settings, gateway), coming=coming)
    except ValueError:
        if coming is None:
            raise
        return Live(slot=None, images={}, settled=False, coming=coming)


def of_servers(settings: EnvironmentSettings, gateway: Gateway) -> Live:
    """The bundle of the group's last good deployment: what its servers have, and new ones get."""
    name = settings.codedeploy_group
    group = gateway.deployment_group(settings.codedeploy_application, name)
    last = group.last_successful
    if last is None or group.bundle is None:
        raise ValueError(f"CodeDeploy has brought no bundle to the servers of {name} yet; deploy one.")
    coming = _to_servers(group, gateway)
    return Live(
        slot=None,
        images={},
        bundle=group.bundle,
        by=last.id,
        since=last.ended_at or last.created_at,
        settled=coming is None,
        coming=coming,
    )


def _to_service(settings: EnvironmentSettings, gateway: Gateway) -> Live | None:
    """None also where the group cannot be read: what runs is told by the service."""
    try:
        group = gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group)
    except (errors.Denied, errors.NotFound):
        return None
    number = _under_way(group)
    if not number:
        return None
    found = theirs.read(settings, gateway.code_deployment(number), gateway)
    digests, by = live_service.pinned(found.images), theirs.whose(found.deployment)
    return Live(slot=None, images=found.images, digests=digests, by=by, settled=False)


def _to_servers(group: DeploymentGroup, gateway: Gateway) -> Live | None:
    number = _under_way(group)
    if not number:
        return None
    deployment = gateway.code_deployment(number)
    return Live(slot=None, images={}, bundle=deployment.bundle, by=theirs.whose(deployment), settled=False)


def _under_way(group: DeploymentGroup) -> str:
    """Number of the deployment that runs; "" = none does."""
    newest = group.last_attempted
    return newest.id if newest is not None and not newest.is_over else ""
