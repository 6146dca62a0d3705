"""A deployment to ECS, from the first event to the end of the original task set.

1. Install: both target groups behind the listeners, a replacement task set, all its tasks healthy.
2. AllowTestTraffic: the test listener forwards to it.
3. The gate, when the group has one: Ready until somebody continues.
4. AllowTraffic: the production listener, at once or by canary or linear steps; the replacement is primary.
5. The termination wait, then the original task set goes. Up to here everything can still be undone.

Between them the functions of the AppSpec are run.
"""

from sandbox.codedeploy import appspec, bundles
from sandbox.codedeploy.ecs import hooks
from sandbox.codedeploy.ecs import swap as swaps
from sandbox.codedeploy.ecs.swap import Swap
from sandbox.codedeploy.halts import Failed, Stopped
from sandbox.codedeploy.lifecycle import Story, close, lifecycle_event, pause, ready, skip, until
from sandbox.codedeploy.model import Deployment, Json, LifecycleEvent, Target
from sandbox.codedeploy.store import Store
from sandbox.ecs.errors import EcsError
from sandbox.ecs.tasksets import sets

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
HEALTHY_WITHIN = 60  # minutes
NEVER_HEALTHY = (
    "The deployment timed out while waiting for the replacement task set to become healthy. "
    "This time out period is {} minutes."
)
NOBODY_CAME = (
    "The deployment timed out while waiting for a notification to continue. This time out period is {} minutes."
)


def deploy(store: Store, deployment: Deployment) -> Story:
    target = _target(store, deployment)
    if deployment.undoes is not None:
        yield from _undo(store, deployment, target, deployment.undoes.keepsake)
        return
    swap = swaps.begin(store, deployment)
    deployment.keepsake, deployment.restore, target.details = swap, swap.restore, swap.details
    spec = _spec(deployment)

    def hook(event: str) -> Story:
        return hooks.run(store, deployment, target, event, spec.hooks.get(event, ""))

    yield from hook("BeforeInstall")
    with lifecycle_event(target, "Install"):
        yield from _install(store, swap, spec)
    yield from hook("AfterInstall")
    if swap.test:
        with lifecycle_event(target, "AllowTestTraffic"):
            swap.shift_test()
            yield
        yield from hook("AfterAllowTestTraffic")
    else:
        skip(target, "AllowTestTraffic", "AfterAllowTestTraffic")
    yield from _stand_at_the_gate(store, deployment, target)
    yield from hook("BeforeAllowTraffic")
    with lifecycle_event(target, "AllowTraffic"):
        yield from _shift(store, swap, deployment.config.traffic_routing)
    yield from hook("AfterAllowTraffic")
    yield from _end_original(store, deployment, swap)
    close(target, "Succeeded")


def _target(store: Store, deployment: Deployment) -> Target:
    service = deployment.group.body["ecsServices"][0]
    names = [service[key].rpartition("/")[2] for key in ("clusterName", "serviceName")]
    target = Target(
        ":".join(names),
        store.around.ecs.arn(f"service/{'/'.join(names)}"),
        [LifecycleEvent(name) for name in EVENTS],
        status="InProgress",
    )
    deployment.targets[target.id] = target
    return target


def _spec(deployment: Deployment) -> appspec.AppSpec:
    location = deployment.revision
    try:
        if location["revisionType"] == "AppSpecContent":
            return appspec.parse(location["appSpecContent"]["content"])
        return appspec.parse(bundles.read_s3(location["s3Location"]).decode())
    except (appspec.BadAppSpec, UnicodeDecodeError) as problem:
        raise Failed("INVALID_REVISION", str(problem)) from problem
    except bundles.Missing as problem:
        raise Failed("REVISION_MISSING", str(problem)) from problem


def _install(store: Store, swap: Swap, spec: appspec.AppSpec) -> Story:
    for left_over in [each for each in swap.service.task_sets if each is not swap.original]:
        swap.drain(left_over)
    never = Failed("TIMEOUT", NEVER_HEALTHY.format(HEALTHY_WITHIN))
    yield from until(
        store.clock, lambda: swap.service.task_sets == [swap.original], within=HEALTHY_WITHIN * 60, otherwise=never
    )
    swap.attach()
    ecs = store.around.ecs
    with ecs.lock:
        try:
            swap.replacement = sets.create(ecs, swap.service, _wanted(swap, spec))
        except EcsError as error:
            raise swaps.update_failed(error) from error
    replacement = swap.replacement
    yield from until(
        store.clock,
        lambda: replacement.stability_status == "STEADY_STATE",
        within=HEALTHY_WITHIN * 60,
        otherwise=never,
    )


def _wanted(swap: Swap, spec: appspec.AppSpec) -> sets.Wanted:
    balancer = {
        "targetGroupArn": swap.replacement_group,
        "containerName": spec.container,
        "containerPort": spec.port,
    }
    return sets.Wanted(
        definition=swap.ecs.usable_task_definition(spec.task_definition),
        load_balancers=[balancer],
        network_configuration=spec.network_configuration or swap.original.network_configuration,
        launch=swap.original.launch | spec.launch,
        started_by="CODE_DEPLOY",
    )


def _stand_at_the_gate(store: Store, deployment: Deployment, target: Target) -> Story:
    option = deployment.group.body["blueGreenDeploymentConfiguration"]["deploymentReadyOption"]
    if option.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        return
    minutes = int(option["waitTimeInMinutes"])
    ready(deployment, [target], waiting=True)
    # Stopped and not failed, and no event of a roll back: nobody said that the release is bad.
    nobody = Stopped("TIMEOUT", NOBODY_CAME.format(minutes), event="")
    yield from until(store.clock, lambda: deployment.may_reroute, within=minutes * 60, otherwise=nobody)
    ready(deployment, [target], waiting=False)


def _shift(store: Store, swap: Swap, routing: Json) -> Story:
    for percent, minutes in steps(routing):
        swap.require_service()
        swap.shift(percent)
        yield from pause(store.clock, minutes * 60)
    swap.require_service()
    swap.shift(100)
    swap.promote()
    yield


def steps(routing: Json) -> list[tuple[int, int]]:
    """Percentages below 100 with the minutes that each of them stays."""
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return [(canary["canaryPercentage"], canary["canaryInterval"])]
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        step = linear["linearPercentage"]
        return [(percent, linear["linearInterval"]) for percent in range(step, 100, step)]
    return []


def _end_original(store: Store, deployment: Deployment, swap: Swap) -> Story:
    option = deployment.group.body["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]
    if option.get("action") == "KEEP_ALIVE":
        deployment.status_info = "The original task set was kept, as the deployment group asks for."
        return
    deployment.termination_wait_started = True
    minutes = int(option.get("terminationWaitTimeInMinutes") or 0)
    yield from pause(store.clock, minutes * 60, unless=lambda: deployment.may_terminate)
    deployment.past_return = True
    swap.drain(swap.original)
    while swap.still_there(swap.original):
        yield


def _undo(store: Store, deployment: Deployment, target: Target, swap: Swap | None) -> Story:
    """A roll back: the original task set never went away, so there is nothing to install."""
    skip(target, *(name for name in EVENTS if name != "AllowTraffic"))
    with lifecycle_event(target, "AllowTraffic"):
        if swap is not None:
            target.details = swap.details
            swap.restore()
            while swap.still_there(swap.replacement):
                yield
        yield
    close(target, "Succeeded")
