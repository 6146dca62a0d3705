"""One click at a time has a move for itself, and what it found is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.sessions import connect
from deployments.delivery.admission import busy_sentence
from deployments.delivery.models import Deployment
from deployments.delivery.models import Move as Row
from deployments.delivery.models.move import LONGEST_WORDS
from deployments.frozen import EnvironmentSettings
from deployments.moving import reading
from deployments.moving.values import Act, House, Move, Origin, Wanted
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.words import full_stop

#: longer than any write and the looks around it take
BUSY = timedelta(seconds=60)


@contextmanager
def claimed(row: Row, principal: Principal, now: datetime) -> Iterator[None]:
    """Raises Refused without the right, while somebody else's click works on it, or while a deployment is under way."""
    if refusal := rights.move_refusal(principal, row.environment):
        raise Refused(refusal)
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    same = Row.objects.filter(free, pk=row.pk, done=row.done, status=row.status)
    if not same.update(busy_until=now + BUSY):
        raise Refused("Somebody else has just gone on with this move; look again.")
    try:
        if Deployment.objects.unfinished().filter(environment=row.environment).exists():
            raise Refused(busy_sentence(row.environment))
        yield
    finally:
        Row.objects.filter(pk=row.pk).update(busy_until=None)
        row.refresh_from_db()


def move_of(row: Row) -> Move:
    return Move(
        settings=EnvironmentSettings.from_json(row.frozen),
        wanted=Wanted(**row.wanted),
        origin=Origin(**row.origin),
    )


class At:
    """AWS as a move sees it. All raise Refused instead of AwsError, after it was noted."""

    def __init__(self, row: Row, principal: Principal, now: datetime) -> None:
        self.row, self.principal, self.now = row, principal, now
        self.move = move_of(row)
        try:
            self.gateway: Gateway = connect(self.move.settings.binding)
        except AwsError as error:
            raise Refused(f"AWS cannot be reached: {error.sentence}") from error

    def look(self) -> House:
        try:
            return reading.house(self.move.settings, self.move.wanted, self.gateway)
        except AwsError as error:
            raise self.stopped(f"What is there could not be read: {error.sentence} Look again.") from error

    def perform(self, act: Act) -> None:
        """Noted before and after, so that a click whose worker died is seen to have begun."""
        self._order(act)
        try:
            self.gateway.perform(act.action)
        except AwsError as error:
            what = "AWS may have done it all the same; look again" if error.transient else "Nothing was changed"
            said = f"AWS did not do it: {full_stop(error.sentence)}"
            raise self.stopped(f"{said} {what}.") from error

    def stopped(self, says: str) -> Refused:
        with transaction.atomic():
            self.note(says, stopped=True)
            append_event(self.row.environment, "environment.move_stopped", says, now=self.now, principal=self.principal)
        return Refused(says)

    def note(self, says: str, *, stopped: bool = False) -> None:
        kept = says[:LONGEST_WORDS]
        Row.objects.filter(pk=self.row.pk).update(says=kept, stopped=stopped, looked_at=self.now)

    def _order(self, act: Act) -> None:
        with transaction.atomic():
            self.note(act.says)
            append_event(
                self.row.environment, f"aws.{act.action.operation}", act.says,
                now=self.now, principal=self.principal, data={"action": act.action.as_json()},
            )  # fmt: skip
