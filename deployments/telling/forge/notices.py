"""What a forge is told of a deployment, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deployments.telling.forge.states import State

#: GitHub's, of a status's description
LONGEST_DESCRIPTION = 140


@dataclass(frozen=True, kw_only=True)
class Notice:
    #: in no other deployment's notice: by it the forge's record is found again
    key: str
    #: the commit, as the release names it
    ref: str
    #: as the forge calls it
    environment: str
    is_production: bool
    state: State
    #: whether it is the newest of its release there, so that the commit's status is its own
    is_newest: bool
    description: str
    #: of its page here
    page: str
    #: where people reach the environment; "" = nobody said
    address: str
    #: of the commit's status
    context: str
    #: when it was about to be created there; None = not yet
    begun_at: datetime | None = None


@dataclass(frozen=True)
class Made:
    """The forge's record of a deployment."""

    id: str
    #: the whole commit
    sha: str
    #: its state there, in the forge's words; "" = none yet
    told: str = ""


class Host(Protocol):
    """A repository of a forge. Everything raises Trouble."""

    @staticmethod
    def words(notice: Notice) -> tuple[str, str]:
        """The states of deployment and commit in its own words; "" for a commit's that stays as it is."""

    def create(self, notice: Notice) -> Made: ...

    def find(self, notice: Notice, known: frozenset[str]) -> Made | None:
        """What was created when its answer was lost. `known`: others' ids."""

    def tell(self, id: str, state: str, notice: Notice) -> None: ...

    def told(self, id: str) -> str:
        """The newest state there."""

    def tell_commit(self, sha: str, state: str, notice: Notice) -> None: ...

    def commit_told(self, sha: str, notice: Notice) -> str:
        """The newest state there that is of this deployment."""
