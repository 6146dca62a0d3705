"""StopDeployment and ContinueDeployment: what people ask of a running deployment."""

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Deployment, Json
from sandbox.codedeploy.store import Store


def continue_deployment(store: Store, request: Json) -> Json:
    deployment = _running(store, request)
    kind = request.get("deploymentWaitType") or "READY_WAIT"
    if kind not in ("READY_WAIT", "TERMINATION_WAIT"):
        refuse("InvalidDeploymentWaitType", f"The wait type is READY_WAIT or TERMINATION_WAIT, not {kind}")
    if not deployment.group.is_blue_green:
        refuse("UnsupportedActionForDeploymentType", "Only a blue/green deployment can be continued")
    if kind == "TERMINATION_WAIT":
        _end_termination_wait(deployment)
    else:
        if deployment.status != "Ready":
            refuse(
                "DeploymentIsNotInReadyState",
                f"The deployment {deployment.id} does not have a status of Ready and can't continue yet",
            )
        deployment.may_reroute = True
    store.wake()
    return {}


def skip_wait_time_for_instance_termination(store: Store, request: Json) -> Json:
    """What ContinueDeployment with TERMINATION_WAIT was called before."""
    _end_termination_wait(_running(store, request))
    store.wake()
    return {}


def stop_deployment(store: Store, request: Json) -> Json:
    """Pending: the engine stops it within a moment."""
    deployment = _running(store, request)
    deployment.stop_requested = True
    deployment.stop_rolls_back = request.get("autoRollbackEnabled")
    store.wake()
    return {"status": "Pending", "statusMessage": f"Deployment {deployment.id} is being stopped"}


def _end_termination_wait(deployment: Deployment) -> None:
    if not deployment.termination_wait_started:
        refuse("InvalidDeploymentStatus", f"The termination wait of {deployment.id} has not started")
    deployment.may_terminate = True


def _running(store: Store, request: Json) -> Deployment:
    deployment = store.deployment(request["deploymentId"])
    if deployment.is_over:
        refuse("DeploymentAlreadyCompleted", f"The deployment {deployment.id} is already complete")
    return deployment
