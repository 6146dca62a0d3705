"""What a deployment leaves behind in ECS and in the listeners, so that a restart can put it back."""

from sandbox.codedeploy import traffic
from sandbox.codedeploy.ecs.swap import Swap
from sandbox.codedeploy.model import Deployment, Json
from sandbox.codedeploy.store import Store
from sandbox.ecs.errors import EcsError
from sandbox.ecs.tasksets import sets


def left_by(store: Store, deployment: Deployment) -> Json | None:
    swap = (deployment.undoes or deployment).keepsake
    if not isinstance(swap, Swap):
        return None
    with store.around.ecs.lock:
        primary = swap.service.primary_task_set
        if primary is None:
            return None
        listeners = [each for each in (swap.production, swap.test) if each and traffic.known_listener(each)]
        return {
            "cluster": swap.service.cluster.name,
            "service": swap.service.name,
            "task_definition": primary.task_definition.arn,
            "load_balancers": primary.load_balancers,
            "network_configuration": primary.network_configuration,
            "launch": primary.launch,
            "listeners": {each: traffic.forwards(each) for each in listeners},
        }


def restore(store: Store, traces: Json) -> None:
    """The listeners first: ECS wants the target group behind one."""
    ecs = store.around.ecs
    service = ecs.services.get((traces["cluster"], traces["service"]))
    if service is None or service.status != "ACTIVE":
        return
    for listener, weights in traces["listeners"].items():
        if traffic.known_listener(listener):
            traffic.write_weights(listener, weights)
    with ecs.lock:
        try:
            wanted = sets.Wanted(
                definition=ecs.usable_task_definition(traces["task_definition"]),
                load_balancers=traces["load_balancers"],
                network_configuration=traces["network_configuration"],
                launch=traces["launch"],
                started_by="CODE_DEPLOY",
            )
            service.task_sets.clear()
            sets.promote(service, sets.create(ecs, service, wanted))
        except EcsError:
            return  # the task definition was deregistered since; the service keeps what it was created with
