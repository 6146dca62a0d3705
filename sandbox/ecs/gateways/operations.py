"""Create, describe and associate gateways, and describe the way to one service."""

from sandbox.ecs.errors import InvalidParameter, ResourceNotFound
from sandbox.ecs.gateways.model import Gateway
from sandbox.ecs.gateways.routes import route_arn
from sandbox.ecs.model import Json, utcnow
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked

KIND = "hostSharedAlb"


def create_gateway(store: Store, request: Json) -> Json:
    name, role = request["name"], request["infrastructureRoleArn"]
    configuration = request["configuration"].get(KIND)
    if configuration is None:
        raise InvalidParameter("Exactly one gateway configuration must be specified.")
    if name in store.gateways:
        raise InvalidParameter(f"A gateway with the name {name} already exists.")
    arn = store.arn(f"gateway/{name}")
    store.tags[arn] = checked(request)
    store.gateways[name] = Gateway(name, arn, role, configuration, utcnow())
    return {"gatewayArn": arn, "name": name, "status": "ACTIVE"}


def describe_gateway(store: Store, request: Json) -> Json:
    gateway = _find(store, request)
    shown = gateway.configuration | {"port": 443, "protocol": "HTTPS"}
    return {
        "gateway": {
            "gatewayArn": gateway.arn,
            "name": gateway.name,
            "status": "ACTIVE",
            "infrastructureRoleArn": gateway.role,
            "configuration": {KIND: shown},
            "accessType": gateway.access_type,
            "createdAt": gateway.created_at,
            "updatedAt": gateway.created_at,
            "tags": store.tags[gateway.arn],
        }
    }


def associate_gateway_with_cluster(store: Store, request: Json) -> Json:
    gateway, cluster = _find(store, request), store.cluster(request["cluster"])
    gateway.clusters.add(cluster.name)
    return {"gatewayArn": gateway.arn, "clusterArn": cluster.arn, "status": "ACTIVE"}


def describe_gateway_route(store: Store, request: Json) -> Json:
    wanted = request["gatewayRouteArn"]
    service = next((each for each in store.services.values() if each.routed and route_arn(each) == wanted), None)
    if service is None:
        raise ResourceNotFound("The specified gateway route wasn't found.")
    ingress = service.routed["ingress"]
    made = {
        "loadBalancerArn": ingress["loadBalancer"],
        "listenerArn": ingress["listener"],
        "listenerRuleArn": ingress["rule"],
        "testListenerRuleArns": [ingress["testRule"]] if ingress["testRule"] else [],
    }
    return {
        "gatewayRoute": {
            "gatewayRouteArn": wanted,
            "gatewayArn": service.routed["gateway"],
            "clusterArn": service.cluster.arn,
            "serviceArn": service.arn,
            "serviceContainerPortName": service.body["gatewayConnectors"][0]["portName"],
            "status": "ACTIVE",
            "serviceUrl": f"https://{ingress['endpoint']}",
            "resources": {KIND: [made]},
        }
    }


def _find(store: Store, request: Json) -> Gateway:
    gateway = store.gateways.get(str(request["gateway"]).rpartition("/")[2])
    if gateway is None:
        raise ResourceNotFound("The specified gateway wasn't found.")
    return gateway
