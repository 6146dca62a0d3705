"""Service deployments over a restart.

Requests are repeated from the journal, which would start every deployment once more and under other names. So each
deployment is also remembered as a whole whenever its status changes or traffic was shifted, and when all requests
have been repeated, ``resume`` puts what is remembered in the place of what the requests began.
"""

import logging
from datetime import datetime

from sandbox.ecs.model import Deployment, Json, Service
from sandbox.ecs.service_deployments import traffic
from sandbox.ecs.service_deployments.begin import make_primary, prepare
from sandbox.ecs.service_deployments.model import (
    PENDING,
    ROLLBACK_SUCCESSFUL,
    ROLLING_BACK,
    STOP_REQUESTED,
    STOPPED,
    Hook,
    ServiceDeployment,
    ServiceRevision,
    Watched,
)
from sandbox.ecs.service_deployments.stages import shifted
from sandbox.ecs.store import Store, deployment_id

logger = logging.getLogger(__name__)

TIMES = ("created_at", "updated_at", "started_at", "finished_at", "stopped_at")
PLAIN = (
    "configuration",
    "asked_to_stop",
    "status",
    "status_reason",
    "stage",
    "test_percent",
    "production_percent",
)


def state_of(deployment: ServiceDeployment) -> Json:
    revisions = {each.arn: each for each in (*deployment.sources, deployment.target)}
    return {
        "arn": deployment.arn,
        "service": [deployment.service.cluster.name, deployment.service.name],
        "target": deployment.target.arn,
        "sources": [each.arn for each in deployment.sources],
        "serving": deployment.serving.arn if deployment.serving else None,
        "revisions": [_revision_state(each) for each in revisions.values()],
        "hooks": [{**vars(each), "expires_at": each.expires_at.isoformat()} for each in deployment.hooks],
        "rollback": {key: _text(value) for key, value in deployment.rollback.items()},
        "watched": {name: vars(getattr(deployment, name)) for name in ("breaker", "alarms")},
        "times": {name: _text(getattr(deployment, name)) for name in TIMES},
        "plain": {name: getattr(deployment, name) for name in PLAIN},
    }


def resume(store: Store, states: list[Json]) -> None:
    """``states``: what was remembered, in any order."""
    by_service: dict[tuple[str, str], list[Json]] = {}
    for state in sorted(states, key=lambda each: str(each["times"]["created_at"])):
        cluster, name = state["service"]
        by_service.setdefault((cluster, name), []).append(state)
    for identity, history in by_service.items():
        service = store.services.get(identity)
        if service is not None and service.status == "ACTIVE" and service.controller == "ECS":
            _resume_service(store, service, history)


def _resume_service(store: Store, service: Service, history: list[Json]) -> None:
    for begun in store.service_deployments_of(service):
        del store.service_deployments[begun.arn]
        del store.service_revisions[begun.target.arn]
    for state in history:
        deployment = _deployment(store, service, state)
        if deployment is not None:
            store.service_deployments[deployment.arn] = deployment
    current = store.current_service_deployment(service)
    if current is None:
        return
    service.deployments = []
    if current.is_terminal:
        left = current.serving or current.target
        service.body |= {key: value for key, value in left.body.items() if value is not None}
        make_primary(service, left)
    else:
        _again(store, current)


def _again(store: Store, deployment: ServiceDeployment) -> None:
    """From the beginning, as if nothing had been shifted."""
    service, serving = deployment.service, deployment.serving
    if serving is not None:
        make_primary(service, serving)
        serving.deployment.rollout_state = "COMPLETED"
        service.last_completed = serving.deployment
    make_primary(service, deployment.target)
    if not deployment.is_rolling and serving is not None:
        for step in shifted(0.0, test=bool(deployment.test_percent), production=bool(deployment.production_percent)):
            try:
                traffic.write(store, deployment, step)
            except traffic.CannotShift as problem:
                logger.warning("Traffic was not shifted back to %s: %s", serving.arn, problem)
    deployment.status, deployment.stage, deployment.hooks = PENDING, "", []
    deployment.test_percent = deployment.production_percent = None
    deployment.breaker, deployment.alarms = Watched(), Watched()
    prepare(deployment)


def _deployment(store: Store, service: Service, state: Json) -> ServiceDeployment | None:
    for revision in state["revisions"]:
        if revision["arn"] not in store.service_revisions and not _add_revision(store, service, revision):
            return None
    revisions = store.service_revisions
    deployment = ServiceDeployment(
        state["arn"],
        service,
        revisions[state["target"]],
        [revisions[each] for each in state["sources"]],
        revisions[state["serving"]] if state["serving"] else None,
        state["plain"]["configuration"],
    )
    for name in PLAIN:
        setattr(deployment, name, state["plain"][name])
    for name in TIMES:
        setattr(deployment, name, _time(state["times"][name]))
    for name, watched in state["watched"].items():
        setattr(deployment, name, Watched(**watched))
    deployment.hooks = [Hook(**each | {"expires_at": _time(each["expires_at"])}) for each in state["hooks"]]
    deployment.rollback = dict(state["rollback"])
    if deployment.rollback:
        deployment.rollback["startedAt"] = _time(deployment.rollback["startedAt"])
    if deployment.status in (*ROLLING_BACK, STOP_REQUESTED):
        # All its processes are gone: there is nothing left to wait for.
        deployment.status = STOPPED if deployment.status == STOP_REQUESTED else ROLLBACK_SUCCESSFUL
        deployment.finished_at = deployment.stopped_at = deployment.updated_at
    return deployment


def _add_revision(store: Store, service: Service, state: Json) -> bool:
    definition = store.find_task_definition(state["task_definition"])
    if definition is None:
        logger.warning("%s is not remembered: its task definition is gone", state["arn"])
        return False
    deployment = Deployment(
        deployment_id(),
        definition,
        network_configuration=state["network_configuration"],
        load_balancers=state["load_balancers"],
        lattice=state.get("lattice", []),
        revision_arn=state["arn"],
    )
    deployment.rollout_state_reason = f"ECS deployment {deployment.id} in progress."
    revision = ServiceRevision(state["arn"], service, deployment, state["body"])
    revision.created_at = datetime.fromisoformat(state["created_at"])
    revision.image_digests = dict(state["image_digests"])
    store.service_revisions[revision.arn] = revision
    return True


def _revision_state(revision: ServiceRevision) -> Json:
    return {
        "arn": revision.arn,
        "task_definition": revision.deployment.task_definition.arn,
        "network_configuration": revision.deployment.network_configuration,
        "load_balancers": revision.deployment.load_balancers,
        "lattice": revision.deployment.lattice,
        "body": revision.body,
        "created_at": revision.created_at.isoformat(),
        "image_digests": revision.image_digests,
    }


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
