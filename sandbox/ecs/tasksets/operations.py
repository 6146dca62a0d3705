"""The task set operations, for services with the EXTERNAL controller. CodeDeploy's sets can only be read."""

from sandbox.ecs import capacity
from sandbox.ecs.errors import InvalidParameter, ServiceNotActive, UnsupportedFeature
from sandbox.ecs.model import Json, Service
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked
from sandbox.ecs.tasksets import rendering, sets
from sandbox.ecs.tasksets.sets import Wanted

LAUNCH = ("launchType", "capacityProviderStrategy", "platformVersion")


def create_task_set(store: Store, request: Json) -> Json:
    service = _external_service(store, request)
    token = request.get("clientToken", "")
    again = next((each for each in service.task_sets if token and each.client_token == token), None)
    if again is not None:
        return {"taskSet": rendering.task_set(store, service, again, tags=True)}
    definition = store.usable_task_definition(request["taskDefinition"])
    if definition.network_mode == "awsvpc" and not request.get("networkConfiguration"):
        raise InvalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    wanted = Wanted(
        definition=definition,
        load_balancers=request.get("loadBalancers", []),
        network_configuration=request.get("networkConfiguration", {}),
        launch=_launch(service, request),
        external_id=request.get("externalId", ""),
        scale=_scale(request),
        client_token=token,
        registries=request.get("serviceRegistries", []),
        tags=checked(request),
    )
    created = sets.create(store, service, wanted)
    return {"taskSet": rendering.task_set(store, service, created, tags=True)}


def update_task_set(store: Store, request: Json) -> Json:
    service = _external_service(store, request)
    task_set = sets.find(service, request["taskSet"])
    if "scale" not in request:
        raise InvalidParameter("Scale should not be null or empty.")
    task_set.scale = _scale(request)
    service.steady = False
    store.wake()
    return {"taskSet": rendering.task_set(store, service, task_set)}


def update_service_primary_task_set(store: Store, request: Json) -> Json:
    service = _external_service(store, request)
    task_set = sets.find(service, request["primaryTaskSet"])
    if task_set.status == "DRAINING":
        raise InvalidParameter("The task set is draining and cannot be made the primary task set.")
    sets.promote(service, task_set)
    return {"taskSet": rendering.task_set(store, service, task_set)}


def delete_task_set(store: Store, request: Json) -> Json:
    service = _external_service(store, request)
    task_set = sets.find(service, request["taskSet"])
    if task_set.scale and not request.get("force"):
        raise InvalidParameter("The task set cannot be deleted while it is scaled above 0.")
    sets.drain(store, service, task_set)
    return {"taskSet": rendering.task_set(store, service, task_set)}


def describe_task_sets(store: Store, request: Json) -> Json:
    service = _service(store, request)
    found, failures = [], []
    for reference in request.get("taskSets") or [each.id for each in service.task_sets]:
        try:
            task_set = sets.find(service, reference)
        except sets.TaskSetNotFound:
            failures.append({"arn": reference, "reason": "MISSING"})
        else:
            found.append(rendering.task_set(store, service, task_set, tags="TAGS" in request.get("include", [])))
    return {"taskSets": found, "failures": failures}


def _service(store: Store, request: Json) -> Service:
    service = store.service(store.cluster(request["cluster"]), request["service"])
    if service.status != "ACTIVE":
        raise ServiceNotActive
    if not service.has_task_sets:
        raise UnsupportedFeature("Task sets need a service with the deployment controller EXTERNAL or CODE_DEPLOY.")
    return service


def _external_service(store: Store, request: Json) -> Service:
    service = _service(store, request)
    if service.controller != "EXTERNAL":
        raise InvalidParameter(
            "Amazon ECS supports this operation only for services with an EXTERNAL deployment controller. "
            "Use AWS CodeDeploy to change the task sets of this service."
        )
    return service


def _launch(service: Service, request: Json) -> Json:
    given = {key: request[key] for key in LAUNCH if request.get(key)}
    return given | capacity.chosen(service.cluster, given)


def _scale(request: Json) -> float:
    scale = request.get("scale", {})
    value = float(scale.get("value", 100.0))
    if not 0 <= value <= 100 or scale.get("unit", "PERCENT") != "PERCENT":
        raise InvalidParameter("The scale of a task set is a percentage between 0.0 and 100.0.")
    return value
