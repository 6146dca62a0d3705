"""The release's images: they exist, fit the CPU, and belong to containers that there are."""

from collections.abc import Iterator

from deployments.aws.ecr_address import EcrAddress
from deployments.aws.errors import AwsError
from deployments.aws.values import TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.words import listed, named, pinned

#: docker's names of CPU architectures, by those of runtimePlatform.cpuArchitecture
DOCKER_ARCHITECTURE = {"X86_64": "amd64", "ARM64": "arm64"}


def existence(settings: EnvironmentSettings, artefact: Artefact, readings: Readings) -> Iterator[Result]:
    """image-exists, image-latest"""
    for container, image in artefact.images.items():
        yield from _latest(container, artefact.references.get(container, ""))
        repository, _, digest = image.partition("@")
        if not digest:
            yield error(
                "image-exists",
                f"The image of container {container} is {image}, which is no digest: what it means can change.",
                f"Register the release again, so that {image} is resolved to its digest.",
            )
        elif not EcrAddress.parse(repository):
            yield unknown(
                "image-exists",
                f"{pinned(image)} is not in ECR, so whether it still exists was not looked at.",
            )
        elif readings.image(repository, digest, platforms=not artefact.platforms.get(container)) is None:
            yield error(
                "image-exists",
                f"ECR has no image {pinned(image)} for container {container} any more; tasks would stop with "
                "CannotPullContainerError.",
                "Push the image again, register a new release, and let ECR's lifecycle policy keep released images.",
            )
        else:
            yield ok("image-exists", f"ECR has {pinned(image)} for container {container}.")


def architecture(settings: EnvironmentSettings, artefact: Artefact, readings: Readings) -> Iterator[Result]:
    """image-architecture"""
    wanted = _wanted_platform(readings.base(artefact))
    if wanted is None:
        platform = readings.base(artefact).document.get("runtimePlatform")
        yield unknown("image-architecture", f"The task definition asks for {platform}, which Tealgate does not know.")
        return
    for container in artefact.images:
        built_for = _platforms(container, artefact, readings)
        if not built_for:
            yield unknown(
                "image-architecture",
                f"Which platform the image of container {container} was built for is not known.",
            )
        elif any(_is_for(platform, wanted) for platform in built_for):
            yield ok(
                "image-architecture",
                f"The image of container {container} was built for {wanted}, as it must.",
            )
        else:
            yield _wrong_architecture(container, built_for, wanted)


def containers(settings: EnvironmentSettings, artefact: Artefact, readings: Readings) -> Iterator[Result]:
    """image-containers"""
    definition = readings.base(artefact)
    existing = {each["name"]: each["image"] for each in definition.document["containerDefinitions"]}
    strangers = [name for name in artefact.images if name not in existing]
    if strangers:
        yield error(
            "image-containers",
            f"The release has an image for {listed(strangers)}, but the task definition "
            f"{named(definition.arn)} of {readings.source.name} has only {listed(existing)}.",
            "Register the release with the container names of the task definition.",
        )
    kept = [f"{name} keeps {pinned(image)}" for name, image in existing.items() if name not in artefact.images]
    if kept:
        yield warning(
            "image-containers",
            f"The release has no image for every container: {listed(kept)}.",
            "Nothing to do if that is meant; otherwise register a release with these images as well.",
        )
    if not strangers and not kept:
        yield ok("image-containers", f"The release has an image for every container: {listed(existing)}.")


def _latest(container: str, reference: str) -> Iterator[Result]:
    if "@" in reference or not reference:
        return
    _, _, tag = reference.rsplit("/", 1)[-1].partition(":")
    if tag in {"", "latest"}:
        yield warning(
            "image-latest",
            f"Container {container} was registered as {reference}. The tag latest moves with every push: "
            "Tealgate "
            "deploys the digest that it stood for, but nobody can tell from the name what runs.",
            "Tag each build with its version or git commit and register that.",
        )


def _wanted_platform(definition: TaskDefinition) -> str | None:
    """docker's name of what the task definition runs on; AWS's default is X86_64 and LINUX."""
    platform = definition.document.get("runtimePlatform") or {}
    cpu = DOCKER_ARCHITECTURE.get(platform.get("cpuArchitecture") or "X86_64")
    family = platform.get("operatingSystemFamily") or "LINUX"
    if cpu is None:
        return None
    if family == "LINUX":
        return f"linux/{cpu}"
    return f"windows/{cpu}" if family.startswith("WINDOWS") else None


def _platforms(container: str, artefact: Artefact, readings: Readings) -> tuple[str, ...]:
    """As the registry says now, else as it said when the release was registered."""
    repository, _, digest = artefact.images[container].partition("@")
    noted = artefact.platforms.get(container, ())
    if noted or not digest or not EcrAddress.parse(repository):
        return tuple(noted)
    try:
        image = readings.image(repository, digest, platforms=True)
    except AwsError:  # image-exists says so
        return ()
    return image.platforms if image else ()


def _is_for(platform: str, wanted: str) -> bool:
    # A variant may follow, as in linux/arm64/v8.
    return platform == wanted or platform.startswith(f"{wanted}/")


def _wrong_architecture(container: str, built_for: tuple[str, ...], wanted: str) -> Result:
    names = {docker: aws for aws, docker in DOCKER_ARCHITECTURE.items()}
    return error(
        "image-architecture",
        f"The image of container {container} was built for {listed(built_for)}, but the task definition runs "
        "on "
        f"{names[wanted.split('/')[1]]} ({wanted}): every task would stop with `exec format error`.",
        f"Build it with `docker buildx build --platform {wanted}` and register a new release, or change the "
        "task "
        "definition's runtimePlatform.",
    )
