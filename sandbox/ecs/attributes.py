"""Attributes of container instances: those that every instance has, and those that somebody put."""

from sandbox.ecs.cluster import Cluster, ContainerInstance
from sandbox.ecs.errors import EcsError, InvalidParameter
from sandbox.ecs.model import Json
from sandbox.ecs.pages import page
from sandbox.ecs.store import Store

MOST_AT_ONCE = 10
CONTAINER_INSTANCE = "container-instance"
BUILT_IN = {"ecs.os-type": "linux", "ecs.cpu-architecture": "x86_64"}


class TargetNotFound(EcsError):
    code = "TargetNotFoundException"


def list_attributes(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    if request["targetType"] != CONTAINER_INSTANCE:
        raise InvalidParameter(f"The target type must be {CONTAINER_INSTANCE}.")
    name, value = request.get("attributeName"), request.get("attributeValue")
    if value is not None and not name:
        raise InvalidParameter("attributeValue needs an attributeName.")
    built_in = BUILT_IN | {"ecs.availability-zone": f"{store.region}a"}
    found = {
        f"{instance.arn} {key}": _described(instance, key, held)
        for instance in store.instances.values()
        if instance.cluster is cluster
        for key, held in (built_in | instance.attributes).items()
        if name in (None, key) and value in (None, held)
    }
    answer = page(list(found), request, "attributes")
    answer["attributes"] = [found[each] for each in answer["attributes"]]
    return answer


def put_attributes(store: Store, request: Json) -> Json:
    changed = _targets(store, store.cluster(request.get("cluster")), request["attributes"])
    for instance, each in changed:
        instance.attributes[each["name"]] = each.get("value") or ""
    return {"attributes": [_described(instance, each["name"], each.get("value") or "") for instance, each in changed]}


def delete_attributes(store: Store, request: Json) -> Json:
    changed = _targets(store, store.cluster(request.get("cluster")), request["attributes"])
    for instance, each in changed:
        instance.attributes.pop(each["name"], None)
    return {"attributes": [_described(instance, each["name"], each.get("value") or "") for instance, each in changed]}


def _targets(store: Store, cluster: Cluster, given: list[Json]) -> list[tuple[ContainerInstance, Json]]:
    """All of them, or none is touched."""
    if not 1 <= len(given) <= MOST_AT_ONCE:
        raise InvalidParameter(f"1 to {MOST_AT_ONCE} attributes can be changed at once.")
    found = []
    for each in given:
        if each["name"].startswith("ecs."):
            raise InvalidParameter(f"Attributes that begin with ecs. are reserved for AWS: {each['name']}")
        number = str(each.get("targetId") or "").rpartition("/")[2]
        ours = (one for one in store.instances.values() if one.cluster is cluster)
        instance = next((one for one in ours if one.arn.endswith(f"/{number}")), None)
        if not number or instance is None:
            raise TargetNotFound(f"The target {number} was not found in the cluster {cluster.name}.")
        found.append((instance, each))
    return found


def _described(instance: ContainerInstance, name: str, value: str) -> Json:
    shown = {"name": name, "targetType": CONTAINER_INSTANCE, "targetId": instance.arn}
    return shown | ({"value": value} if value else {})
