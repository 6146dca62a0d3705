"""The release's task definition, made from the live one, and what it changes in words."""

import json
from collections.abc import Mapping
from difflib import ndiff
from typing import Any

from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact


class MissingContainer(ValueError):
    pass


def with_release(live: TaskDefinition, artefact: Artefact) -> dict[str, Any]:
    """The live document with the release's images; everything else stays.

    Raises MissingContainer when the release names a container that the live one does not have.
    """
    names = {container["name"] for container in live.document["containerDefinitions"]}
    if missing := sorted(set(artefact.images) - names):
        raise MissingContainer(
            f"Release {artefact.version} has an image for {', '.join(missing)}, but the live task definition "
            f"{live.family}:{live.revision} has only {', '.join(sorted(names))}."
        )
    containers = [
        {**container, "image": artefact.images.get(container["name"], container["image"])}
        for container in live.document["containerDefinitions"]
    ]
    return {**live.document, "containerDefinitions": containers}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Lines of (sign, text) with two lines of context; secrets appear by name only, as AWS keeps them."""
    lines = [(line[0], line[2:]) for line in ndiff(_lines(before), _lines(after)) if line[0] in "+- "]
    changed = [index for index, (sign, _) in enumerate(lines) if sign != " "]
    near = {index + offset for index in changed for offset in range(-2, 3)}
    return tuple(line for index, line in enumerate(lines) if index in near)


def short(task_definition: str) -> str:
    """ "api:7" of a task definition's ARN."""
    return task_definition.rsplit("/", 1)[-1]


def _lines(document: Mapping[str, Any]) -> list[str]:
    shown = {key: document[key] for key in ("family", "cpu", "memory", "runtimePlatform") if key in document}
    shown["containerDefinitions"] = [_without_values(c) for c in document["containerDefinitions"]]
    return json.dumps(shown, indent=2, sort_keys=True).splitlines()


def _without_values(container: Mapping[str, Any]) -> dict[str, Any]:
    """Environment variables by name only: people put secrets there although they should not."""
    shown = dict(container)
    if "environment" in shown:
        shown["environment"] = sorted(variable["name"] for variable in shown["environment"])
    if "secrets" in shown:
        shown["secrets"] = sorted(secret["name"] for secret in shown["secrets"])
    return shown
