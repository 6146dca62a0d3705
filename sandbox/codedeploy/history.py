"""Going on after a restart: what became of every deployment, in the journal.

A deployment cannot be repeated by repeating its request: it takes minutes and people. So the journal gets a
note when a deployment begins and another when it ends, with what it left behind. Restoring a note puts the
deployment into the history and its traces, task set and traffic, into the world. One that was cut off by
the end of the sandbox is restored as failed.
"""

from datetime import UTC, datetime
from typing import Any

from sandbox.codedeploy.ecs import traces
from sandbox.codedeploy.model import OVER, Deployment, Json, LifecycleEvent, Target
from sandbox.codedeploy.revisions import register
from sandbox.codedeploy.store import Store

KIND = "codedeploy"  # in the journal
CUT_OFF = {"code": "INTERNAL_ERROR", "message": "The sandbox ended while the deployment ran."}
TIMES = ("created_at", "started_at", "completed_at")
PLAIN = ("id", "revision", "request", "creator", "previous_revision", "status", "error", "rollback", "status_info")


def note(store: Store, deployment: Deployment) -> None:
    record: Json = {"region": store.region} | {name: getattr(deployment, name) for name in PLAIN}
    record |= {name: _seconds(getattr(deployment, name)) for name in TIMES}
    record |= {
        "application": deployment.application.name,
        "group": deployment.group.name,
        "config": deployment.config.name,
        "targets": [_target(target) for target in deployment.targets.values()],
    }
    if deployment.is_over and deployment.group.platform == "ECS":
        record["traces"] = traces.left_by(store, deployment)
    store.around.note(record)


def restore(store: Store, request: Json) -> None:
    application = store.application(request["application"])
    group = store.group(application.name, request["group"])
    deployment = Deployment(
        request["id"], application, group, store.config(request["config"]), revision=request["revision"]
    )
    deployment.is_restored = True
    for name in PLAIN:
        setattr(deployment, name, request.get(name))
    for name in TIMES:
        setattr(deployment, name, _time(request.get(name)))
    deployment.targets = {each["id"]: _restored_target(each) for each in request["targets"]}
    if deployment.status not in OVER:
        deployment.error = dict(CUT_OFF)
        deployment.finish("Failed")
    store.deployments[deployment.id] = deployment
    register(application, deployment.revision)
    group.last_attempted = deployment
    if deployment.status == "Succeeded":
        group.last_successful = deployment
        _overtake(store, deployment)
    if request.get("traces"):
        traces.restore(store, request["traces"])


def _overtake(store: Store, restored: Deployment) -> None:
    """The seeded account's own first deployment belongs to the past by now."""
    for other in list(store.deployments.values()):
        if other.group is restored.group and other.status == "Created":
            del store.deployments[other.id]


def _target(target: Target) -> Json:
    events = [
        {"name": each.name, "status": each.status, "diagnostics": each.diagnostics}
        | {"started": _seconds(each.started_at), "ended": _seconds(each.ended_at)}
        for each in target.events
    ]
    return {"id": target.id, "arn": target.arn, "status": target.status, "label": target.label, "events": events}


def _restored_target(record: Json) -> Target:
    events = [
        LifecycleEvent(each["name"], each["status"], _time(each["started"]), _time(each["ended"]), each["diagnostics"])
        for each in record["events"]
    ]
    return Target(record["id"], record["arn"], events, status=record["status"], label=record["label"])


def _seconds(value: datetime | None) -> float | None:
    return value.timestamp() if value is not None else None


def _time(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if value is not None else None
