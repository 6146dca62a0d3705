"""When somebody is reminded of a gate that still waits. Over values."""

from collections.abc import Mapping
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


def due(
    opened: datetime, expires: datetime, policy: Policy, told: Mapping[str, datetime], now: datetime
) -> Which | None:
    """`told`: when each was sent the last time. The last one is sent again where the gate was given more time since."""
    if now >= expires:
        return None
    moments = _moments(opened, expires, policy)
    last = told.get(Which.BEFORE)
    if last is not None:
        ends = moments.get(Which.BEFORE)
        return Which.BEFORE if ends is not None and last + _PAUSE < ends <= now else None
    found = [which for which, at in moments.items() if at <= now and which not in told]
    return found[-1] if found else None


def _moments(opened: datetime, expires: datetime, policy: Policy) -> dict[Which, datetime]:
    """In order. One that would come too close to another, or to the opening, is left out."""
    found: dict[Which, datetime] = {}
    last = expires - min(policy.before, (expires - opened) / _LAST_PART) if policy.before is not None else None
    if policy.after is not None and opened + policy.after + _PAUSE <= (last or expires):
        found[Which.AFTER] = opened + policy.after
    if last is not None and last >= opened + _PAUSE:
        found[Which.BEFORE] = last
    return found
