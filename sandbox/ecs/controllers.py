"""UpdateService with another deploymentController: what AWS takes, what it refuses, and what becomes of the tasks.

From task sets to ECS the primary set stays as it is and becomes the first revision; what else the request says is then
deployed beside it, as any other change is. That it always is deployed, AWS does not write anywhere.
"""

from sandbox.ecs import capacity
from sandbox.ecs.errors import InvalidParameter, UnsupportedFeature
from sandbox.ecs.model import Deployment, Json, Service, TaskSet
from sandbox.ecs.service_deployments.begin import TRIGGERS, begin
from sandbox.ecs.service_deployments.configuration import check_load_balancers as check_advanced
from sandbox.ecs.service_deployments.configuration import completed
from sandbox.ecs.service_deployments.model import ServiceRevision
from sandbox.ecs.store import Store, nineteen_digits
from sandbox.ecs.tasksets.sets import check_load_balancers

#: AWS's list; the other ways there are none.
TAKEN = {("CODE_DEPLOY", "ECS"), ("CODE_DEPLOY", "EXTERNAL"), ("ECS", "EXTERNAL"), ("EXTERNAL", "ECS")}

SEVERAL_SETS = (
    "Updating the deployment controller is not supported when there are multiple tasksets in the service. "
    "Please ensure your service has only one taskset and try again."
)
NO_PRIMARY = (
    "Updating the deployment controller requires a primary taskset in the service. "
    "Please ensure your service has a primary taskset and try again."
)
#: AWS's own words are not known.
NOT_TAKEN = "Updating the deployment controller from {before} to {after} is not supported."


def is_another(service: Service, request: Json) -> bool:
    return _wanted(request) not in ("", service.controller)


def change(store: Store, service: Service, request: Json, kept: tuple[str, ...]) -> None:
    """`kept`: the members of the request that become the service's own. Raises what AWS refuses, with nothing done."""
    before, after = service.controller, _wanted(request)
    if (before, after) not in TAKEN:
        raise InvalidParameter(NOT_TAKEN.format(before=before, after=after))
    if after != "ECS":
        raise UnsupportedFeature("The sandbox moves services to the controller ECS only.")
    task_set = _only_one(service)
    body = service.body | task_set.launch | {name: request[name] for name in kept if name in request}
    body["deploymentController"] = {"type": after}
    given = request.get("deploymentConfiguration", {})
    body["deploymentConfiguration"] = completed(service.deployment_configuration | given)
    check_advanced(body.get("loadBalancers", []), body["deploymentConfiguration"].get("strategy", "ROLLING"))
    check_load_balancers(store, body.get("loadBalancers", []), task_set.task_definition)
    capacity.check(service.cluster, body.get("capacityProviderStrategy") or [])
    if "taskDefinition" in request:
        definition = store.usable_task_definition(request["taskDefinition"])
    else:
        definition = task_set.task_definition
    first = _as_revision(store, service, task_set)
    service.body = body
    if "desiredCount" in request:
        service.desired_count = int(request["desiredCount"])
    begin(store, service, definition, serving=first)
    store.wake()


def _wanted(request: Json) -> str:
    return str(request.get("deploymentController", {}).get("type", ""))


def _only_one(service: Service) -> TaskSet:
    if len(service.task_sets) > 1:
        raise InvalidParameter(SEVERAL_SETS)
    primary = service.primary_task_set
    if primary is None:
        raise InvalidParameter(NO_PRIMARY)
    return primary


def _as_revision(store: Store, service: Service, task_set: TaskSet) -> ServiceRevision:
    """The set's tasks are a revision's from now on, and go on as they are."""
    arn = store.arn(f"service-revision/{service.cluster.name}/{service.name}/{nineteen_digits()}")
    deployment = Deployment(
        task_set.id,
        task_set.task_definition,
        created_at=task_set.created_at,
        rollout_state="COMPLETED",
        rollout_state_reason=f"ECS deployment {task_set.id} completed.",
        network_configuration=task_set.network_configuration,
        load_balancers=task_set.load_balancers,
        launch_type=task_set.launch_type,
        revision_arn=arn,
    )
    for task in store.tasks_of(service):
        if task.deployment is task_set:
            task.deployment = deployment
    store.tags.pop(task_set.arn, None)
    service.task_sets, service.deployments, service.last_completed = [], [deployment], deployment
    revision = ServiceRevision(arn, service, deployment, dict.fromkeys(TRIGGERS))
    store.service_revisions[arn] = revision
    return revision
