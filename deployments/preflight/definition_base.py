"""What the release's task definition is made from: that there is one, and what it has or lacks beside the live one."""

from collections.abc import Iterator

from deployments.aws.values import TaskDefinition
from deployments.definitions.base import NoBase
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import listed, named
from deployments.vocabulary import DefinitionBase

_MEND = {
    DefinitionBase.RELEASE: "Register the release with its task definition",
    DefinitionBase.NEWEST: "Register a revision where task definitions are made (terraform apply)",
}


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """definition-base, definition-family, definition-containers"""
    brings = artefact is not None and artefact.task_definition is not None
    if settings.definition_base == DefinitionBase.LIVE:
        if artefact and brings:
            yield warning(
                "definition-base",
                f"Release {artefact.version} brings a task definition, but {settings.label} starts from the one that "
                "runs: only images are taken from the release.",
                "Let the environment's task definitions start from the release's, if more of it is meant to change.",
            )
        return
    found = readings.find_base(artefact)
    if isinstance(found, NoBase):
        mend = _MEND[DefinitionBase(settings.definition_base)]
        yield error("definition-base", str(found), f"{mend}, or let the environment start from what runs.")
        return
    live = readings.task_definition
    if found is not live:
        yield ok("definition-base", f"The release's task definition is made from {named(found.arn)}.")
        yield from _family(artefact, live)
        yield from _containers(found, live)


def _family(artefact: Artefact | None, live: TaskDefinition) -> Iterator[Result]:
    family = (artefact.task_definition or {}).get("family") if artefact else None
    if family and family != live.family:
        yield warning(
            "definition-family",
            f"The release's task definition is of the family {family}; it is registered in the service's, "
            f"{live.family}, so that the way back and the newest revision stay in one place.",
            f"Nothing to do if that is meant; otherwise say {live.family} in the file.",
        )


def _containers(found: TaskDefinition, live: TaskDefinition) -> Iterator[Result]:
    gone = [name for name in live.images if name not in found.images]
    if gone:
        yield warning(
            "definition-containers",
            f"{named(found.arn)} has no container {listed(gone)}, which {named(live.arn)} runs: with this release "
            "it is gone.",
            "Nothing to do if that is meant; otherwise add it where the task definition is made.",
        )
