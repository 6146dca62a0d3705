"""What CreateService and UpdateService mean for a service whose deployments ECS does not run itself."""

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json, Service, TaskDefinition
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets import sets
from sandbox.ecs.tasksets.operations import LAUNCH
from sandbox.ecs.tasksets.sets import Wanted

CODE_DEPLOY_ONLY = (
    "Unable to update {what} on services with a {controller} deployment controller. "
    "Use AWS CodeDeploy to trigger a new deployment."
)
REFUSED = (
    ("taskDefinition", "task definition"),
    ("loadBalancers", "load balancers"),
    ("networkConfiguration", "network parameters"),
    ("platformVersion", "platform version"),
)
CHANGEABLE = (
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
)


def first_task_set(store: Store, service: Service, definition: TaskDefinition, request: Json) -> None:
    """A CODE_DEPLOY service begins with a primary task set of what CreateService was given."""
    given = request | service.body  # which has what the cluster adds
    wanted = Wanted(
        definition=definition,
        load_balancers=service.load_balancers,
        network_configuration=service.body.get("networkConfiguration", {}),
        launch={key: given[key] for key in LAUNCH if given.get(key)},
        registries=service.body.get("serviceRegistries", []),
    )
    sets.promote(service, sets.create(store, service, wanted))


def update_service(store: Store, service: Service, request: Json) -> None:
    for field, what in REFUSED:
        if field in request:
            raise InvalidParameter(CODE_DEPLOY_ONLY.format(what=what, controller=service.controller))
    if request.get("forceNewDeployment"):
        raise InvalidParameter(
            f"Cannot force a new deployment on services with a {service.controller} deployment controller. "
            "Use AWS CodeDeploy to trigger a new deployment."
        )
    service.body |= {key: request[key] for key in CHANGEABLE if key in request}
    if "desiredCount" in request:
        service.desired_count = int(request["desiredCount"])
        service.steady = False
    store.wake()
