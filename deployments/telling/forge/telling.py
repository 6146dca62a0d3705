"""Telling what is due: claim, read, decide, note, tell, record. Whoever is killed in between loses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction

from deployments import leased
from deployments.record.append import append_event
from deployments.telling.forge import calling, hosts, resting, speaking
from deployments.telling.forge.deciding import Act, Known, Step, Wanted, next_step
from deployments.telling.forge.models import ForgeTelling
from deployments.telling.forge.models.telling import GIVEN_UP
from deployments.telling.forge.notices import Host, Notice
from deployments.telling.forge.troubles import Reach, Trouble

log = structlog.get_logger(__name__)

#: How many rows are looked for at once.
BATCH = 20
#: A deployment is created, told, and its commit is.
_MOST_STEPS = 4
#: After so long without success it is not told any more, until something else happens to it.
GIVEN_UP_AFTER = timedelta(days=3)


def due(now: datetime) -> bool:
    """Whether there is something to tell, and nobody tells just now: a forge that hangs keeps one worker, not all."""
    rows = ForgeTelling.objects
    return not rows.held(now).exists() and rows.due(now, now - GIVEN_UP_AFTER).exists()


def tell(holder: str, clock: Callable[[], datetime], stop: Callable[[], bool]) -> None:
    """One after the other, until nothing is due or `stop` says so; for several workers at once.

    `holder` names this one on the rows that it claims. What the forge refuses is noted on the rows.
    """
    for _ in range(BATCH):
        now = clock()
        pk = ForgeTelling.objects.due(now, now - GIVEN_UP_AFTER).values_list("pk", flat=True).first()
        if pk is None or stop():
            return
        if leased.claim(ForgeTelling.objects.claimable(now).filter(pk=pk), holder, now):
            _Turn(pk, holder, clock).take()


class _Gone(Exception):
    """The row is another worker's by now."""


