"""A new service revision and the deployment that brings it."""

import contextlib
import uuid

from sandbox.ecs.model import Deployment, Json, Service, TaskDefinition, utcnow
from sandbox.ecs.service_deployments import connecting, hooks, stages, traffic, watch
from sandbox.ecs.service_deployments.configuration import completed
from sandbox.ecs.service_deployments.model import (
    SUCCESSFUL,
    TERMINAL,
    ServiceDeployment,
    ServiceRevision,
)
from sandbox.ecs.store import Store, deployment_id, nineteen_digits

# A change to one of these starts a deployment; the others only change the service.
TRIGGERS = (
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)


def begin(
    store: Store, service: Service, definition: TaskDefinition, serving: ServiceRevision | None = None
) -> ServiceDeployment:
    """Start the deployment of what the service is by now. One that is under way stops.

    `serving`: who serves where ECS has deployed nothing yet.
    """
    before = store.current_service_deployment(service)
    if before is not None and before.is_stranded:
        _give_traffic_back(store, before)
    elif before is not None and not before.is_terminal:
        _supersede(store, before)
    serving = before.serving if before else serving
    configuration = completed(service.deployment_configuration)
    target = _revision(store, service, definition, configuration, serving)
    sources = [serving] if serving else []
    sources += [each for each in active_revisions(store, service) if each is not serving]
    deployment = ServiceDeployment(
        store.arn(f"service-deployment/{service.cluster.name}/{service.name}/{uuid.uuid4().hex[:21]}"),
        service,
        target,
        sources,
        serving,
        configuration,
    )
    store.service_deployments[deployment.arn] = deployment
    store.service_revisions[target.arn] = target
    make_primary(service, target)
    prepare(deployment)
    store.around.remember(deployment)
    return deployment


def prepare(deployment: ServiceDeployment) -> None:
    """Put the deployment at the beginning of its strategy."""
    if deployment.is_rolling:
        return
    stale = any(each is not deployment.serving for each in deployment.sources)
    first = deployment.serving is None
    deployment.steps = stages.plan(deployment.configuration, first=first, reconcile=stale)
    deployment.position, deployment.entered_at = 0, None
    deployment.kept = [deployment.serving] if deployment.serving else []
    groups = set(deployment.serving.target_groups) if deployment.serving else set()
    # In the middle of a rolling update both answer for one target group.
    deployment.leaving = [each for each in deployment.sources[1:] if groups.intersection(each.target_groups)]


def make_primary(service: Service, revision: ServiceRevision) -> None:
    for each in service.deployments:
        each.status = "ACTIVE"
        each.updated_at = utcnow()
    deployment = revision.deployment
    deployment.status = "PRIMARY"
    deployment.updated_at = utcnow()
    service.deployments = [deployment, *(each for each in service.deployments if each is not deployment)]
    service.steady = False


def set_status(store: Store, deployment: ServiceDeployment, status: str, reason: str = "") -> None:
    deployment.status = status
    deployment.status_reason = reason or deployment.status_reason
    deployment.updated_at = utcnow()
    if status in TERMINAL:
        deployment.finished_at = utcnow()
        if status != SUCCESSFUL:
            deployment.stopped_at = deployment.finished_at
        hooks.abandon(deployment)
        watch.end(deployment)
        for each in deployment.service.deployments:
            each.wanted = None
        deployment.service.steady = False
    store.around.remember(deployment)
    store.wake()


def active_revisions(store: Store, service: Service) -> list[ServiceRevision]:
    """Those that have tasks, the oldest first."""
    busy = {task.deployment.revision_arn for task in store.tasks_of(service) if task.deployment and not task.is_stopped}
    return [each for each in store.service_revisions.values() if each.arn in busy]


def _supersede(store: Store, deployment: ServiceDeployment) -> None:
    """Ask it to stop; the scheduler answers. Its traffic goes back before anything else happens to its tasks."""
    hooks.abandon(deployment)
    _give_traffic_back(store, deployment)
    reason = "Service deployment stopped because a newer service deployment was started."
    set_status(store, deployment, "STOP_REQUESTED", reason)


def _give_traffic_back(store: Store, deployment: ServiceDeployment) -> None:
    if deployment.serving is deployment.target or deployment.serving is None:
        return
    for step in stages.way_back(test=bool(deployment.test_percent), production=bool(deployment.production_percent)):
        if step.percent is not None:
            # Rules that cannot be written stop the new deployment too, when it comes to shifting.
            with contextlib.suppress(traffic.CannotShift):
                traffic.write(store, deployment, step)


def _revision(
    store: Store,
    service: Service,
    definition: TaskDefinition,
    configuration: Json,
    serving: ServiceRevision | None,
) -> ServiceRevision:
    name = store.arn(f"service-revision/{service.cluster.name}/{service.name}/{nineteen_digits()}")
    identity = deployment_id()
    strategy = str(configuration.get("strategy", "ROLLING"))
    deployment = Deployment(
        identity,
        definition,
        rollout_state_reason=f"ECS deployment {identity} in progress.",
        network_configuration=service.body.get("networkConfiguration", {}),
        load_balancers=traffic.resolved(service.load_balancers, serving, strategy),
        lattice=traffic.resolved(connecting.lattice_ways(service.body), serving, strategy),
        revision_arn=name,
    )
    return ServiceRevision(name, service, deployment, {key: service.body.get(key) for key in TRIGGERS})
