"""Capacity providers: which a cluster may use, and which of a strategy's gets the next task."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sandbox.ecs.cluster import Cluster
from sandbox.ecs.errors import EcsError, InvalidParameter
from sandbox.ecs.model import Deployment, Json, Service, TaskSet
from sandbox.ecs.pages import page
from sandbox.ecs.store import Store

FARGATE = ("FARGATE", "FARGATE_SPOT")
MOST_DESCRIBED = 100
UNKNOWN = "The specified capacity provider was not found. Specify a valid capacity provider and try again."
NOT_ASSOCIATED = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
    "cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
)
BOTH = "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
NO_WEIGHT = "At least one capacity provider of the strategy must have a weight greater than 0."
IN_USE = "The specified capacity provider is in use and cannot be removed."


class ResourceInUse(EcsError):
    code = "ResourceInUseException"


def put_cluster_capacity_providers(store: Store, request: Json) -> Cluster:
    cluster = store.cluster(request["cluster"])
    names = [_name(each) for each in request["capacityProviders"]]
    check_cluster(names, request["defaultCapacityProviderStrategy"])
    used = {each["capacityProvider"] for each in _strategies_in_use(store, cluster)}
    if used & set(cluster.capacity_providers) - set(names):
        raise ResourceInUse(IN_USE)
    cluster.capacity_providers = names
    cluster.default_strategy = request["defaultCapacityProviderStrategy"]
    return cluster


def describe_capacity_providers(store: Store, request: Json) -> Json:
    known = list(FARGATE)
    if request.get("cluster"):
        known = [name for name in known if name in store.cluster(request["cluster"]).capacity_providers]
    asked = request.get("capacityProviders") or known
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"At most {MOST_DESCRIBED} capacity providers can be described at once.")
    found = [name for name in map(_name, asked) if name in known]
    answer = page(found, request, "capacityProviders", size=10)
    answer["capacityProviders"] = [_described(store, each) for each in answer["capacityProviders"]]
    answer["failures"] = [{"arn": _arn(store, each), "reason": "MISSING"} for each in asked if _name(each) not in known]
    return answer


def check_cluster(names: Iterable[str], default: Iterable[Json]) -> None:
    """What a cluster is to be associated with; the sandbox makes no capacity providers of its own."""
    allowed = set(names)
    if allowed - set(FARGATE):
        raise InvalidParameter(UNKNOWN)
    if any(each["capacityProvider"] not in allowed for each in default):
        raise InvalidParameter(NOT_ASSOCIATED)


def chosen(cluster: Cluster, request: Json) -> Json:
    """launchType or capacityProviderStrategy as asked for; the cluster's default strategy when neither is."""
    strategy = request.get("capacityProviderStrategy")
    if strategy and request.get("launchType"):
        raise InvalidParameter(BOTH)
    if not strategy and not request.get("launchType"):
        strategy = cluster.default_strategy
    if not strategy:
        return {"launchType": request.get("launchType", "EC2")}
    check(cluster, strategy)
    return {"capacityProviderStrategy": strategy}


def check(cluster: Cluster, strategy: Sequence[Json]) -> None:
    # Providers of container instances are nobody's here: each is taken for one of the cluster's.
    if {each["capacityProvider"] for each in strategy} & set(FARGATE) - set(cluster.capacity_providers):
        raise InvalidParameter(NOT_ASSOCIATED)
    if len(strategy) > 1 and not any(each.get("weight", 0) for each in strategy):
        raise InvalidParameter(NO_WEIGHT)


def strategy_of(service: Service, deployment: Deployment) -> list[Json]:
    launch = deployment.launch if isinstance(deployment, TaskSet) and deployment.launch else service.body
    return list(launch.get("capacityProviderStrategy") or [])


def spread(strategy: Sequence[Json], taken: Iterable[str], count: int) -> list[str]:
    """The provider of each new task: first every base, then by weight. Empty names without a strategy."""
    if not strategy:
        return [""] * count
    tally = Counter(taken)
    names = []
    for _ in range(count):
        name = min(strategy, key=lambda each: _rank(each, tally))["capacityProvider"]
        tally[name] += 1
        names.append(name)
    return names


def _rank(item: Json, tally: Counter[str]) -> tuple[bool, float]:
    beyond = tally[item["capacityProvider"]] - int(item.get("base", 0))
    weight = int(item.get("weight", 0))
    if beyond < 0:
        return False, 0.0
    return True, (beyond + 1) / weight if weight else float("inf")


def _strategies_in_use(store: Store, cluster: Cluster) -> Iterable[Json]:
    for service in store.services.values():
        if service.cluster is cluster and service.status == "ACTIVE":
            yield from service.body.get("capacityProviderStrategy") or []
            for task_set in service.task_sets:
                yield from task_set.launch.get("capacityProviderStrategy") or []


def _described(store: Store, name: str) -> Json:
    return {"capacityProviderArn": _arn(store, name), "name": name, "status": "ACTIVE", "type": name, "tags": []}


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _arn(store: Store, reference: str) -> str:
    return store.arn(f"capacity-provider/{_name(reference)}")
