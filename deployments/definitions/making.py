"""What a release's task definition is registered from: what it starts from, its images, the environment's time-out."""

from dataclasses import replace
from typing import Any

from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact


class CannotBeMade(ValueError):
    """A sentence."""


class MissingContainer(CannotBeMade):
    pass


def brought(artefact: Artefact, live: TaskDefinition) -> TaskDefinition | None:
    """The release's own, in the live one's family and account; None when it brings none.

    It is not registered: it has no revision, and its ARN only names it. Tags that it does not bring are the live ones.
    """
    if artefact.task_definition is None:
        return None
    document = {name: value for name, value in artefact.task_definition.items() if name != "tags"}
    given = artefact.task_definition.get("tags")
    prefix = live.arn.partition(":task-definition/")[0]
    return replace(
        live,
        arn=f"{prefix}:task-definition/{live.family} of release {artefact.version}",
        revision=0,
        status="ACTIVE",
        document={**document, "family": live.family},
        tags=live.tags if given is None else {tag["key"]: tag.get("value", "") for tag in given},
    )


def with_release(base: TaskDefinition, artefact: Artefact, stop_timeout: int | None = None) -> dict[str, Any]:
    """The base's document with the release's images; everything else stays.

    `stop_timeout`: seconds, for the containers that get one of these; None leaves it as it is.
    Raises MissingContainer when the release names a container that the base does not have.
    """
    names = {container["name"] for container in base.document["containerDefinitions"]}
    if missing := sorted(set(artefact.images) - names):
        raise MissingContainer(
            f"Release {artefact.version} has an image for {', '.join(missing)}, but the task definition "
            f"{base.arn.rsplit('/', 1)[-1]} has only {', '.join(sorted(names))}."
        )
    ours = {} if stop_timeout is None else {"stopTimeout": stop_timeout}
    containers = [
        {**container, "image": artefact.images[container["name"]], **ours}
        if container["name"] in artefact.images
        else {**container, "image": container.get("image", "")}
        for container in base.document["containerDefinitions"]
    ]
    return {**base.document, "containerDefinitions": containers}
