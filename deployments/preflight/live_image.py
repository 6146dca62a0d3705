"""The way back: whether the images that run now could be pulled again, for a roll back or a task that is replaced."""

from collections.abc import Iterator, Mapping

from deployments.aws.ecr_address import EcrAddress
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, ok, unknown, warning
from deployments.preflight.words import listed, named, pinned


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """live-image-exists"""
    source = readings.source
    if not source.desired and not source.running:
        return
    live = readings.task_definition.images
    for container, image in live.items():
        if not EcrAddress.parse(image):
            yield unknown(
                "live-image-exists",
                f"{pinned(image)}, which container {container} runs now, is not in ECR, so whether it could be pulled "
                "again for a roll back was not looked at.",
            )
    kept = {container: image for container, image in live.items() if EcrAddress.parse(image)}
    gone = {container: image for container, image in kept.items() if not _is_there(image, kept, readings)}
    for container, image in gone.items():
        what = f"{pinned(image)}, which container {container} of {named(source.task_definition)} runs now"
        yield warning(
            "live-image-exists",
            f"ECR does not have {what}, any more: a task that ECS replaces, and a roll back once its tasks are gone, "
            "would stop with CannotPullContainerError.",
            "Push the very same image again before you deploy, and have ECR's lifecycle policy keep what runs, such as "
            "by a tag that it passes over. A release whose image is there can still be deployed.",
        )
    if kept and not gone:
        images = listed(pinned(image) for image in dict.fromkeys(kept.values()))
        yield ok("live-image-exists", f"ECR still has what runs now, {images}, so the way back can be pulled.")


def _is_there(image: str, kept: Mapping[str, str], readings: Readings) -> bool:
    """Of one repository all images are asked for at once."""
    repository, reference = _parts(image)
    wanted = [_parts(each)[1] for each in dict.fromkeys(kept.values()) if _parts(each)[0] == repository]
    return reference in readings.images_there(repository, wanted)


def _parts(image: str) -> tuple[str, str]:
    """Of an image in ECR its repository, and its digest or tag; without both docker takes "latest"."""
    named_so, _, digest = image.partition("@")
    repository, _, tag = named_so.partition(":")
    return repository, digest or tag or "latest"
