"""The live task definition, and what the release's own is made from: usable, complete, with the right port."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deployments.aws.values import Service, TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import definition_base, stop_timeout
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, named
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG, RELEASE_TAG, DefinitionBase
from deployments.words import counted, joined

#: AWS's limit for any resource; tags whose names begin with "aws:" do not count.
MOST_TAGS = 50


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """Those of `usable`, and container-port"""
    yield from usable(settings, artefact, readings)
    if readings.find_task_definition():
        yield port(settings, readings.base(artefact))


def usable(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """task-definition-active, -registrable and -tags, live-image, container-essential, one-off-volumes, stop-timeout,
    and those of `definition_base`"""
    definition = readings.find_task_definition()
    if definition is None:
        yield error(
            "task-definition-active",
            f"The task definition {named(readings.source.task_definition)} of {readings.source.name} does not exist.",
            f"Register one and update {readings.source.name} with it.",
        )
        return
    yield _active(definition, readings.source)
    yield from definition_base.check(settings, artefact, readings)
    base = readings.base(artefact)
    fargate = on_fargate(readings.source, base)
    yield _registrable(base, fargate)
    yield from stop_timeout.check(settings, fargate)
    yield from _tags(settings, base)
    yield from _images(definition, readings.source)
    yield from _essential(base, (settings.container_name, *(artefact.images if artefact else ())))
    if settings.one_off_tasks:
        yield from _volumes(base, readings.source)


def network_mode(definition: TaskDefinition) -> str:
    """ECS leaves networkMode out for its default, which is bridge on EC2."""
    return str(definition.document.get("networkMode") or "bridge")


def on_fargate(service: Service, definition: TaskDefinition) -> bool:
    providers = [str(entry.get("capacityProvider", "")) for entry in service.capacity_provider_strategy]
    if providers:
        return any(provider.startswith("FARGATE") for provider in providers)
    if service.launch_type:
        return service.launch_type == "FARGATE"
    return definition.document.get("requiresCompatibilities") == ["FARGATE"]


def _active(definition: TaskDefinition, source: Service) -> Result:
    name = f"{named(definition.arn)} of {source.name}"
    if definition.status == "ACTIVE":
        return ok("task-definition-active", f"The task definition {name} is ACTIVE.")
    return error(
        "task-definition-active",
        f"The task definition {name} is {definition.status}: ECS would answer the roll back to it with "
        '"TaskDefinition is inactive".',
        f"Register its content as a new revision, update {source.name} with that, and do not deregister "
        "revisions "
        "that a service still runs.",
    )


def _registrable(definition: TaskDefinition, fargate: bool) -> Result:
    missing = [*_missing(definition.document, fargate)]
    name = named(definition.arn)
    if not missing:
        return ok("task-definition-registrable", f"{name} can be registered again with the release's images.")
    return error(
        "task-definition-registrable",
        f"ECS would refuse a copy of {name}: {listed(missing)}.",
        _correct(definition, "Correct the task definition"),
    )


def _correct(definition: TaskDefinition, what: str) -> str:
    """One that a release brings has no revision yet."""
    return f"{what} and {'update the service with it' if definition.revision else 'register a new release with it'}."


def _tags(settings: EnvironmentSettings, definition: TaskDefinition) -> Iterator[Result]:
    own = {key for key in definition.tags if not key.lower().startswith("aws:")}
    ours = [DEPLOYMENT_TAG, RELEASE_TAG]
    if settings.definition_base == DefinitionBase.NEWEST:
        ours.append(BASE_TAG)
    if len(own.union(ours)) > MOST_TAGS:
        name = named(definition.arn)
        yield error(
            "task-definition-tags",
            f"{name} has {counted(len(own), 'tag')}. A release's copy gets {joined(ours)} too, and "
            f"AWS takes {MOST_TAGS} at most.",
            f"Take tags off {name} (ecs:UntagResource) until {MOST_TAGS - len(ours)} are left.",
        )


def _images(definition: TaskDefinition, source: Service) -> Iterator[Result]:
    """The release's own are by digest; a tag is a sidecar's, or from before Tealgate."""
    if by_tag := definition.images_by_tag:
        shown = listed(f"{image} (container {container})" for container, image in by_tag.items())
        yield warning(
            "live-image",
            f"The task definition {named(definition.arn)} of {source.name} names images by a tag: {shown}. A tag can "
            "be moved, so a task that ECS starts anew, in a roll back for instance, may run another image than those "
            "that run now.",
            "Name images by digest (repository@sha256:...) where task definitions are made.",
        )


def _essential(definition: TaskDefinition, names: Iterable[str]) -> Iterator[Result]:
    for name in dict.fromkeys(names):
        container = definition.container(name)
        if container is not None and container.get("essential") is False:
            yield warning(
                "container-essential",
                f"Container {name} of {named(definition.arn)} is not essential: when it exits, its task goes on "
                "without it. ECS starts no other one, and nothing counts as stopped.",
                _correct(definition, f"Set essential to true for {name} in the task definition"),
            )


def _volumes(definition: TaskDefinition, source: Service) -> Iterator[Result]:
    """A task that RunTask starts gets the volumes that the service says how to make."""
    unknown = [name for name in definition.volumes_at_launch if name not in source.volume_configurations]
    if unknown:
        yield error(
            "one-off-volumes",
            f"{named(definition.arn)} leaves {listed(unknown)} to be configured at launch, but {source.name} shows no "
            "configuration of it that one-off tasks could take over: ECS would refuse to start them.",
            f"Give {source.name} a configuration of each such volume (UpdateService, volumeConfigurations), or take "
            "the one-off tasks off the environment.",
        )


def _missing(document: Mapping[str, Any], fargate: bool) -> Iterator[str]:
    containers = document.get("containerDefinitions") or []
    if not containers:
        yield "it has no containers"
    for container in containers:
        if not container.get("image"):
            yield f"container {container['name']} has no image"
        if not (document.get("memory") or container.get("memory") or container.get("memoryReservation")):
            yield f"neither the task nor container {container['name']} has memory"
    if fargate:
        if document.get("networkMode") != "awsvpc":
            yield "Fargate needs networkMode awsvpc"
        if not (document.get("cpu") and document.get("memory")):
            yield "Fargate needs cpu and memory of the task"


def port(settings: EnvironmentSettings, definition: TaskDefinition) -> Result:
    name, wanted = named(definition.arn), settings.container_port
    container = definition.container(settings.container_name)
    if container is None:
        names = listed(each["name"] for each in definition.document["containerDefinitions"])
        return error(
            "container-port",
            f"{name} has no container {settings.container_name}; it has {names}.",
            "Correct the container name in the environment, or in the task definition.",
        )
    ports = [mapping.get("containerPort") for mapping in container.get("portMappings", ())]
    if wanted in ports:
        return ok("container-port", f"Container {settings.container_name} of {name} has port {wanted}.")
    has = listed(str(port) for port in ports) if ports else "no port"
    return error(
        "container-port",
        f"Container {settings.container_name} of {name} maps {has}, but the load balancer is to reach port {wanted}.",
        f"Add a port mapping for {wanted} to the task definition, or correct the port in the environment.",
    )
