"""CreateService, UpdateService, DeleteService and the reading operations.

A request only changes what a service should be; the scheduler makes it so.
"""

from sandbox.ecs import capacity, controllers, rendering, volumes
from sandbox.ecs.cluster import Cluster
from sandbox.ecs.errors import ClientError, InvalidParameter, NamespaceNotFound, ServiceNotActive, UnsupportedFeature
from sandbox.ecs.gateways import routes as gateways
from sandbox.ecs.model import Json, Service, TaskDefinition
from sandbox.ecs.pages import page
from sandbox.ecs.service_deployments import connecting
from sandbox.ecs.service_deployments.begin import TRIGGERS, begin
from sandbox.ecs.service_deployments.configuration import check_load_balancers as check_advanced
from sandbox.ecs.service_deployments.configuration import completed
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked
from sandbox.ecs.tasks import stop
from sandbox.ecs.tasksets import services as task_set_services
from sandbox.ecs.tasksets.sets import check_load_balancers

KEPT = (
    *TRIGGERS,
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "gatewayConnectors",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
)

#: AWS's own words are not known.
NOT_EXPRESS = "The service is an Express Gateway service, managed by Amazon ECS. Use {operation}."

CONTROLLED_BY_TASK_SETS = (
    "taskDefinition",
    "loadBalancers",
    "networkConfiguration",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
)


