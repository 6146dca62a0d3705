"""Task definitions, their roles, ports, and room for them: each failure made in the account, and what people read."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def deregistered(scene: Scene) -> None:
    definition = making.definition(scene)
    scene.serve(making.service(scene, definition))
    scene.aws("ecs").deregister_task_definition(taskDefinition=definition)


def older_than_fargates_rules(scene: Scene) -> None:
    """ECS refuses to register such a one by now, but runs those that are older."""
    definition = making.definition(scene)
    scene.serve(making.service(scene, definition))
    family = definition.rsplit("/", 1)[-1].partition(":")[0]
    del scene.sandbox.ecs.task_definitions[family][-1].body["memory"]


def tagged_to_the_limit(scene: Scene) -> None:
    """AWS's own tags do not count."""
    tags = [{"key": f"team-{number}", "value": "shop"} for number in range(49)]
    definition = making.definition(scene, tags=tags)
    scene.serve(making.service(scene, definition))


def named_by_a_tag(scene: Scene) -> None:
    scene.serve(making.service(scene, making.definition(scene, {"image": "nginx:1.29"})))


def slow_to_stop(scene: Scene) -> None:
    scene.change(stop_timeout=180)


def not_essential(scene: Scene) -> None:
    """Something else keeps the task running."""
    side_car = {"name": "proxy", "image": "nginx:1.29", "essential": True}
    image = scene.world["repository_uri"] + ":1.0.0"
    web = {"name": "web", "image": image, "essential": False, "portMappings": [{"containerPort": 8000}]}
    definition = making.definition(scene, containerDefinitions=[web, side_car])
    scene.serve(making.service(scene, definition))


def another_container(scene: Scene) -> None:
    definition = making.definition(scene, {"name": "app"})
    scene.serve(making.service(scene, definition, loadBalancers=None))


def another_port(scene: Scene) -> None:
    definition = making.definition(scene, {"portMappings": [{"containerPort": 80}]})
    scene.serve(making.service(scene, definition, loadBalancers=None))


def another_port_behind_a_target_group(scene: Scene) -> None:
    """The load balancer's port is what the environment was set to when the service still listened there."""
    definition = making.definition(scene, {"portMappings": [{"containerPort": 80}]})
    place = {"containerName": "web", "containerPort": 80, "targetGroupArn": scene.world["legacy"]["target_group"]}
    scene.serve(making.service(scene, definition, loadBalancers=[place]))


def no_execution_role(scene: Scene) -> None:
    """The live image is public and needs none; the release's is in ECR."""
    public = {"image": "nginx:1.29", "secrets": [], "logConfiguration": {"logDriver": "json-file"}}
    definition = making.definition(scene, public, executionRoleArn=None)
    scene.serve(making.service(scene, definition))
    scene.release = scene.released("1.1.0")


def role_deleted(scene: Scene) -> None:
    role = making.role(scene)
    scene.serve(making.service(scene, making.definition(scene, taskRoleArn=role)))
    scene.aws("iam").delete_role(RoleName=role.rsplit("/", 1)[-1])


def both_on_instances(**changes: Any) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.serve(making.service_on_ec2(scene, desired=2, **changes))
        scene.change(green_service=making.service_on_ec2(scene, **changes))

    return make


def on_instances(network_mode: str = "bridge", host_port: int = 0, **changes: Any) -> Callable[[Scene], None]:
    """A live service in a cluster that has no container instance left, so none of its tasks runs."""

    def make(scene: Scene) -> None:
        definition = making.on_ec2(scene, network_mode, host_port)
        scene.serve(making.service_on_ec2(scene, task_definition=definition, **changes))

    return make


SMALL = {"minimumHealthyPercent": 50, "maximumPercent": 200}
PROVIDED = {"capacityProviderStrategy": [{"capacityProvider": "storefront", "weight": 1}], "launchType": None}
WARNING = Level.WARNING
FAILURES = (
    Failure(deregistered, "task-definition", "task-definition-active", 'with "TaskDefinition is inactive"'),
    Failure(deregistered, "task-definition", "task-definition-active", "is INACTIVE: ECS would answer", "ROLLING"),
    Failure(
        older_than_fargates_rules,
        "task-definition",
        "task-definition-registrable",
        "web has memory and Fargate needs cpu and memory of the task. Correct the task definition and update",
    ),
    Failure(
        tagged_to_the_limit,
        "task-definition",
        "task-definition-tags",
        "has 49 tags. A release's copy gets tealgate:deployment and tealgate:release too, and AWS takes 50 at most.",
    ),
    Failure(
        tagged_to_the_limit, "task-definition", "task-definition-tags", "has 49 tags. A release's copy gets", "ROLLING"
    ),
    *(
        Failure(
            named_by_a_tag,
            "task-definition",
            "live-image",
            "names images by a tag: nginx:1.29 (container web). A tag can be moved, so a task that ECS starts anew",
            controller,
            WARNING,
        )
        for controller in ("SERVICE_PAIR", "ROLLING")
    ),
    Failure(
        not_essential,
        "task-definition",
        "container-essential",
        "is not essential: when it exits, its task goes on without it.",
        level=WARNING,
    ),
    Failure(
        not_essential,
        "task-definition",
        "container-essential",
        "Set essential to true for web in the task definition",
        "ROLLING",
        level=WARNING,
    ),
    *(
        Failure(
            slow_to_stop,
            "task-definition",
            "stop-timeout",
            "AWS would refuse a stopTimeout of 180 s: on Fargate it takes 120 s at most. Set the environment's stop",
            controller,
        )
        for controller in ("SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY", "EXPRESS_MODE")
    ),
    Failure(another_container, "task-definition", "container-port", "has no container web; it has app"),
    Failure(another_port, "task-definition", "container-port", "maps 80, but the load balancer is to reach port 8000"),
    Failure(
        another_port_behind_a_target_group,
        "task-definition",
        "container-port",
        "maps 80, but the load balancer is to reach port 8000",
        "ROLLING",
    ),
    Failure(
        no_execution_role,
        "roles",
        "execution-role",
        "has no execution role, but needs one to pull from ECR on Fargate; its tasks would not start",
    ),
    Failure(role_deleted, "roles", "roles-exist", ", which does not exist. Create the role, or name another one"),
    Failure(on_instances("bridge", 80), "host-port", "host-port", "has the fixed host port 80: a second task cannot"),
    Failure(on_instances("host", 8000), "host-port", "host-port", "port 8000 is free for only one task", level=WARNING),
    Failure(on_instances("bridge", 80), "host-port", "host-port", "takes port 80 of its instance", "ROLLING", WARNING),
    Failure(both_on_instances(), "capacity", "capacity", "but there is room for 0 on 0 container instances"),
    Failure(
        both_on_instances(**PROVIDED),
        "capacity",
        "capacity",
        "Check that the capacity provider may start enough instances",
        level=WARNING,
    ),
    Failure(on_instances(desired=1), "capacity", "capacity", "have no room for a single new one", "ROLLING"),
    Failure(
        on_instances(desired=2, deploymentConfiguration=SMALL),
        "capacity",
        "capacity",
        "have room for 0: it will take longer",
        "ROLLING",
        WARNING,
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_tasks_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
