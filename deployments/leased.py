"""Rows that one worker at a time has for itself: claimed by a conditional UPDATE that sets a lease, which runs out.

Such a table has the columns `lease_token` (who holds the row) and `lease_expires_at`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet

#: What gives a row back, beside whatever else is written of it.
FREE: Final[Mapping[str, Any]] = {"lease_token": "", "lease_expires_at": None}


def free(now: datetime) -> Q:
    """Nobody holds it, or whoever did let its lease run out."""
    return Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lte=now)


def held(now: datetime) -> Q:
    return Q(lease_expires_at__gt=now)


def claim(
    rows: QuerySet[Any], holder: str, now: datetime, *, lasts: timedelta | None = None, **columns: object
) -> bool:
    """Whether the one row is ours now; no when it is not among `rows` any more, such as when somebody else has it.

    `rows`: those that may be claimed, by conditions on their own columns alone, as two who claim at once are told
    apart by the row's lock. `columns` are written with it. `lasts`: LEASE_SECONDS when it is not said.
    """
    until = now + lasts if lasts else end(now)
    return rows.order_by().update(lease_token=holder, lease_expires_at=until, **columns) == 1


def end(now: datetime) -> datetime:
    """Of a lease that is taken or renewed now."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)
