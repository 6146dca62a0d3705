"""After a deployment ended early: its status, and the deployment that undoes it.

A roll back is a deployment of its own, with its own id; each of the two names the other in rollbackInfo.
Without automatic rollback what can be undone in one step is undone: traffic goes back where it came from.
"""

from sandbox.codedeploy import deployments
from sandbox.codedeploy.halts import Halt
from sandbox.codedeploy.lifecycle import close
from sandbox.codedeploy.model import Deployment, deployment_id
from sandbox.codedeploy.store import Store

TERMINATED = "Deployment {failed} terminated. Automatic rollback is triggered with a DeploymentId {rollback}."
TRIGGERED = "Deployment {rollback} is triggered to roll back deployment {failed}."
IMPOSSIBLE = "Deployment {failed} terminated. It cannot be rolled back: there is no revision that was deployed before."


def follow(store: Store, deployment: Deployment, halt: Halt) -> None:
    deployment.error = {"code": halt.code, "message": halt.message}
    deployment.finish(halt.status)
    for target in deployment.targets.values():
        if target.status not in ("Succeeded", "Failed", "Skipped"):
            failed = halt.status == "Failed" and target.status != "Pending"
            close(target, "Failed" if failed else "Skipped")
    if deployment.undoes is not None or not _wanted(deployment, halt):
        deployment.restore()
        return
    # Blue/green goes back to what is still there; in place needs a revision to go back to.
    if deployment.previous_revision is None and not deployment.group.is_blue_green:
        deployment.rollback = {"rollbackMessage": IMPOSSIBLE.format(failed=deployment.id)}
        return
    _start(store, deployment)


def _wanted(deployment: Deployment, halt: Halt) -> bool:
    asked = deployment.stop_rolls_back
    if halt.code == "MANUAL_STOP" and asked is not None:
        return asked
    return deployment.rolls_back_on(halt.event)


def _start(store: Store, failed: Deployment) -> None:
    rollback = Deployment(
        deployment_id(),
        failed.application,
        failed.group,
        failed.config,
        failed.previous_revision or failed.revision,
        request={"fileExistsBehavior": failed.request.get("fileExistsBehavior", "DISALLOW")},
        creator="codeDeployRollback",
        undoes=failed,
    )
    ids = {"failed": failed.id, "rollback": rollback.id}
    failed.rollback = {"rollbackDeploymentId": rollback.id, "rollbackMessage": TERMINATED.format(**ids)}
    rollback.rollback = {"rollbackTriggeringDeploymentId": failed.id, "rollbackMessage": TRIGGERED.format(**ids)}
    deployments.start(store, rollback)
