"""Answering jobs that wait: claim, read, judge, note, answer, record. Whoever is killed in between loses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction

from deployments import leased
from deployments.delivery.models import Deployment
from deployments.record.append import Subject, append_event
from deployments.telling.forge import calling, hosts, resting
from deployments.telling.forge.calling import Api
from deployments.telling.forge.cases import case_of
from deployments.telling.forge.connecting import FORGES
from deployments.telling.forge.judging import Approved, Rejected, Waits, judge
from deployments.telling.forge.models import ForgeQuestion
from deployments.telling.forge.troubles import Reach, Trouble

log = structlog.get_logger(__name__)

BATCH = 20
#: An event of the deployment makes it due at once; this is for all else, such as a name that somebody corrects.
LOOK_AGAIN = timedelta(minutes=10)
#: GitHub takes ten reports of a job and 1024 characters each.
MOST_REPORTS, LONGEST_COMMENT = 8, 1000
#: Of an answer: nothing waits there any more.
_OVER = (404, 410, 422)


def due(now: datetime) -> bool:
    rows = ForgeQuestion.objects
    return not rows.held(now).exists() and rows.due(now).exists()


def answer(holder: str, clock: Callable[[], datetime], stop: Callable[[], bool]) -> None:
    """One after the other, until nothing is due or `stop` says so; for several workers at once."""
    for _ in range(BATCH):
        now = clock()
        pk = ForgeQuestion.objects.due(now).values_list("pk", flat=True).first()
        if pk is None or stop():
            return
        if leased.claim(ForgeQuestion.objects.claimable(now).filter(pk=pk), holder, now):
            _Turn(pk, holder, clock).take()


class _Turn:
    """One look at one question that is ours."""

    def __init__(self, pk: int, holder: str, clock: Callable[[], datetime]) -> None:
        self._row = ForgeQuestion.objects.select_related("forge").get(pk=pk)
        self._ours = ForgeQuestion.objects.filter(pk=pk, lease_token=holder, closed_at__isnull=True)
        self._clock = clock

    def take(self) -> None:
        try:
            api = hosts.api_of(self._row.forge, self._clock)
            case, deployment = case_of(self._row)
            match judge(case, self._clock()):
                case Waits(report):
                    self._report(report, api)
                case Approved(comment):
                    self._answer("approved", comment, deployment, api)
                case Rejected(comment):
                    self._answer("rejected", comment, deployment, api)
        except Trouble as trouble:
            self._troubled(trouble)
        except (OperationalError, InterfaceError):  # nothing can be recorded now
            raise
        except Exception as error:  # else it would be first in line again and again, and keep all others waiting
            log.exception("forge.not_answered", question=self._row.pk)
            self._troubled(calling.failed(hosts.called(self._row.forge), error))

    def _report(self, report: str, api: Api) -> None:
        """At most once each: one that is lost says nothing that the next does not. Raises Trouble.

        It is due again later, unless an event came meanwhile: then at once.
        """
        row = self._row
        if report != row.reported and row.reports < MOST_REPORTS:
            if not self._ours.update(reported=report, reports=row.reports + 1):
                return
            self._reported(report, api)
            resting.well(row.forge, None)
        free = {**leased.FREE, "said": "", "failures": 0}
        if not self._ours.filter(due_at=row.due_at).update(**free, due_at=self._clock() + LOOK_AGAIN):
            self._ours.update(**free)

    def _reported(self, report: str, api: Api) -> None:
        """A report that GitHub does not take leaves the question as it is. Raises any other Trouble."""
        try:
            self._post(api, {"comment": report[:LONGEST_COMMENT]})
        except Trouble as trouble:
            if trouble.status not in _OVER or trouble.reach is Reach.FORGE:
                raise
            log.warning("forge.report_refused", question=self._row.pk, why=trouble.sentence)

    def _answer(self, state: str, comment: str, deployment: Deployment | None, api: Api) -> None:
        """Noted first: it may come through without anybody hearing so. Raises Trouble."""
        if self._row.begun == state and not self._still_waits(api):
            self._close(state, comment, deployment)
            return
        if not self._ours.update(begun=state):
            return
        self._post(api, {"state": state, "comment": comment[:LONGEST_COMMENT]})
        resting.well(self._row.forge, None)
        self._close(state, comment, deployment)

    def _post(self, api: Api, said: dict[str, str]) -> None:
        body = {"environment_name": self._row.environment, **said}
        api.post(self._row.callback_url[len(api.base) :], body)

    def _still_waits(self, api: Api) -> bool:
        """Whether the run is held by that environment; by another rule of it, too, and then it is answered again."""
        run = self._row.callback_url[len(api.base) :].rpartition("/")[0]
        said = api.get(f"{run}/pending_deployments")
        pending = [each.get("environment") for each in said or () if isinstance(each, dict)]
        names = [each.get("name") for each in pending if isinstance(each, dict)]
        return self._row.environment in names

    def _troubled(self, trouble: Trouble) -> None:
        row, now = self._row, self._clock()
        if trouble.status in _OVER and trouble.reach is not Reach.FORGE:
            self._over(trouble)
            return
        resting.rest(trouble, row.forge, None, now)
        failures = row.failures + 1
        log.warning("forge.not_answered_yet", question=row.pk, why=trouble.sentence)
        due = now if trouble.reach is Reach.FORGE else resting.until(trouble, failures, now)
        self._ours.update(**leased.FREE, said=trouble.sentence, failures=failures, due_at=due)

    def _over(self, trouble: Trouble) -> None:
        """Somebody went past the rule, cancelled the run, or we answered and did not hear so."""
        said = f"Nothing waits for an answer any more. {trouble.sentence}"
        self._ours.update(**leased.FREE, said=said, closed_at=self._clock())

    def _close(self, state: str, comment: str, deployment: Deployment | None) -> None:
        row, now = self._row, self._clock()
        closed: dict[str, Any] = {"answered": state, "comment": comment, "closed_at": now, "deployment": deployment}
        subject: Subject = deployment or FORGES
        with transaction.atomic():
            if not self._ours.update(**closed, said="", **leased.FREE):
                return
            said = f"The job of {row.named} that waits for {row.environment} was rejected"
            if state == "approved":
                said = f"The job of {row.named} that waits for {row.environment} was approved"
            data = {"commit": row.sha, "forge": row.forge.name, "run": row.callback_url}
            append_event(subject, "forge.answered", f"{said}: {comment}", now=now, data=data)
