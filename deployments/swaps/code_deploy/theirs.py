"""An ECS service that somebody else deploys to by CodeDeploy: which deployment of the group came after ours.

A group runs one deployment at a time, so whoever wants another one has stopped ours, or has waited for its end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deployments.aws import appspecs, errors
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.protocol import Gateway
from deployments.frozen import EnvironmentSettings
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.steps.task_definition import short


@dataclass(frozen=True, kw_only=True)
class Theirs:
    deployment: CodeDeployment
    #: as its AppSpec names it; "" = that could not be read
    task_definition: str = ""
    #: container to image
    images: Mapping[str, str] = field(default_factory=dict)


def since(snapshot: Snapshot, gateway: Gateway, ours: CodeDeployment) -> Theirs | None:
    """The newest that came after ours, with what it brings."""
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    other = newest_after(snapshot, newest, ours)
    return read(settings, other, gateway) if other else None


def newest_after(
    snapshot: Snapshot, newest: Iterable[CodeDeployment], ours: CodeDeployment | None
) -> CodeDeployment | None:
    """The first of these, newest first, that is neither ours nor part of our way back; None where ours is newer."""
    for each in newest:
        if ours is not None and each.id == ours.id:
            return None
        undoes_ours = ours is not None and each.id == ours.rollback_id
        if not undoes_ours and f"[tealgate {snapshot.key}" not in each.description:
            return each
    return None


def read(settings: EnvironmentSettings, deployment: CodeDeployment, gateway: Gateway) -> Theirs:
    """With what its AppSpec brings, as far as that can be read."""
    try:
        content = gateway.appspec(settings.codedeploy_application, deployment.revision)
        found = gateway.task_definition(appspecs.task_definition_of(content))
    except (errors.NotFound, errors.Denied, appspecs.BadAppSpec):
        return Theirs(deployment=deployment)
    containers = found.document["containerDefinitions"]
    images = {container["name"]: container["image"] for container in containers}
    return Theirs(deployment=deployment, task_definition=found.arn, images=images)


def is_source(snapshot: Snapshot, theirs: Theirs) -> bool:
    """Whether it brings what was there before."""
    before = (snapshot.facts.source_task_definition, snapshot.facts.source_pinned)
    return bool(theirs.task_definition) and theirs.task_definition in before


def whose(deployment: CodeDeployment) -> str:
    """Such as "CodeDeploy's deployment d-1 of 2026-03-02 12:00:03 UTC (created by user: hotfix)"."""
    at = f" of {deployment.created_at:%Y-%m-%d %H:%M:%S} UTC" if deployment.created_at else ""
    said = " ".join(deployment.description.split())[:80]
    by = f"created by {deployment.creator or 'somebody'}" + (f": {said}" if said else "")
    return f"CodeDeploy's deployment {deployment.id}{at} ({by})"


def told(snapshot: Snapshot, theirs: Theirs) -> str:
    """What it does, in a sentence."""
    name, deployment = snapshot.settings.service_name, theirs.deployment
    image, _, digest = theirs.images.get(snapshot.settings.container_name, "").rpartition("/")[2].partition("@")
    shown = f" ({image}{f'@{digest[:19]}' if digest else ''})" if image else ""
    what = f"{short(theirs.task_definition)}{shown}" if theirs.task_definition else "another revision"
    if not deployment.is_over:
        return f"{whose(deployment)} deploys {what} to {name}; it was left alone."
    if deployment.status == "Succeeded":
        return f"{whose(deployment)} has put {what} on {name}; it was left alone."
    return f"{whose(deployment)} began to deploy {what} to {name} and {deployment.status}."
