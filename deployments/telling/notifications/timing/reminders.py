"""When somebody is reminded of a gate that still waits. Over values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.vocabulary import Word

#: Nobody is told twice of the same gate within so short a time.
_PAUSE = timedelta(minutes=5)
#: Of a gate that is open for less than the policy thinks of, it is reminded in the last part.
_LAST_PART = 4


class Which(Word):
    #: since it has been open for so long
    AFTER = "AFTER"
    #: since its time is nearly over
    BEFORE = "BEFORE"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """None: never. `after`: since a gate opened; `before`: until its time is over."""

    after: timedelta | None
    before: timedelta | None


def due(opened: datetime, expires: datetime, policy: Policy, told: Collection[str], now: datetime) -> Which | None:
    """`told`: those that were sent already."""
    if now >= expires:
        return None
    moments = _moments(opened, expires, policy)
    found = [which for which, at in moments.items() if at <= now and which not in told]
    return found[-1] if found and Which.BEFORE not in told else None


def _moments(opened: datetime, expires: datetime, policy: Policy) -> dict[Which, datetime]:
    """In order. One that would come too close to another, or to the opening, is left out."""
    found: dict[Which, datetime] = {}
    last = expires - min(policy.before, (expires - opened) / _LAST_PART) if policy.before is not None else None
    if policy.after is not None and opened + policy.after + _PAUSE <= (last or expires):
        found[Which.AFTER] = opened + policy.after
    if last is not None and last >= opened + _PAUSE:
        found[Which.BEFORE] = last
    return found
