"""The service deployment of a rolling update: what the scheduler does with its tasks, told in other words.

The scheduler decides alone (``rollout``); this adds what only service deployments know, alarms and requests to stop.
"""

from sandbox.ecs import breaker
from sandbox.ecs.model import utcnow
from sandbox.ecs.service_deployments import watch
from sandbox.ecs.service_deployments.begin import set_status
from sandbox.ecs.service_deployments.model import (
    IN_PROGRESS,
    PENDING,
    ROLLBACK_FAILED,
    ROLLBACK_IN_PROGRESS,
    ROLLBACK_REQUESTED,
    ROLLBACK_SUCCESSFUL,
    STOPPED,
    SUCCESSFUL,
    ServiceDeployment,
)
from sandbox.ecs.store import Store

TRIPPED = "Service deployment stopped because the circuit breaker threshold was exceeded."
IN_ALARM = "Service deployment stopped because CloudWatch alarms are in ALARM."


def follow(store: Store, deployment: ServiceDeployment) -> None:
    if deployment.status == PENDING:
        deployment.started_at = utcnow()
        set_status(store, deployment, IN_PROGRESS)
        watch.begin(store, deployment)
    if deployment.status == ROLLBACK_REQUESTED and deployment.target.deployment.rollout_state != "COMPLETED":
        _give_up(store, deployment, deployment.status_reason, because="stop")
    elif deployment.status in (IN_PROGRESS, ROLLBACK_REQUESTED):
        _progress(store, deployment)
    elif deployment.status == ROLLBACK_IN_PROGRESS:
        _way_back(store, deployment)


def _progress(store: Store, deployment: ServiceDeployment) -> None:
    service, rolled_out = deployment.service, deployment.target.deployment
    if rolled_out.rollout_state == "COMPLETED":
        deployment.serving = deployment.target
        set_status(store, deployment, SUCCESSFUL)
    elif rolled_out.rollout_state == "FAILED":
        deployment.breaker.status = "TRIGGERED"
        if service.primary is rolled_out:
            set_status(store, deployment, STOPPED, TRIPPED)
        else:
            _note_roll_back(store, deployment, watch.TRIPPED)
    elif reason := watch.alarm(store, deployment):
        _give_up(store, deployment, reason, because="alarms")
    elif deployment.alarms.status == "TRIGGERED":
        breaker.fail(store, service, IN_ALARM)
        set_status(store, deployment, STOPPED, IN_ALARM)


def _give_up(store: Store, deployment: ServiceDeployment, reason: str, because: str) -> None:
    """Back to what served before, or nowhere: then no more tasks are started."""
    service, serving = deployment.service, deployment.serving
    breaker.fail(store, service, reason)
    if serving is None:
        set_status(store, deployment, STOPPED, reason)
        return
    breaker.roll_back(store, service, deployment.target.deployment, serving.deployment, because=because)
    _note_roll_back(store, deployment, reason)


def _note_roll_back(store: Store, deployment: ServiceDeployment, reason: str) -> None:
    service, serving = deployment.service, deployment.serving
    deployment.rollback = {"reason": reason, "startedAt": utcnow()}
    if serving is not None:
        deployment.rollback["serviceRevisionArn"] = serving.arn
        # A deployment whose tasks were gone is rolled back to under a new id.
        serving.deployment = service.primary
        service.body |= {key: value for key, value in serving.body.items() if value is not None}
    set_status(store, deployment, ROLLBACK_IN_PROGRESS, reason)


def _way_back(store: Store, deployment: ServiceDeployment) -> None:
    state = deployment.service.primary.rollout_state
    if state == "COMPLETED" and deployment.service.steady:
        set_status(store, deployment, ROLLBACK_SUCCESSFUL)
    elif state == "FAILED":
        set_status(store, deployment, ROLLBACK_FAILED)
