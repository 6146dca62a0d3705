"""What a kind of environment is checked for. Each controller passes its own to `run`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from deployments.aws.protocol import Gateway
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result

Seen = TypeVar("Seen", bound=Readings)

ReleaseCheck = Callable[[EnvironmentSettings, Artefact, Readings], Iterable[Result]]


@dataclass(frozen=True)
class Checklist(Generic[Seen]):
    """Its readings, and its checks in the order in which their errors are worth reading: causes first.

    A check is `(settings, artefact, readings) -> results`, pure but for the lazy readings.
    """

    read: Callable[[EnvironmentSettings, Gateway, datetime, timedelta], Seen]
    groups: tuple[tuple[str, Callable[[EnvironmentSettings, Artefact | None, Seen], Iterable[Result]]], ...]
    #: names of the groups that look at what changes by itself, so that what they said before is never trusted
    changing: frozenset[str] = frozenset()