def create_service(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    name = request["serviceName"]
    existing = store.services.get((cluster.name, name))
    if existing is not None and existing.status == "ACTIVE":
        raise InvalidParameter("Creation of service was not idempotent.")
    if existing is not None and any(not task.is_stopped for task in store.tasks_of(existing)):
        raise InvalidParameter("Unable to Start a service that is still Draining.")
    if request.get("deploymentController", {}).get("type") == "EXTERNAL":
        return _create_external(store, cluster, request)
    if "taskDefinition" not in request:
        raise InvalidParameter("TaskDefinition can not be blank.")
    definition = store.usable_task_definition(request["taskDefinition"])
    _refuse_unsupported(request)
    tags = checked(request)
    kept = {key: request[key] for key in (*KEPT, "deploymentController") if key in request}
    service = Service(
        name,
        store.arn(f"service/{cluster.name}/{name}"),
        cluster,
        int(request.get("desiredCount", 1)),
        body=kept | capacity.chosen(cluster, request),
    )
    service.body["deploymentConfiguration"] = completed(request.get("deploymentConfiguration", {}))
    volumes.check(definition, service.body.get("volumeConfigurations"))
    _check_network(service, definition)
    if service.body.get("gatewayConnectors"):
        gateways.connect(store, service, definition)
    check_load_balancers(store, service.load_balancers, definition)
    check_advanced(service.load_balancers, service.strategy)
    connecting.check(service.body)
    if service.load_balancers:
        service.body.setdefault("healthCheckGracePeriodSeconds", 0)
    store.services[cluster.name, name] = service
    store.tags[service.arn] = tags
    if service.controller == "CODE_DEPLOY":
        task_set_services.first_task_set(store, service, definition, request)
    else:
        begin(store, service, definition)
    store.wake()
    return {"service": rendering.service(store, service, tags=True)}


def _create_external(store: Store, cluster: Cluster, request: Json) -> Json:
    """A service that has nothing but a name and a count until somebody creates a task set."""
    for field in CONTROLLED_BY_TASK_SETS:
        if field in request:
            raise InvalidParameter(f"{field} cannot be specified with the EXTERNAL deployment controller.")
    name = request["serviceName"]
    tags = checked(request)
    kept = {key: request[key] for key in (*KEPT, "deploymentController") if key in request}
    service = Service(
        name, store.arn(f"service/{cluster.name}/{name}"), cluster, int(request.get("desiredCount", 0)), body=kept
    )
    store.services[cluster.name, name] = service
    store.tags[service.arn] = tags
    store.wake()
    return {"service": rendering.service(store, service, tags=True)}


def update_service(store: Store, request: Json) -> Json:
    service = store.service(store.cluster(request.get("cluster")), request["service"])
    if service.status != "ACTIVE":
        raise ServiceNotActive
    if service.managed:
        raise InvalidParameter(NOT_EXPRESS.format(operation="UpdateExpressGatewayService"))
    gateways.refuse_changes(service, request)
    _refuse_unsupported(request)
    if controllers.is_another(service, request):
        controllers.change(store, service, request, KEPT)
    elif service.has_task_sets:
        task_set_services.update_service(store, service, request)
    else:
        change(store, service, request)
    return {"service": rendering.service(store, service, tags=True)}


def change(store: Store, service: Service, request: Json) -> None:
    """What UpdateService does to a service of the ECS controller."""
    definition = service.primary.task_definition
    if "taskDefinition" in request:
        definition = store.usable_task_definition(request["taskDefinition"])
    body = service.body | {key: request[key] for key in KEPT if key in request}
    if "deploymentConfiguration" in request:
        configuration = service.deployment_configuration | request["deploymentConfiguration"]
        body["deploymentConfiguration"] = completed(configuration)
    check_advanced(body.get("loadBalancers", []), body["deploymentConfiguration"].get("strategy", "ROLLING"))
    connecting.check(body)
    capacity.check(service.cluster, body.get("capacityProviderStrategy") or [])
    starts = request.get("forceNewDeployment") or definition is not service.primary.task_definition
    starts = starts or any(body.get(name) != service.body.get(name) for name in TRIGGERS)
    if starts:
        volumes.check(definition, body.get("volumeConfigurations"))
        check_load_balancers(store, body.get("loadBalancers", []), definition)
    service.body = body
    if "desiredCount" in request:
        service.desired_count = int(request["desiredCount"])
        service.steady = False
    if starts:
        begin(store, service, definition)
    store.wake()


def delete_service(store: Store, request: Json) -> Json:
    service = store.service(store.cluster(request.get("cluster")), request["service"])
    if service.managed:
        raise InvalidParameter(NOT_EXPRESS.format(operation="DeleteExpressGatewayService"))
    if service.status == "ACTIVE" and service.desired_count and not request.get("force"):
        raise InvalidParameter("The service cannot be stopped while it is scaled above 0.")
    drain(store, service)
    gateways.drop(store, service)
    return {"service": rendering.service(store, service)}


def drain(store: Store, service: Service) -> None:
    if service.status != "ACTIVE":
        raise ServiceNotActive
    service.status = "INACTIVE"
    service.desired_count = 0
    for task in store.tasks_of(service):
        stop(
            store,
            task,
            "ServiceSchedulerInitiated",
            f"Scaling activity initiated by (service {service.name})",
        )
    store.wake()


def describe_services(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    references = request.get("services", [])
    if not references:
        raise InvalidParameter("Services cannot be empty.")
    if len(references) > 10:
        raise InvalidParameter("Services cannot be more than 10.")
    found, failures = [], []
    for reference in references:
        service = store.find_service(cluster, reference)
        if service is None:
            name = reference.rpartition("/")[2]
            failures.append({"arn": store.arn(f"service/{cluster.name}/{name}"), "reason": "MISSING"})
        else:
            found.append(rendering.service(store, service, tags="TAGS" in request.get("include", [])))
    return {"services": found, "failures": failures}


def list_services(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    launch_type, managed = request.get("launchType"), request.get("resourceManagementType")
    arns = [
        service.arn
        for service in store.services.values()
        if service.cluster is cluster
        and service.status == "ACTIVE"
        and launch_type in (None, service.launch_type)
        and managed in (None, "ECS" if service.managed else "CUSTOMER")
    ]
    return page(arns, request, "serviceArns", size=10)


def list_services_by_namespace(store: Store, request: Json) -> Json:
    """Of every cluster: those that Service Connect is configured for, or that their cluster's default is."""
    wanted = store.around.namespace(request["namespace"])
    if wanted is None:
        raise NamespaceNotFound
    active = [service for service in store.services.values() if service.status == "ACTIVE"]
    arns = [service.arn for service in active if wanted == _namespace(store, service)]
    return page(arns, request, "serviceArns", size=10)


def _namespace(store: Store, service: Service) -> str | None:
    configuration = service.body.get("serviceConnectConfiguration") or {}
    if not configuration.get("enabled"):
        return None
    default = service.cluster.body.get("serviceConnectDefaults", {}).get("namespace", "")
    return store.around.namespace(configuration.get("namespace") or default)


def _refuse_unsupported(request: Json) -> None:
    if request.get("schedulingStrategy", "REPLICA") != "REPLICA":
        raise UnsupportedFeature("The sandbox does not run daemon services.")


def _check_network(service: Service, definition: TaskDefinition) -> None:
    configured = bool(service.body.get("networkConfiguration"))
    if definition.network_mode == "awsvpc" and not configured:
        raise InvalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if definition.network_mode != "awsvpc" and configured:
        raise InvalidParameter("Network Configuration is not valid for the given networkMode of this task definition.")
    if service.launch_type == "FARGATE" and "FARGATE" not in definition.body["compatibilities"]:
        raise ClientError("Task definition does not support launch_type FARGATE.")
