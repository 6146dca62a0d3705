"""That the database was away: nothing can be written meanwhile, so it is told afterwards, with how long it was."""

from datetime import datetime, timedelta
from typing import Final

from deployments.ops import outages
from deployments.ops.alerts import keeping
from deployments.telling.notifications.kinds import Kind
from deployments.words import duration_words

#: What is over sooner is in the log only.
TOLD_FROM: Final = timedelta(minutes=1)


class Watch:
    """What one process hears of it."""

    def __init__(self, now: datetime) -> None:
        self.answers_since = now
        self._away_since: datetime | None = None
        self._refused = False

    def failed(self, error: Exception, now: datetime) -> None:
        self._away_since = self._away_since or now
        self._refused = self._refused or outages.is_refusal(error)

    def answered(self, now: datetime) -> None:
        """Tell it, where it was long. Raises what the database raises, and tells it the next time then."""
        if (since := self._away_since) is None:
            return
        if now - since >= TOLD_FROM:
            keeping.tell_afterwards(self._found(since, now), until=now, now=now)
        self._away_since, self._refused, self.answers_since = None, False, now

    def _found(self, since: datetime, until: datetime) -> keeping.Found:
        what = "refused Tealgate" if self._refused else "did not answer"
        lasted = duration_words((until - since).total_seconds())
        said = (
            f"The database {what} from {since:%Y-%m-%d %H:%M:%S} to {until:%H:%M:%S} UTC ({lasted}). Nobody could sign "
            "in or decide meanwhile; deployments stayed where they were, and go on now. Web's log has what it said."
        )
        return keeping.Found(kind=Kind.DATABASE_REFUSED, said=said, since=since)
