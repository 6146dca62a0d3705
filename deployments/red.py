"""What is red before a deployment begins: named, so that it can be frozen with it and does not count against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from deployments.members import known


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


#: What a service shows whose tasks die.
OF_TASKS = (Ailment.TARGETS, Ailment.TASKS, Ailment.ROLLOUT)


@dataclass(frozen=True, kw_only=True)
class Red:
    ailment: Ailment
    #: an alarm's, a service's, or the ARN of a target group
    name: str
    #: in a sentence, as it was read
    seen: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**known(cls, data), "ailment": Ailment(data["ailment"])})


def names(reds: Iterable[Red], ailment: Ailment) -> frozenset[str]:
    return frozenset(red.name for red in reds if red.ailment is ailment)


def is_listed(red: Red, reds: Iterable[Red]) -> bool:
    """Whether the same thing is among them, whatever was read of it then.

    Tasks that die show now as unhealthy targets, now as none, now as a rollout that does not get on.
    """
    if red.ailment in OF_TASKS:
        return any(each.ailment in OF_TASKS for each in reds)
    return red.name in names(reds, red.ailment)


def lasting(reds: Iterable[Red]) -> tuple[Red, ...]:
    """What stays of them while the same thing is wrong."""
    found = tuple(reds)
    tasks = next((each for each in found if each.ailment in OF_TASKS), None)
    kept = [Red(ailment=each.ailment, name=each.name) for each in found if each.ailment not in OF_TASKS]
    return (*kept, Red(ailment=Ailment.TASKS, name="")) if tasks else tuple(kept)
