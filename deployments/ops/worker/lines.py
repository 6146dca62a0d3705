"""What the teller sends: each line claims its rows, hands one to the outside, and writes down what came of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from deployments.telling.notifications import messages
from deployments.telling.notifications.sending import carrying, claiming
from deployments.telling.notifications.sending import recording as results
from deployments.telling.webhooks import deliveries, recording, sending


class Parcel(Protocol):
    """One attempt."""

    #: the row's key
    @property
    def row(self) -> int: ...

    #: that of whom it goes to, who has a share of what is out at once
    @property
    def goes_to(self) -> int: ...


class Sent(Protocol):
    """What came of one attempt, or why there is nothing."""

    @property
    def parcel(self) -> Parcel: ...


class Claims(Protocol):
    def __call__(self, holder: str, now: datetime, *, under_way: Collection[int], most: int) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Line:
    """`send` and `not_sent` make what `record` takes, from what `claim` and `following` return.

    Only `send` runs beside the others; it needs no database. `purge` says whether there is more to purge; `prepare`
    is asked until it says that it is done.
    """

    name: str
    claim: Claims
    send: Callable[[Any], Sent]
    not_sent: Callable[[Any, str], Sent]
    record: Callable[[Any, str, datetime], bool]
    following: Callable[[Any, str, datetime], Sequence[Any]]
    purge: Callable[[datetime], bool]
    prepare: Callable[[], bool] = lambda: True


TO_PEOPLE: Final = (
    Line(
        "messages", claiming.claim, carrying.send, carrying.not_sent,
        results.record, claiming.following, lambda now: messages.purge(now) == messages.BATCH,
        carrying.prepare,
    ),
)  # fmt: skip
LINES: Final = (
    Line(
        "webhooks", sending.claim, sending.send, lambda parcel, said: sending.Sent(parcel, None, said),
        recording.record, sending.following, lambda now: deliveries.purge(now) == deliveries.BATCH,
    ),
    *TO_PEOPLE,
)  # fmt: skip
