"""List, describe, stop and continue service deployments; describe service revisions."""

from datetime import UTC, datetime
from typing import Any

from sandbox.ecs.errors import EcsError, InvalidParameter
from sandbox.ecs.model import Json
from sandbox.ecs.pages import page
from sandbox.ecs.service_deployments import hooks, rendering
from sandbox.ecs.service_deployments.begin import set_status
from sandbox.ecs.service_deployments.machine import roll_back
from sandbox.ecs.service_deployments.model import IN_PROGRESS, PENDING, ROLLBACK_REQUESTED, ServiceDeployment
from sandbox.ecs.store import Store

MOST_DESCRIBED = 20
ASKED = "Service deployment rolled back because a rollback was requested."


class ServiceDeploymentNotFound(EcsError):
    code = "ServiceDeploymentNotFoundException"


class Conflict(EcsError):
    code = "ConflictException"


def list_service_deployments(store: Store, request: Json) -> Json:
    service = store.service(store.cluster(request.get("cluster")), request["service"])
    size = request.get("maxResults")
    if size is not None and not 1 <= int(size) <= 100:
        raise InvalidParameter("maxResults must be between 1 and 100.")
    newest_first = reversed(store.service_deployments_of(service))
    wanted = {each.arn: each for each in newest_first if _fits(each, request)}
    answer = page(list(wanted), request, "serviceDeployments", size=20)
    answer["serviceDeployments"] = [rendering.brief(wanted[each]) for each in answer["serviceDeployments"]]
    return answer


def describe_service_deployments(store: Store, request: Json) -> Json:
    found, failures = _split(request["serviceDeploymentArns"], "serviceDeploymentArns", store.service_deployments)
    return {
        "serviceDeployments": [rendering.service_deployment(store, each) for each in found],
        "failures": failures,
    }


def describe_service_revisions(store: Store, request: Json) -> Json:
    found, failures = _split(request["serviceRevisionArns"], "serviceRevisionArns", store.service_revisions)
    return {"serviceRevisions": [rendering.service_revision(store, each) for each in found], "failures": failures}


def stop_service_deployment(store: Store, request: Json) -> Json:
    deployment = _find(store, request["serviceDeploymentArn"])
    if request.get("stopType", "ROLLBACK") != "ROLLBACK":
        raise InvalidParameter("The stop type is not supported. The valid value is ROLLBACK.")
    if deployment.is_terminal:
        raise Conflict(f"The service deployment cannot be stopped because it is {deployment.status}.")
    if deployment.status in (PENDING, IN_PROGRESS):
        deployment.asked_to_stop = True
        hooks.abandon(deployment)
        set_status(store, deployment, ROLLBACK_REQUESTED, ASKED)
    return {"serviceDeploymentArn": deployment.arn}


def continue_service_deployment(store: Store, request: Json) -> Json:
    deployment = _find(store, request["serviceDeploymentArn"])
    action = request.get("action", "CONTINUE")
    if action not in ("CONTINUE", "ROLLBACK"):
        raise InvalidParameter("action must be CONTINUE or ROLLBACK.")
    hook = next((each for each in deployment.hooks if each.id == request["hookId"]), None)
    if hook is None:
        raise InvalidParameter(f"The lifecycle hook {request['hookId']} was not found in the service deployment.")
    if deployment.status != IN_PROGRESS:
        raise InvalidParameter(f"The service deployment cannot be continued because it is {deployment.status}.")
    if hook.status != hooks.AWAITING:
        raise InvalidParameter(f"The lifecycle hook {hook.id} is {hook.status} and does not await an action.")
    if action == "CONTINUE":
        hook.status = "SUCCEEDED"
    else:
        hook.status = "FAILED"
        roll_back(store, deployment, hooks.rejected(hook))
    deployment.service.steady = False
    store.wake()
    return {"serviceDeploymentArn": deployment.arn}


def _find(store: Store, arn: str) -> ServiceDeployment:
    try:
        return store.service_deployments[arn]
    except KeyError:
        raise ServiceDeploymentNotFound("Service deployment not found.") from None


def _fits(deployment: ServiceDeployment, request: Json) -> bool:
    statuses = request.get("status") or [deployment.status]
    times = request.get("createdAt") or {}
    return (
        deployment.status in statuses
        and ("before" not in times or deployment.created_at < _time(times["before"]))
        and ("after" not in times or deployment.created_at > _time(times["after"]))
    )


def _time(given: Any) -> datetime:
    """A timestamp as AWS JSON 1.1 writes it: seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(given), UTC)
    except (TypeError, ValueError):
        raise InvalidParameter("createdAt must be a timestamp.") from None


def _split(arns: list[str], name: str, known: dict[str, Any]) -> tuple[list[Any], list[Json]]:
    if not arns:
        raise InvalidParameter(f"{name} cannot be empty.")
    if len(arns) > MOST_DESCRIBED:
        raise InvalidParameter(f"{name} can have at most {MOST_DESCRIBED} items.")
    found = [known[arn] for arn in arns if arn in known]
    return found, [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
