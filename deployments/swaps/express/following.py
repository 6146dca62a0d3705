"""Reading ECS's own deployment of a service of Express Mode: has it been turned back, by whom, and is it there."""

from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Fail
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.steps.service_deployments import TURNED_BACK
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Status
from deployments.words import full_stop


def wrong(snapshot: Snapshot, observed: Observed) -> Fail | None:
    native = observed.native
    if native is None:
        return gone(snapshot)
    if native.status not in TURNED_BACK:
        return None
    if native.status in (Status.STOP_REQUESTED, Status.STOPPED):
        return Fail(reason=f"ECS stopped it because {stopped_by(snapshot, observed)}: {_why(native)}")
    return Fail(reason=f"ECS rolled it back by itself: {_why(native)}", followed=True)


def stopped_by(snapshot: Snapshot, observed: Observed) -> str:
    service, name = observed.service, snapshot.settings.service_name
    if service is None or is_deleted(observed):
        return f"the service {name} was deleted"
    return f"another deployment of {name} was started, which runs {short(service.task_definition)} now"


def is_deleted(observed: Observed) -> bool:
    return observed.service is None or observed.service.status != "ACTIVE"


def gone(snapshot: Snapshot) -> Fail:
    known = snapshot.facts.service_deployment
    return Fail(
        reason=f"ECS no longer knows the deployment {known}: the service {snapshot.settings.service_name} was deleted "
        "or made anew."
    )


def _why(native: NativeDeployment) -> str:
    """ECS's word, with the alarms that it went by."""
    said = native.rollback_reason or native.reason or "no reason given"
    unnamed = [alarm for alarm in native.triggered_alarms if alarm not in said]
    return f"{full_stop(said)} In ALARM: {', '.join(unnamed)}." if unnamed else full_stop(said)
