"""The next thing to tell a forge of a deployment, if there is any: values in, a step out."""

from dataclasses import dataclass
from enum import StrEnum

from deployments.telling.forge.states import State


class Act(StrEnum):
    CREATE = "create"
    TELL = "tell"
    TELL_COMMIT = "commit"


@dataclass(frozen=True)
class Step:
    act: Act
    #: in the forge's own words; "" to create
    state: str = ""

    @property
    def mark(self) -> str:
        """By which the row remembers that it was about to be taken."""
        return f"{self.act}:{self.state}"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the forge is known to have; "" = nothing."""

    id: str = ""
    told: str = ""
    commit_told: str = ""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    state: State
    #: in the forge's own words
    told: str
    #: "" = it stays as it is
    commit_told: str = ""


def next_step(known: Known, wanted: Wanted) -> Step | None:
    """What is over before the forge heard of it at all is not told any more."""
    if not known.id:
        return None if wanted.state is State.OVERTAKEN else Step(Act.CREATE)
    if known.told != wanted.told:
        return Step(Act.TELL, wanted.told)
    if wanted.commit_told and known.commit_told != wanted.commit_told:
        return Step(Act.TELL_COMMIT, wanted.commit_told)
    return None
