"""The two task sets of one deployment, and where traffic goes."""

from dataclasses import dataclass

from sandbox.codedeploy import traffic
from sandbox.codedeploy.halts import Failed
from sandbox.codedeploy.model import Deployment, Group, Json
from sandbox.codedeploy.store import Store
from sandbox.ecs.errors import EcsError, ServiceNotActive
from sandbox.ecs.model import Service, TaskSet
from sandbox.ecs.store import Store as EcsStore
from sandbox.ecs.tasksets import sets
from sandbox.ecs.tasksets.rendering import task_set as rendered

BEHIND = (
    "The ELB could not be updated due to the following error: Primary taskset target group must be behind listener {}"
)
UPDATE_FAILED = (
    "The ECS service cannot be updated due to an unexpected error: {message} (Service: AmazonECS; Status Code: "
    "{status}; Error Code: {code})"
)


def update_failed(error: EcsError) -> Failed:
    words = UPDATE_FAILED.format(message=error.message, status=error.status, code=error.code)
    return Failed("ECS_UPDATE_ERROR", words)


@dataclass(eq=False)
class Swap:
    ecs: EcsStore
    service: Service
    original: TaskSet
    original_group: str  # target group ARNs
    replacement_group: str
    production: str  # listener ARNs
    test: str | None
    replacement: TaskSet | None = None
    percent: int = 0  # of production traffic that goes to the replacement

    def attach(self) -> None:
        """Both target groups behind both listeners, nothing shifted: ECS wants a load balancer for the new one."""
        self.shift(0)
        if self.test:
            self._write(self.test, 0)

    def shift(self, percent: int) -> None:
        self.percent = percent
        self._write(self.production, percent)

    def shift_test(self) -> None:
        if self.test:
            self._write(self.test, 100)

    def require_service(self) -> None:
        """Raises Failed when somebody deleted the service in the meantime."""
        if self.service.status != "ACTIVE":
            raise update_failed(ServiceNotActive())

    def promote(self) -> None:
        assert self.replacement is not None
        with self.ecs.lock:
            sets.promote(self.service, self.replacement)

    def drain(self, task_set: TaskSet | None) -> None:
        with self.ecs.lock:
            if task_set is not None and self.still_there(task_set):
                sets.drain(self.ecs, self.service, task_set)

    def restore(self) -> None:
        """All traffic back to the original, the replacement away."""
        self.attach()
        with self.ecs.lock:
            if self.still_there(self.original):
                sets.promote(self.service, self.original)
        self.drain(self.replacement)

    def still_there(self, task_set: TaskSet | None) -> bool:
        return task_set is not None and task_set in self.service.task_sets

    def details(self) -> Json:
        """taskSetsInfo of the deployment target; ``identifer`` is AWS's own spelling."""
        with self.ecs.lock:
            shown = [self._info(self.original, "Blue", self.original_group, 100 - self.percent)]
            if self.replacement is not None:
                shown.append(self._info(self.replacement, "Green", self.replacement_group, self.percent))
            return {"taskSetsInfo": shown}

    def _info(self, task_set: TaskSet, label: str, group: str, percent: int) -> Json:
        seen = rendered(self.ecs, self.service, task_set)
        return {
            "identifer": task_set.id,
            "desiredCount": seen["computedDesiredCount"],
            "pendingCount": seen["pendingCount"],
            "runningCount": seen["runningCount"],
            "status": task_set.status,
            "trafficWeight": float(percent),
            "targetGroup": {"name": traffic.target_group_name(group)},
            "taskSetLabel": label,
        }

    def _write(self, listener: str, percent: int) -> None:
        traffic.write_weights(listener, {self.original_group: 100 - percent, self.replacement_group: percent})


def begin(store: Store, deployment: Deployment) -> Swap:
    """Raises Failed when service, target groups and listeners do not fit together."""
    group = deployment.group
    service = find_service(store, group)
    if service is None or service.status != "ACTIVE":
        raise Failed("INVALID_ECS_SERVICE", "The ECS service of the deployment group cannot be found or is not active.")
    original = service.primary_task_set
    if original is None or not original.load_balancers:
        raise Failed("INVALID_ECS_SERVICE", "The ECS service has no primary task set behind a load balancer.")
    pair = group.body["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    arns = [traffic.target_group_arn(store.region, each["name"]) for each in pair["targetGroups"]]
    primary = original.load_balancers[0].get("targetGroupArn", "")
    others = [arn for arn in arns if arn is not None and arn != primary]
    if primary not in arns or len(others) != 1:
        raise Failed(
            "INVALID_ECS_SERVICE", "The target group of the primary task set is not one of the deployment group's pair."
        )
    production = pair["prodTrafficRoute"]["listenerArns"][0]
    test = next(iter((pair.get("testTrafficRoute") or {}).get("listenerArns") or []), None)
    if not traffic.known_listener(production) or not traffic.forwards(production).get(primary):
        raise Failed("ELASTIC_LOAD_BALANCING_INVALID", BEHIND.format(production))
    if test and (not traffic.known_listener(test) or not set(traffic.forwards(test)) & {primary, *others}):
        raise Failed("ELASTIC_LOAD_BALANCING_INVALID", BEHIND.format(test))
    return Swap(store.around.ecs, service, original, primary, others[0], production, test)


def find_service(store: Store, group: Group) -> Service | None:
    reference = group.body["ecsServices"][0]
    names = (reference["clusterName"].rpartition("/")[2], reference["serviceName"].rpartition("/")[2])
    with store.around.ecs.lock:
        return store.around.ecs.services.get(names)
