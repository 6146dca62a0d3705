"""When things that seldom go away were last seen in the account, so that they need not be looked at each time."""

from collections.abc import Callable
from datetime import datetime, timedelta


class Seen:
    """By name; what is missing is never remembered: people are making it."""

    def __init__(self, most: int) -> None:
        """`most`: how many are remembered; beyond it the oldest are forgotten."""
        self._most = most
        self._at: dict[str, datetime] = {}

    def look(self, name: str, now: datetime, trusted: timedelta, is_there: Callable[[], bool]) -> datetime | None:
        """When it was last seen, which may be as long ago as `trusted`; None: it is not there."""
        seen = self._at.get(name)
        if trusted and seen and seen >= now - trusted:
            return seen
        self._at.pop(name, None)
        if not is_there():
            return None
        self._at = dict([*self._at.items(), (name, now)][-self._most :])
        return now
