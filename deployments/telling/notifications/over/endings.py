"""Which events end or change what people were told before. Over values."""

from dataclasses import dataclass
from typing import Final

from deployments.record.kinds import Kind as Happened
from deployments.telling.notifications.audience import meaning
from deployments.telling.notifications.audience.meaning import About
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What becomes of that which was told in these threads, as these kinds."""

    threads: tuple[str, ...]
    told: tuple[Kind, ...]
    #: what the event means there, which is said in its place
    kind: Kind
    does: Does
    #: whether nothing follows in them
    is_over: bool = True
    #: whether nobody need hear of it who has not yet: else they hear how it ended
    is_moot: bool = False
    #: whether what the event means is said by itself, and not in front of what was told
    is_worded: bool = True
    #: the only one whose notice it ends, by name; "" = everybody's
    of: str = ""

    @property
    def is_told_on(self) -> bool:
        """Whether it is the end of the very thing that was told, and its words take the place of those."""
        return self.kind in self.told and self.is_over and self.is_worded and not self.is_moot


#: Of the way back; what is going forward at such a moment has no gate that waits.
_BACK: Final = frozenset(
    {
        Happened.DEPLOYMENT_ROLLBACK_STARTED,
        Happened.DEPLOYMENT_ROLLBACK_SUCCESSFUL,
        Happened.DEPLOYMENT_ROLLBACK_FAILED,
        Happened.DEPLOYMENT_STOPPED,
        Happened.DEPLOYMENT_FAILED,
    }
)
#: By these a deployment that was said to be stuck goes on.
_MOVES: Final = frozenset(
    {
        Happened.DEPLOYMENT_UNWATCHED,
        Happened.STAGE_SUCCEEDED,
        Happened.GATE_OPENED,
        Happened.DEPLOYMENT_SUCCESSFUL,
        Happened.DEPLOYMENT_STOPPED,
        Happened.DEPLOYMENT_ROLLBACK_STARTED,
        Happened.DEPLOYMENT_ROLLBACK_SUCCESSFUL,
        Happened.DEPLOYMENT_ROLLBACK_FAILED,
    }
)
_ASKS: Final = (Kind.GATE_WAITS, Kind.GATE_REMINDER)
_GATES: Final = frozenset({Happened.GATE_APPROVED, Happened.GATE_REJECTED, Happened.GATE_TIMED_OUT})

ENDS: Final = _GATES | _BACK | _MOVES | {Happened.DEPLOYMENT_ROLLBACK_RETRIED, Happened.ENVIRONMENT_RETIRED}


def may_end(happened: str) -> bool:
    return happened in ENDS


def goes_back(happened: str) -> bool:
    """Whether no gate of its deployment waits any more."""
    return happened in _BACK


def of(happened: str, about: About, *, by: str, closed: tuple[int, ...], mended: tuple[int, ...]) -> list[Ending]:
    """`by`: who did it. `closed`: keys of its deployment's gates that nobody decides at any more.

    `mended`: keys of earlier deployments there whose roll back failed.
    """
    found: list[Ending] = []
    if happened in _GATES:
        found.append(_of_gate(happened, about, by))
    if happened in _BACK and closed:
        threads = tuple(f"gate:{gate}" for gate in closed)
        found.append(Ending(threads=threads, told=_ASKS, kind=Kind.TURNED_BACK, does=Does.UPDATE, is_moot=True))
    if happened == Happened.DEPLOYMENT_ROLLBACK_STARTED:
        found.append(_of_deployment(about, Kind.LIVE, Kind.TURNED_BACK))
    if happened == Happened.DEPLOYMENT_ROLLBACK_FAILED:
        found.append(_of_deployment(about, Kind.TURNED_BACK, Kind.ROLLBACK_FAILED, is_over=False))
    if happened == Happened.DEPLOYMENT_ROLLBACK_SUCCESSFUL:
        found.append(_of_deployment(about, Kind.TURNED_BACK, Kind.TURNED_BACK))
        found.append(_mended((about.deployment,), Kind.TURNED_BACK))
    if happened == Happened.DEPLOYMENT_ROLLBACK_RETRIED:
        found.append(_retried(about))
    if happened == Happened.DEPLOYMENT_SUCCESSFUL and mended:
        found.append(_mended(mended, Kind.LIVE))
    if happened in _MOVES:
        threads = (meaning.stuck(about.environment),)
        found.append(Ending(threads=threads, told=(Kind.STUCK,), kind=Kind.STUCK, does=Does.RESOLVE, is_moot=True))
    return found


def of_retired(environment: int, failed: tuple[int, ...]) -> list[Ending]:
    """Nobody has to look any more, and no deployment there will ever say so. `failed`: whose roll back did."""
    stuck, rollbacks = (meaning.stuck(environment),), tuple(f"rollback:deployment:{pk}" for pk in failed)
    return [
        Ending(threads=threads, told=(kind,), kind=kind, does=Does.RESOLVE, is_moot=True, is_worded=False)
        for threads, kind in ((stuck, Kind.STUCK), (rollbacks, Kind.ROLLBACK_FAILED))
    ]


def of_alert(kind: Kind, thread: str) -> Ending:
    """Of the operators."""
    return Ending(threads=(thread,), told=(kind,), kind=kind, does=Does.RESOLVE, is_moot=True)


def _of_gate(happened: str, about: About, by: str) -> Ending:
    """One approval of two ends it for whoever gave it."""
    is_decided = happened != Happened.GATE_APPROVED or about.is_decided
    return Ending(
        threads=(f"gate:{about.gate}",),
        told=_ASKS,
        kind=Kind.GATE_DECIDED,
        does=Does.UPDATE,
        is_moot=True,
        of="" if is_decided else by,
    )


def _of_deployment(about: About, told: Kind, kind: Kind, *, is_over: bool = True) -> Ending:
    """What said that it is live says that it is not any more, what said that it turns back how that went."""
    threads = (f"deployment:{about.deployment}",)
    return Ending(threads=threads, told=(told,), kind=kind, does=Does.UPDATE, is_over=is_over)


def _retried(about: About) -> Ending:
    """Whoever is on call sees that somebody is at it; whoever has not heard of it yet hears all of it."""
    return Ending(
        threads=(f"rollback:deployment:{about.deployment}",),
        told=(Kind.ROLLBACK_FAILED,),
        kind=Kind.ROLLBACK_FAILED,
        does=Does.UPDATE,
        is_over=False,
        is_worded=False,
    )


def _mended(deployments: tuple[int, ...], kind: Kind) -> Ending:
    threads = tuple(f"rollback:deployment:{pk}" for pk in deployments)
    return Ending(threads=threads, told=(Kind.ROLLBACK_FAILED,), kind=kind, does=Does.RESOLVE)
