"""Which kinds of events people are told of, and as what. Over values."""

from dataclasses import dataclass
from typing import Final

from deployments.record.kinds import Kind as Happened
from deployments.telling.notifications.kinds import Kind
from deployments.vocabulary import Stage


@dataclass(frozen=True, kw_only=True)
class About:
    """What an event is about, by its keys."""

    event: int
    deployment: int
    environment: int
    gate: int | None = None
    #: whether people can still decide there
    gate_waits: bool = False
    #: whether this event decided it
    is_decided: bool = False


@dataclass(frozen=True, kw_only=True)
class Meaning:
    kind: Kind
    #: told once by it, however many events mean it
    key: str
    #: what is later said of the same thing
    thread: str


_MEANT: Final = frozenset(
    {
        Happened.GATE_OPENED,
        Happened.GATE_APPROVED,
        Happened.GATE_REJECTED,
        Happened.GATE_TIMED_OUT,
        Happened.DEPLOYMENT_SUCCESSFUL,
        Happened.DEPLOYMENT_ROLLBACK_STARTED,
        Happened.DEPLOYMENT_ROLLBACK_FAILED,
        Happened.DEPLOYMENT_STOPPED,
        Happened.DEPLOYMENT_FAILED,
        Happened.DEPLOYMENT_STUCK,
    }
)


def may_mean(happened: str, stage: str) -> bool:
    """Whether such an event means anything to people at all."""
    return happened in _MEANT or (happened == Happened.STAGE_SUCCEEDED and stage == Stage.BAKE_TIME)


def of(happened: str, about: About) -> Meaning | None:
    """Of one that may mean something. None: nobody is told."""
    event, gate, deployment = f"event:{about.event}", f"gate:{about.gate}", f"deployment:{about.deployment}"
    match happened:
        case Happened.GATE_OPENED if about.gate_waits:
            return Meaning(kind=Kind.GATE_WAITS, key=gate, thread=gate)
        # One approval of two decides nothing: who has still to decide was told already.
        case Happened.GATE_APPROVED if about.is_decided:
            return Meaning(kind=Kind.GATE_DECIDED, key=f"decided:{gate}", thread=gate)
        case Happened.GATE_REJECTED | Happened.GATE_TIMED_OUT:
            return Meaning(kind=Kind.GATE_DECIDED, key=f"decided:{gate}", thread=gate)
        # Watched to the end with all traffic: what follows takes only the old tasks away, perhaps a day later.
        case Happened.STAGE_SUCCEEDED | Happened.DEPLOYMENT_SUCCESSFUL:
            return Meaning(kind=Kind.LIVE, key=f"live:{deployment}", thread=deployment)
        case Happened.DEPLOYMENT_ROLLBACK_STARTED | Happened.DEPLOYMENT_STOPPED:
            return Meaning(kind=Kind.TURNED_BACK, key=f"back:{deployment}", thread=deployment)
        case Happened.DEPLOYMENT_ROLLBACK_FAILED:
            return Meaning(kind=Kind.ROLLBACK_FAILED, key=event, thread=f"rollback:{deployment}")
        case Happened.DEPLOYMENT_FAILED | Happened.DEPLOYMENT_STUCK:
            return Meaning(kind=Kind.STUCK, key=event, thread=stuck(about.environment))
    return None


def stuck(environment: int) -> str:
    """The thread of what says that nothing moves there."""
    return f"stuck:environment:{environment}"
