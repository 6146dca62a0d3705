"""Telling what is due: claim, read, decide, note, answer, record. Whoever is killed in between loses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from deployments import leased
from deployments.aws.actions import PutApprovalResult
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import ApprovalAction, Binding
from deployments.delivery.models import PipelineAnswer
from deployments.delivery.pipelines import speaking
from deployments.delivery.pipelines.deciding import Answer, Later, Over, Tell, decide, execution_asked_about
from deployments.frozen import EnvironmentSettings
from deployments.record.append import append_event

log = structlog.get_logger(__name__)

Connect = Callable[[Binding], Gateway]

#: How many rows are looked for at once.
BATCH = 20
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
#: So old may be AWS's word on whose account it is.
IDENTITY_TRUSTED = timedelta(minutes=15)
#: After so long nothing is expected to wait any more: an approval is given up by CodePipeline itself after 7 days.
GIVEN_UP_AFTER = timedelta(days=7)


def tell(holder: str, clock: Callable[[], datetime], connect: Connect, stop: Callable[[], bool]) -> None:
    """What is due, one after the other, until nothing is or `stop` says so; for several workers at once.

    `holder` names this one on the rows that it claims. AWS's errors are noted on the row.
    """
    due = PipelineAnswer.objects.due(clock()).order_by("due_at", "pk").values_list("pk", flat=True)
    for pk in list(due[:BATCH]):
        if stop():
            return
        if leased.claim(PipelineAnswer.objects.claimable(now := clock()).filter(pk=pk), holder, now):
            _Turn(pk, holder, now).take(connect)


class _Turn:
    """One look at one row that is ours."""

    def __init__(self, pk: int, holder: str, now: datetime) -> None:
        related = "deployment__environment__application", "deployment__release"
        self._row = PipelineAnswer.objects.select_related(*related).get(pk=pk)
        self._ours = PipelineAnswer.objects.filter(pk=pk, lease_token=holder, closed_at__isnull=True)
        self._now = now

    def take(self, connect: Connect) -> None:
        answer = speaking.answer_of(self._row)
        if answer is None:  # not all of its gates yet
            self._again("")
            return
        try:
            gateway = connect(EnvironmentSettings.from_json(self._row.deployment.settings).binding)
            self._go_by(answer, gateway)
        except AwsError as error:
            self._again(error.sentence)

    def _go_by(self, answer: Answer, gateway: Gateway) -> None:
        """Raises AwsError."""
        where = ApprovalAction.parse(self._row.action)
        account = gateway.identity(self._now, IDENTITY_TRUSTED).account
        if account != where.account:  # AWS would look for one of the same name in the role's
            self._again(f"It is in account {where.account}, and the environment's role in {account}.")
            return
        seen = gateway.approval(where)
        asked_about = execution_asked_about(answer, seen)
        run = gateway.approval_run(where, asked_about) if asked_about else None
        match decide(answer, seen, run):
            case Tell(execution, token):
                self._answer(answer, execution, token, gateway)
            case Later(why):
                self._again(why)
            case Over(told, how):
                self._close(answer, told=told, how=how)

    def _answer(self, answer: Answer, execution: str, token: str, gateway: Gateway) -> None:
        """Raises AwsError. Noted first: it may come through without anybody hearing so."""
        if not self._ours.update(begun_for=execution):
            return
        gateway.perform(
            PutApprovalResult(
                approval_action=self._row.action, status=answer.verdict, summary=answer.summary, token=token
            )
        )
        self._close(answer, told=True, how="")

    def _again(self, why: str) -> None:
        """Sooner while it is fresh: the pause is a tenth of the time since it could be told."""
        since = self._row.deployment.finished_at
        if since and self._now - since > GIVEN_UP_AFTER:
            self._record(f"Given up after {GIVEN_UP_AFTER.days} days. {why}".strip(), told="")
            return
        if why and why != self._row.said:
            log.warning("pipeline.not_told_yet", deployment=self._row.deployment_id, action=self._row.action, why=why)
        pause = min(max((self._now - since) / 10, SHORTEST_PAUSE), LONGEST_PAUSE) if since else SHORTEST_PAUSE
        self._ours.update(said=why, due_at=self._now + pause, **leased.FREE)

    def _close(self, answer: Answer, *, told: bool, how: str) -> None:
        self._record(how, told=answer.verdict if told else "")

    def _record(self, said: str, *, told: str) -> None:
        where = ApprovalAction.parse(self._row.action)
        closed: dict[str, Any] = {"told": told, "said": said, "closed_at": self._now}
        with transaction.atomic():
            if not self._ours.update(**closed, **leased.FREE):
                return
            data = {"approval_action": self._row.action, "execution": self._row.begun_for}
            subject = self._row.deployment
            if told:
                message = f"Told {told} to {where}."
                append_event(subject, "deployment.pipeline_told", message, now=self._now, data=data)
            else:
                message = f"Not told to {where}: {said}"
                append_event(subject, "deployment.pipeline_not_told", message, now=self._now, data=data)
