"""What a release's task definition starts from, as its environment says: what runs, the newest revision, or its own."""

from collections.abc import Iterator

from deployments.aws.errors import NotFound
from deployments.aws.protocol import Gateway
from deployments.aws.values import TaskDefinition
from deployments.definitions.making import brought
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG, DefinitionBase


class NoBase(Exception):
    """A sentence."""


def base_of(
    settings: EnvironmentSettings, artefact: Artefact | None, live: TaskDefinition, gateway: Gateway
) -> TaskDefinition:
    """Raises AwsError, or NoBase where there is none. Without a release, its own is not looked for."""
    match settings.definition_base:
        case DefinitionBase.NEWEST:
            return newest(live.family, gateway)
        case DefinitionBase.RELEASE if artefact:
            if found := brought(artefact, live):
                return found
            raise NoBase(f"Release {artefact.version} brings no task definition, and {settings.label} starts from it.")
    return live


def newest(family: str, gateway: Gateway) -> TaskDefinition:
    """The newest ACTIVE revision that Tealgate did not make: one call, two where the newest one is ours.

    Ours made from it tell which it was, since nobody made another one between. Those of a way back, or from what ran,
    do not: then it is looked for further back. Raises AwsError, or NoBase.
    """
    for found in _newest_first(family, gateway):
        if DEPLOYMENT_TAG not in found.tags:
            return found
        if origin := _origin(found, gateway):
            return origin
    raise NoBase(f"None of the newest revisions of {family} was registered by anybody but Tealgate.")


def _origin(ours: TaskDefinition, gateway: Gateway) -> TaskDefinition | None:
    """What one of ours was made from; None when it does not tell, or when somebody took that back."""
    number = ours.tags.get(BASE_TAG)
    try:
        found = gateway.task_definition(f"{ours.family}:{number}") if number else None
    except NotFound:
        return None
    return found if found and found.status == "ACTIVE" else None


def _newest_first(family: str, gateway: Gateway) -> Iterator[TaskDefinition]:
    first = gateway.task_definition(family)
    yield first
    for arn in gateway.newest_revisions(family):
        if arn != first.arn:
            yield gateway.task_definition(arn)
