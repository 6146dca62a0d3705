"""What a release's task definition is made from: each failure made in the account, and what people read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deployments.preflight.report import Level
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def bringing(base: str = "RELEASE", **members: Any) -> Callable[[Scene], None]:
    """A release whose file is as what runs, but for the members given."""

    def make(scene: Scene) -> None:
        shown = scene.aws("ecs").describe_task_definition(taskDefinition=scene.world["task_definition"])
        document = {name: shown["taskDefinition"][name] for name in making.REGISTRABLE} | {"family": "shop-web"}
        scene.release = replace(scene.released("1.1.0"), task_definition={**document, **members})
        scene.change(definition_base=base)

    return make


def bringing_none(scene: Scene) -> None:
    scene.release = scene.released("1.1.0")
    scene.change(definition_base="RELEASE")


def without_a_sidecar(scene: Scene) -> None:
    bringing()(scene)
    shown = scene.aws("ecs").describe_task_definition(taskDefinition=scene.world["task_definition"])["taskDefinition"]
    both = [*shown["containerDefinitions"], {"name": "log", "image": "fluent:3"}]
    scene.serve(making.service(scene, making.definition(scene, containerDefinitions=both)))


def newest(**tags: str) -> Callable[[Scene], None]:
    """A family that has no revision but this one, with these tags."""

    def make(scene: Scene) -> None:
        given = [{"key": key, "value": value} for key, value in tags.items()]
        scene.serve(making.service(scene, making.definition(scene, tags=given)))
        scene.release = scene.released("1.1.0")
        scene.change(definition_base="NEWEST")

    return make


def named_role(scene: Scene) -> None:
    bringing(taskRoleArn=making.role(scene))(scene)


FAILURES = (
    Failure(
        bringing("LIVE"),
        "task-definition",
        "definition-base",
        "Release 1.1.0 brings a task definition, but",
        level=Level.WARNING,
    ),
    *(
        Failure(
            bringing_none,
            "task-definition",
            "definition-base",
            "Register the release with its task definition, or let the environment start from what runs.",
            controller,
        )
        for controller in ("SERVICE_PAIR", "ROLLING", "EXPRESS_MODE")
    ),
    Failure(
        newest(**{DEPLOYMENT_TAG: "d1"}),
        "task-definition",
        "definition-base",
        "was registered by anybody but Tealgate. Register a revision where task definitions are made (terraform apply)",
    ),
    Failure(
        newest(**{DEPLOYMENT_TAG: "d1", BASE_TAG: "99"}),
        "task-definition",
        "definition-base",
        "was registered by anybody but Tealgate.",
    ),
    Failure(
        bringing(family="another"),
        "task-definition",
        "definition-family",
        "is of the family another; it is registered in the service's",
        level=Level.WARNING,
    ),
    Failure(
        without_a_sidecar,
        "task-definition",
        "definition-containers",
        "has no container log, which case-",
        level=Level.WARNING,
    ),
    Failure(named_role, "roles", "roles-allowed", "which storefront/production does not allow"),
    Failure(
        bringing(memory=None),
        "task-definition",
        "task-definition-registrable",
        "Correct the task definition and register a new release with it.",
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_where_a_task_definition_comes_from_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_what_may_be_is_told_too(scene: Scene) -> None:
    """Roles that the environment allows, and what the release's is made from."""
    role = making.role(scene)
    bringing(taskRoleArn=role)(scene)
    scene.change(task_roles=(role,))

    report = scene.look("task-definition", "roles")

    said = {each.check: each.seen for each in report.results if each.level is Level.OK}
    assert report.passed
    assert "is made from storefront of release 1.1.0." in said["definition-base"]
    assert said["roles-allowed"].startswith("The environment allows case-")
