"""Create, describe, update and delete services of Express Mode."""

import secrets

from sandbox.ecs import services
from sandbox.ecs.errors import InvalidParameter, ResourceNotFound, ServiceNotActive, ServiceNotFound
from sandbox.ecs.express import definitions, rendering
from sandbox.ecs.model import Json, Service
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked
from sandbox.seams import CannotMake

#: As AWS has them, and as nobody can change them.
CANARY: Json = {
    "strategy": "CANARY",
    "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3},
    "bakeTimeInMinutes": 3,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
SCALING: Json = {
    "minTaskCount": 1,
    "maxTaskCount": 20,
    "autoScalingMetric": "AVERAGE_CPU",
    "autoScalingTargetValue": 60,
}
DEFAULT_HEALTH_CHECK_PATH = "/ping"
GRACE_SECONDS = 60


def create_express_gateway_service(store: Store, request: Json) -> Json:
    role = request["infrastructureRoleArn"]
    cluster = store.cluster(request.get("cluster"))
    name = request.get("serviceName") or f"express-{secrets.token_hex(4)}"
    known = store.services.get((cluster.name, name))
    if known is not None and known.status == "ACTIVE":
        raise InvalidParameter("Creation of service was not idempotent.")
    tags = checked(request)
    reference = definitions.chosen(store, request, name, None)
    definition = store.usable_task_definition(reference)
    port, scaling = definitions.port_of(definition), SCALING | request.get("scalingTarget", {})
    host = f"{name}.ecs.{store.region}.on.aws"
    path = request.get("healthCheckPath") or DEFAULT_HEALTH_CHECK_PATH
    try:
        ingress = store.around.managed.make_ingress(name, host, port, path, request.get("networkConfiguration", {}))
    except CannotMake as problem:
        raise InvalidParameter(str(problem)) from problem
    ingress["serviceSecurityGroup"] = store.around.managed.make_group(name, ingress)
    alarm = f"ecs-express-{cluster.name}-{name}-rollback"
    managed = {"role": role, "ingress": ingress, "alarm": alarm, "scaling": scaling}
    managed["alarmArn"] = store.around.managed.put_alarm(alarm, ingress)
    services.create_service(store, _service(request, name, reference, port, managed) | {"tags": tags})
    service = store.services[cluster.name, name]
    service.managed = managed
    _scale(store, service)
    return {"service": rendering.express(store, service)}


def describe_express_gateway_service(store: Store, request: Json) -> Json:
    try:
        service = _find(store, request)
    except ServiceNotFound as missing:
        raise ResourceNotFound(missing.message) from missing
    return {"service": rendering.express(store, service, tags="TAGS" in request.get("include", []))}


def update_express_gateway_service(store: Store, request: Json) -> Json:
    service = _find(store, request)
    if service.status != "ACTIVE":
        raise ServiceNotActive
    reference = definitions.chosen(store, request, service.name, service)
    changes: Json = {"taskDefinition": reference}
    if request.get("networkConfiguration"):
        service.managed["ingress"] |= request["networkConfiguration"]
        changes["networkConfiguration"] = _network(service.managed["ingress"])
    if path := request.get("healthCheckPath"):
        store.around.managed.check(service.managed["ingress"], path)
    if scaling := request.get("scalingTarget"):
        service.managed["scaling"] |= scaling
        _scale(store, service)
    services.change(store, service, changes)
    return {"service": rendering.updated(store, service)}


def delete_express_gateway_service(store: Store, request: Json) -> Json:
    service = _find(store, request)
    services.drain(store, service)
    resource = f"service/{service.cluster.name}/{service.name}"
    store.around.managed.drop(service.managed["ingress"], service.managed["alarm"], resource)
    return {"service": rendering.express(store, service)}


def _find(store: Store, request: Json) -> Service:
    arn = str(request["serviceArn"])
    cluster = arn.rpartition(":service/")[2].partition("/")[0]
    service = store.service(store.cluster(cluster), arn)
    if not service.managed:
        raise InvalidParameter("The service is not an Express Gateway service.")
    return service


def _service(request: Json, name: str, definition: str, port: int, managed: Json) -> Json:
    """CreateService's request."""
    ingress = managed["ingress"]
    groups = ingress["targetGroups"]
    advanced = {
        "alternateTargetGroupArn": groups[1],
        "productionListenerRule": ingress["rule"],
        "roleArn": managed["role"],
    }
    balancer = {"targetGroupArn": groups[0], "containerName": definitions.MAIN, "containerPort": port}
    alarms = {"alarmNames": [managed["alarm"]], "enable": True, "rollback": True}
    return {
        "cluster": request.get("cluster"),
        "serviceName": name,
        "taskDefinition": definition,
        "desiredCount": int(managed["scaling"]["minTaskCount"]),
        "launchType": "FARGATE",
        "loadBalancers": [{**balancer, "advancedConfiguration": advanced}],
        "networkConfiguration": _network(ingress),
        "healthCheckGracePeriodSeconds": GRACE_SECONDS,
        "deploymentConfiguration": CANARY | {"alarms": alarms},
    }


def _network(ingress: Json) -> Json:
    """The tasks are in a security group of ECS's besides those of the owner."""
    groups = [*ingress["securityGroups"], ingress["serviceSecurityGroup"]]
    configuration = {"subnets": ingress["subnets"], "securityGroups": groups, "assignPublicIp": "ENABLED"}
    return {"awsvpcConfiguration": configuration}


def _scale(store: Store, service: Service) -> None:
    least, most = (int(service.managed["scaling"][name]) for name in ("minTaskCount", "maxTaskCount"))
    resource = f"service/{service.cluster.name}/{service.name}"
    service.managed["scalableTarget"] = store.around.managed.scale(resource, least, most)
