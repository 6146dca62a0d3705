"""The task definition of a scheduled family for a release: which of its containers gets which of the images."""

from collections.abc import Mapping
from typing import Any

from deployments.aws.values import TaskDefinition
from deployments.definitions.making import CannotBeMade
from deployments.definitions.pipeline_files import repository
from deployments.frozen import Artefact, EnvironmentSettings, ScheduledSpec


class NoImage(CannotBeMade):
    """What was seen, and what to do, each in sentences."""

    def __init__(self, seen: str, fix: str) -> None:
        super().__init__(f"{seen} {fix}")
        self.seen = seen
        self.fix = fix


def images_for(
    found: TaskDefinition, spec: ScheduledSpec, artefact: Artefact, settings: EnvironmentSettings
) -> Mapping[str, str]:
    """Container to image.

    As the environment says; else those of the same name; else those whose image is of the same repository; else a
    single container gets that of the environment's own. Raises NoImage, a sentence with what to do.
    """
    names, released = list(found.images), artefact.images
    if spec.images:
        return _as_told(found, spec, artefact)
    if same := {name: released[name] for name in names if name in released}:
        return same
    if like := _by_repository(found, released):
        return like
    if len(names) == 1 and (only := released.get(settings.container_name) or _only(released)):
        return {names[0]: only}
    raise NoImage(
        f"No container of {_called(found)} ({', '.join(names)}) has the name or the repository of an image of release "
        f"{artefact.version} ({', '.join(released)}).",
        "Say in the environment which container gets which, such as "
        f"{found.family}: {names[0]}={next(iter(released), settings.container_name)}.",
    )


def document(found: TaskDefinition, images: Mapping[str, str]) -> dict[str, Any]:
    """Everything else stays."""
    containers = [
        {**container, "image": images.get(container["name"], container["image"])}
        for container in found.document["containerDefinitions"]
    ]
    return {**found.document, "containerDefinitions": containers}


def _as_told(found: TaskDefinition, spec: ScheduledSpec, artefact: Artefact) -> Mapping[str, str]:
    missing = [name for name in spec.images if name not in found.images]
    if missing:
        raise NoImage(
            f"{_called(found)} has no container {', '.join(missing)}, which the environment gives an image; it has "
            f"{', '.join(found.images)}.",
            "Name one of these in the environment.",
        )
    unknown = sorted({name for name in spec.images.values() if name not in artefact.images})
    if unknown:
        raise NoImage(
            f"Release {artefact.version} has no image for {', '.join(unknown)}, which {_called(found)} is to get; it "
            f"has {', '.join(artefact.images)}.",
            "Register a release with it, or name another one in the environment.",
        )
    return {name: artefact.images[source] for name, source in spec.images.items()}


def _by_repository(found: TaskDefinition, released: Mapping[str, str]) -> Mapping[str, str]:
    """Of a repository from which the release has two images, neither is chosen."""
    images: dict[str, set[str]] = {}
    for image in released.values():
        images.setdefault(repository(image), set()).add(image)
    alike = {name: images.get(repository(image), set()) for name, image in found.images.items()}
    return {name: next(iter(some)) for name, some in alike.items() if len(some) == 1}


def _only(released: Mapping[str, str]) -> str:
    return next(iter(released.values())) if len(released) == 1 else ""


def _called(found: TaskDefinition) -> str:
    return found.arn.rsplit("/", 1)[-1]