class _Turn:
    """One look at one row that is ours."""

    def __init__(self, pk: int, holder: str, clock: Callable[[], datetime]) -> None:
        related = "deployment__environment__application", "deployment__release", "repository__forge"
        self._row = ForgeTelling.objects.select_related(*related).get(pk=pk)
        self._ours = ForgeTelling.objects.filter(pk=pk, lease_token=holder)
        self._clock = clock

    def take(self) -> None:
        try:
            if said := self._is_over():
                self._give_up(Trouble(said, Reach.FORGE), self._clock())
            else:
                self._told()
        except Trouble as trouble:
            self._troubled(trouble)
        except _Gone:
            log.warning("forge.lease_lost", deployment=self._row.deployment_id)
        except (OperationalError, InterfaceError):  # nothing can be recorded now
            raise
        except Exception as error:  # else it would be first in line again and again, and keep all others waiting
            log.exception("forge.not_told", deployment=self._row.deployment_id)
            self._troubled(calling.failed(hosts.called(self._row.repository.forge), error))

    def _is_over(self) -> str:
        """What the forge or the repository rests for, of a row that is due for being given up only: it asks nobody."""
        now, where = self._clock(), self._row.repository
        rests = (each.trouble for each in (where.forge, where) if each.rests_until and each.rests_until > now)
        return next(rests, "") if now - self._row.asked_at > GIVEN_UP_AFTER else ""

    def _told(self) -> None:
        """Raises Trouble, _Gone."""
        row = self._row
        api = hosts.api_of(row.repository.forge, self._clock)
        host = hosts.host_of(row.repository, api)
        for _ in range(_MOST_STEPS):
            notice = speaking.notice_of(row)
            step = next_step(_known(row), _wanted(host, notice))
            if step is None:
                break
            self._take(step, host, notice)
            resting.well(row.repository.forge, row.repository, moved=api.was_moved)
        self._done()

    def _take(self, step: Step, host: Host, notice: Notice) -> None:
        """Noted first: it may come through without anybody hearing so. Raises Trouble, _Gone."""
        if self._row.begun == step.mark and self._seen(step, host, notice):
            return
        began = self._row.begun_at or self._clock()
        self._record(begun=step.mark, begun_at=began)
        match step.act:
            case Act.CREATE:
                made = host.create(notice)
                self._record(begun="", forge_id=made.id, sha=made.sha, told=made.told, told_at=self._clock())
            case Act.TELL:
                host.tell(self._row.forge_id, step.state, notice)
                self._record(begun="", told=step.state, told_at=self._clock())
            case Act.TELL_COMMIT:
                host.tell_commit(self._row.sha or notice.ref, step.state, notice)
                self._record(begun="", commit_told=step.state, told_at=self._clock())

    def _seen(self, step: Step, host: Host, notice: Notice) -> bool:
        """Raises Trouble, _Gone."""
        try:
            return self._came_through(step, host, notice)
        except Trouble as trouble:
            trouble.unsure = True  # what refused was the look, not the step
            raise

    def _came_through(self, step: Step, host: Host, notice: Notice) -> bool:
        """Somebody was about to take this step and did not live to record it. Raises Trouble, _Gone."""
        row, now = self._row, self._clock()
        match step.act:
            case Act.CREATE:
                made = host.find(notice, self._others())
                if made:
                    self._record(begun="", forge_id=made.id, sha=made.sha, told=made.told, told_at=now)
                return made is not None
            case Act.TELL:
                came = host.told(row.forge_id) == step.state
                if came:
                    self._record(begun="", told=step.state, told_at=now)
            case Act.TELL_COMMIT:
                came = host.commit_told(row.sha or notice.ref, notice) == step.state
                if came:
                    self._record(begun="", commit_told=step.state, told_at=now)
        return came

    def _others(self) -> frozenset[str]:
        rows = ForgeTelling.objects.filter(repository=self._row.repository_id).exclude(pk=self._row.pk)
        return frozenset(rows.exclude(forge_id="").values_list("forge_id", flat=True))

    def _record(self, **columns: Any) -> None:
        """Raises _Gone."""
        if not self._ours.update(**columns):
            raise _Gone
        for name, value in columns.items():
            setattr(self._row, name, value)

    def _done(self) -> None:
        """All is told, unless an event came meanwhile: then it is due again."""
        free = {**leased.FREE, "said": "", "failures": 0}
        if not self._ours.filter(asks=self._row.asks).update(**free, due_at=None):
            self._ours.update(**free)

    def _troubled(self, trouble: Trouble) -> None:
        row, now = self._row, self._clock()
        resting.rest(trouble, row.repository.forge, row.repository, now)
        if trouble.final or now - row.asked_at > GIVEN_UP_AFTER:
            self._give_up(trouble, now)
            return
        if trouble.reach is Reach.ONE:
            log.warning("forge.not_told_yet", deployment=row.deployment_id, why=trouble.sentence)
        failures = row.failures + 1
        due = resting.until(trouble, failures, now) if trouble.reach is Reach.ONE else now
        begun = row.begun if trouble.unsure else ""
        self._ours.update(**leased.FREE, begun=begun, said=trouble.sentence, failures=failures, due_at=due)

    def _give_up(self, trouble: Trouble, now: datetime) -> None:
        said = trouble.sentence if trouble.final else f"{GIVEN_UP} after {GIVEN_UP_AFTER.days} days. {trouble.sentence}"
        with transaction.atomic():
            if not self._ours.update(**leased.FREE, said=said, due_at=None):
                return
            where = self._row.repository
            append_event(
                self._row.deployment, "deployment.forge_not_told", f"Not told to {where.repository} on {where.forge}: "
                f"{said}", now=now, data={"told": self._row.told},
            )  # fmt: skip


def _known(row: ForgeTelling) -> Known:
    return Known(id=row.forge_id, told=row.told, commit_told=row.commit_told)


def _wanted(host: Host, notice: Notice) -> Wanted:
    told, commit_told = host.words(notice)
    return Wanted(state=notice.state, told=told, commit_told=commit_told)
