"""What there is to know of a deployment outside, in words that every forge has its own for."""

from enum import StrEnum

from deployments.vocabulary import Status


class State(StrEnum):
    QUEUED = "queued"
    IN_PROGRESS = "in progress"
    LIVE = "live"
    #: it was live, and another release is now; or its environment is retired
    OVERTAKEN = "overtaken"
    TURNED_BACK = "turned back"
    STOPPED = "stopped"
    #: it ended where somebody has to look
    FAILED = "failed"


_ENDED = {
    Status.SUCCESSFUL: State.LIVE,
    Status.STOPPED: State.STOPPED,
    Status.ROLLBACK_SUCCESSFUL: State.TURNED_BACK,
    Status.ROLLBACK_FAILED: State.FAILED,
    Status.FAILED: State.FAILED,
}


def state_of(status: Status, *, overtaken: bool) -> State:
    """Live only once it has ended well: until then it may still be turned back."""
    if status is Status.PENDING:
        return State.QUEUED
    state = _ENDED.get(status, State.IN_PROGRESS)
    return State.OVERTAKEN if state is State.LIVE and overtaken else state
