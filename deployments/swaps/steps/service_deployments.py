"""One of ECS's own deployments as it is read: is it past a stage, has it ended, which one deploys this revision."""

from collections.abc import Sequence

from deployments.aws.protocol import Gateway
from deployments.aws.values import NativeDeployment
from deployments.vocabulary import Stage, Status

ORDER = {str(stage): index for index, stage in enumerate(Stage)}
TURNED_BACK = (
    Status.STOP_REQUESTED,
    Status.STOPPED,
    Status.ROLLBACK_REQUESTED,
    Status.ROLLBACK_IN_PROGRESS,
    Status.ROLLBACK_SUCCESSFUL,
    Status.ROLLBACK_FAILED,
)


def beyond(native: NativeDeployment, stage: str) -> bool:
    """Whether ECS is past this stage. A stage that AWS added since counts as not past."""
    if native.status == Status.SUCCESSFUL:
        return True
    return ORDER.get(native.stage, -1) > ORDER[str(stage)]


def deploying(newest: Sequence[str], task_definition: str, gateway: Gateway) -> NativeDeployment | None:
    """The first of these that deploys this task definition."""
    found = gateway.service_deployments(newest) if newest else {}
    targets = {native.target_revision for native in found.values() if native.target_revision}
    revisions = gateway.service_revisions(targets) if targets else {}
    for arn in newest:
        revision = revisions.get(found[arn].target_revision) if arn in found else None
        if revision and revision.task_definition == task_definition:
            return found[arn]
    return None
