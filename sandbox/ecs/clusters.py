"""Clusters and their container instances."""

import uuid

from sandbox.ecs import account_settings, agents, capacity, instances, rendering
from sandbox.ecs.cluster import Cluster, ContainerInstance
from sandbox.ecs.errors import ClientError, EcsError, InvalidParameter, NamespaceNotFound
from sandbox.ecs.model import Json
from sandbox.ecs.store import Store
from sandbox.ecs.tags import checked


class ClusterContains(EcsError):
    """A cluster in use cannot be deleted."""


def create_cluster(store: Store, request: Json) -> Json:
    name = request.get("clusterName", "default")
    cluster = store.clusters.get(name)
    if cluster is None or cluster.status != "ACTIVE":
        tags, providers = checked(request), request.get("capacityProviders", [])
        strategy = request.get("defaultCapacityProviderStrategy", [])
        capacity.check_cluster(providers, strategy)
        insights = {"name": "containerInsights", "value": account_settings.effective(store, "containerInsights")}
        cluster = Cluster(
            name,
            store.arn(f"cluster/{name}"),
            settings=_settings(request.get("settings") or [insights]),
            capacity_providers=providers,
            default_strategy=strategy,
        )
        _configure(store, cluster, request)
        store.clusters[name] = cluster
        store.tags[cluster.arn] = tags
    return {"cluster": rendering.cluster(store, cluster)}


def update_cluster(store: Store, request: Json) -> Json:
    cluster = store.cluster(request["cluster"])
    if request.get("settings"):
        cluster.settings = _settings(request["settings"])
    _configure(store, cluster, request)
    return {"cluster": rendering.cluster(store, cluster, tags=True)}


def update_cluster_settings(store: Store, request: Json) -> Json:
    cluster = store.cluster(request["cluster"])
    cluster.settings = _settings(request["settings"])
    return {"cluster": rendering.cluster(store, cluster, tags=True)}


def put_cluster_capacity_providers(store: Store, request: Json) -> Json:
    return {"cluster": rendering.cluster(store, capacity.put_cluster_capacity_providers(store, request), tags=True)}


def _settings(given: list[Json]) -> list[Json]:
    for each in given:
        if each.get("name") != "containerInsights":
            raise InvalidParameter(f"Invalid cluster setting name {each.get('name')}.")
        if each.get("value") not in account_settings.VALUES["containerInsights"]:
            raise InvalidParameter(f"Invalid value {each.get('value')} for the cluster setting containerInsights.")
    return given


def _configure(store: Store, cluster: Cluster, request: Json) -> None:
    if "configuration" in request:
        cluster.body["configuration"] = request["configuration"]
    namespace = (request.get("serviceConnectDefaults") or {}).get("namespace")
    if namespace:
        cluster.body["serviceConnectDefaults"] = {"namespace": _namespace(store, namespace)}
    elif namespace == "":
        cluster.body.pop("serviceConnectDefaults", None)


def _namespace(store: Store, name: str) -> str:
    """ARN of the namespace; one that is only named is made when it is missing."""
    found = store.around.namespace(name)
    if found is None and name.startswith("arn:"):
        raise NamespaceNotFound
    return found or store.around.make_namespace(name)


def list_clusters(store: Store, request: Json) -> Json:
    return {"clusterArns": [cluster.arn for cluster in store.clusters.values() if cluster.status == "ACTIVE"]}


def describe_clusters(store: Store, request: Json) -> Json:
    found, failures = [], []
    for reference in request.get("clusters") or ["default"]:
        name = reference.rpartition("/")[2]
        if name in store.clusters:
            tags = "TAGS" in request.get("include", [])
            found.append(rendering.cluster(store, store.clusters[name], tags=tags))
        else:
            failures.append({"arn": store.arn(f"cluster/{name}"), "reason": "MISSING"})
    return {"clusters": found, "failures": failures}


def delete_cluster(store: Store, request: Json) -> Json:
    cluster = store.cluster(request["cluster"])
    if any(service.cluster is cluster and service.status == "ACTIVE" for service in store.services.values()):
        error = ClusterContains("The Cluster cannot be deleted while Services are active.")
        error.code = "ClusterContainsServicesException"
        raise error
    if any(task.cluster is cluster and not task.is_stopped for task in store.tasks.values()):
        error = ClusterContains("The Cluster cannot be deleted while Tasks are active.")
        error.code = "ClusterContainsTasksException"
        raise error
    cluster.status = "INACTIVE"
    return {"cluster": rendering.cluster(store, cluster)}


def register_container_instance(store: Store, request: Json) -> Json:
    """AWS's agent calls this; here anyone who wants a cluster with limited room does."""
    cluster = store.cluster(request.get("cluster"))
    sizes = {resource["name"]: int(resource["integerValue"]) for resource in request.get("totalResources", [])}
    name = f"i-{uuid.uuid4().hex[:17]}"
    tags = checked(request)
    instance = agents.join(store, cluster, name, cpu=sizes.get("CPU", 2048), memory=sizes.get("MEMORY", 3886))
    instance.attributes |= {each["name"]: each.get("value") or "" for each in request.get("attributes", [])}
    store.tags[instance.arn] = tags
    return {"containerInstance": instances.rendered(store, instance)}


def deregister_container_instance(store: Store, request: Json) -> Json:
    instance = _instance(store, request["containerInstance"])
    if any(task.instance is instance and not task.is_stopped for task in store.tasks.values()):
        raise InvalidParameter("Found running tasks on the instance.")
    instance.status = "INACTIVE"
    del store.instances[instance.arn]
    return {"containerInstance": instances.rendered(store, instance)}


def list_container_instances(store: Store, request: Json) -> Json:
    cluster = store.cluster(request.get("cluster"))
    wanted = request.get("status")
    return {
        "containerInstanceArns": [
            instance.arn
            for instance in store.instances.values()
            if instance.cluster is cluster and wanted in (None, instance.status)
        ]
    }


def describe_container_instances(store: Store, request: Json) -> Json:
    store.cluster(request.get("cluster"))
    found, failures = [], []
    for reference in request["containerInstances"]:
        try:
            found.append(instances.rendered(store, _instance(store, reference)))
        except ClientError:
            failures.append({"arn": reference, "reason": "MISSING"})
    return {"containerInstances": found, "failures": failures}


def _instance(store: Store, reference: str) -> ContainerInstance:
    number = reference.rpartition("/")[2]
    for instance in store.instances.values():
        if instance.arn.endswith(f"/{number}"):
            return instance
    raise ClientError("The referenced container instance was not found.")
