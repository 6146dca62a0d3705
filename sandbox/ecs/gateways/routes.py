"""What a gateway holds for one service: its name, its rules and its target groups."""

from sandbox.ecs.errors import InvalidParameter, UnsupportedFeature
from sandbox.ecs.gateways.model import Gateway
from sandbox.ecs.model import Json, Service, TaskDefinition
from sandbox.ecs.store import Store
from sandbox.seams import CannotMake

DEFAULT_HEALTH_CHECK_PATH = "/"
NOT_CHANGED = "The sandbox does not move a service from or to a gateway, nor changes its connector."


def connect(store: Store, service: Service, definition: TaskDefinition) -> None:
    """Make the way to a new service whose body has gatewayConnectors."""
    (connector, *others) = service.body["gatewayConnectors"]
    if others:
        raise InvalidParameter("A service can have a maximum of 1 gateway connector.")
    if service.load_balancers:
        raise InvalidParameter("gatewayConnectors and loadBalancers cannot be specified together.")
    gateway = _gateway(store, service, connector)
    container, port = _port(definition, connector["portName"])
    host = f"{service.name}.{service.cluster.name}.ecs.{store.region}.on.aws"
    path = connector.get("healthCheck", {}).get("healthCheckPath") or DEFAULT_HEALTH_CHECK_PATH
    network = service.body.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    header = gateway.configuration.get("testTrafficRules", {}).get("header")
    try:
        ingress = store.around.managed.make_ingress(service.name, host, port, path, network, header)
    except CannotMake as problem:
        raise InvalidParameter(str(problem)) from problem
    for group in ingress["securityGroups"]:
        store.around.managed.let_in(group, ingress)
    service.routed = {"gateway": gateway.arn, "access": gateway.access_type, "ingress": ingress}
    service.body["loadBalancers"] = [_balancer(ingress, gateway.role, container, port)]


def refuse_changes(service: Service, request: Json) -> None:
    """UpdateService's."""
    if "gatewayConnectors" in request and request["gatewayConnectors"] != service.body.get("gatewayConnectors", []):
        raise UnsupportedFeature(NOT_CHANGED)
    if service.routed and request.get("loadBalancers"):
        raise UnsupportedFeature(NOT_CHANGED)


def drop(store: Store, service: Service) -> None:
    if service.routed:
        store.around.managed.drop_ingress(service.routed["ingress"])


def route_arn(service: Service) -> str:
    """A gateway's ARN, and the service's place behind it."""
    gateway = str(service.routed["gateway"]).replace(":gateway/", ":gateway-route/")
    return f"{gateway}/{service.cluster.name}/{service.name}"


def managed_resources(service: Service) -> Json:
    """ECSManagedResources of a revision: those of the service, whichever of the two groups the revision is in."""
    ingress = service.routed["ingress"]
    made = {
        "loadBalancerArn": ingress["loadBalancer"],
        "listenerArn": ingress["listener"],
        "listenerRuleArn": ingress["rule"],
        "targetGroupArn": ingress["targetGroups"][0],
        "alternateTargetGroupArn": ingress["targetGroups"][1],
    }
    connection = {
        "gatewayArn": service.routed["gateway"],
        "gatewayRouteArn": route_arn(service),
        "portName": service.body["gatewayConnectors"][0]["portName"],
        "serviceUrl": f"https://{ingress['endpoint']}",
        "accessType": service.routed["access"],
        "status": "ACTIVE",
        "resources": {"hostSharedAlb": [made | _test(ingress)]},
    }
    return {"gatewayConnections": [connection]}


def _test(ingress: Json) -> Json:
    return {"testListenerRuleArn": ingress["testRule"]} if ingress["testRule"] else {}


def _gateway(store: Store, service: Service, connector: Json) -> Gateway:
    wanted = set(connector.get("filters", {}).get("accessTypes") or ("PUBLIC", "PRIVATE"))
    for gateway in store.gateways.values():
        if service.cluster.name in gateway.clusters and gateway.access_type in wanted:
            return gateway
    raise InvalidParameter("The cluster isn't associated with a gateway that matches the gateway connector.")


def _port(definition: TaskDefinition, name: str) -> tuple[str, int]:
    """The container's name and its port."""
    for container in definition.containers:
        for mapping in container["portMappings"]:
            if mapping.get("name") == name:
                return str(container["name"]), int(mapping["containerPort"])
    raise InvalidParameter(f"The port name {name} isn't defined in the task definition.")


def _balancer(ingress: Json, role: str, container: str, port: int) -> Json:
    """As if its owner had it: whatever strategy the service has, there are two groups to shift between."""
    advanced = {
        "alternateTargetGroupArn": ingress["targetGroups"][1],
        "productionListenerRule": ingress["rule"],
        "roleArn": role,
    }
    if ingress["testRule"]:
        advanced["testListenerRule"] = ingress["testRule"]
    return {
        "targetGroupArn": ingress["targetGroups"][0],
        "containerName": container,
        "containerPort": port,
        "advancedConfiguration": advanced,
    }
