"""What is red before a deployment begins: named, so that it can be frozen with it and does not count against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Ailment(StrEnum):
    """A state of production in which Tealgate refuses an ordinary deployment."""

    #: an alarm is in ALARM; its name
    ALARM = "ALARM"
    #: no target of the live target group is healthy; its ARN
    TARGETS = "TARGETS"
    #: a service is to run tasks, and none runs; its name
    TASKS = "TASKS"
    #: a rollout does not get on: its tasks die, or are not healthy; the service's name
    ROLLOUT = "ROLLOUT"
    #: a service is to run no task; its name
    NOTHING = "NOTHING"

    @property
    def label(self) -> str:
        return {
            "ALARM": "alarm",
            "TARGETS": "targets of",
            "TASKS": "tasks of",
            "ROLLOUT": "rollout of",
            "NOTHING": "desired count of",
        }[self.value]


@dataclass(frozen=True, kw_only=True)
class Red:
    ailment: Ailment
    #: an alarm's, a service's, or the ARN of a target group
    name: str
    #: in a sentence, as it was read
    seen: str = ""

    @property
    def short(self) -> str:
        """The name that people know of it."""
        return self.name.rsplit("/", 2)[-2] if ":targetgroup/" in self.name else self.name


def names(reds: Iterable[Red], ailment: Ailment) -> frozenset[str]:
    return frozenset(red.name for red in reds if red.ailment is ailment)


def is_listed(red: Red, reds: Iterable[Red]) -> bool:
    """Whether the same thing is among them, whatever was read of it then."""
    return red.name in names(reds, red.ailment)
