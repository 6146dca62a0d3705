"""One deployment in one pass: observe, decide, perform, record; then again, until a Wait or the end."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from deployments import swaps
from deployments.aws.errors import AwsError, NotFound
from deployments.aws.protocol import Gateway
from deployments.delivery import absences
from deployments.delivery.engine import leases, measurements, parting, probes, reasons, record, rows, snapshots, staying
from deployments.delivery.engine.batches import Batch
from deployments.delivery.engine.gaps import gap_before
from deployments.delivery.engine.pausing import next_look, pause_after_trouble
from deployments.delivery.models import Deployment
from deployments.swaps.base import Controller
from deployments.swaps.decisions import Act, Advance, Decision, ExpireGate, Fail, Note, OpenGate, Probe, Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.swaps.reports import Failure
from deployments.swaps.steps import one_off_tasks, unwatched
from deployments.swaps.steps.dated import dated
from deployments.vocabulary import Role, Stage, Status
from deployments.words import counted, duration_words, full_stop

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

#: A deployment that neither waits nor ends after so many decisions in one pass is given back for later.
MOST_DECISIONS = 60
INTERNAL_ERROR_PAUSE = timedelta(seconds=60)


class DeploymentPass:
    """One deployment in one pass."""

    gateway: Gateway
    controller: Controller[Any, Any]

    def __init__(self, deployment: Deployment, clock: Clock, is_draining: Callable[[], bool]) -> None:
        self.deployment = deployment
        self.clock = clock
        self.is_draining = is_draining
        self.looked: datetime | None = None
        self.log = log.bind(deployment=deployment.pk, environment=str(deployment.environment))

    def run(self, batch: Batch) -> None:
        try:
            self.controller = swaps.get(self.deployment.settings["controller"])
            if not self._connect(batch):
                return
            for _ in range(MOST_DECISIONS):
                if self.is_draining():
                    leases.hand_back(self.deployment.pk, self.deployment.lease_token, self.clock())
                    return
                if not self._one_decision():
                    return
            leases.release(self.deployment.pk, self.deployment.lease_token)
        except (OperationalError, InterfaceError):  # nothing can be recorded now, and nothing is lost
            raise
        except Exception as error:
            # A fault of ours must not spin: put the row aside before letting the error be seen.
            self.log.exception("deployment.internal_error", stage=self.deployment.stage)
            what = getattr(error, "sentence", "") or f"Internal error ({type(error).__name__})"
            sentence = f"{what.rstrip('.')}. Traffic was left where it is; the log tells more."
            now = self.clock()
            with suppress(rows.Lost):  # then another worker has it, and meets the same error or not
                record.troubled(self.deployment, sentence, now + INTERNAL_ERROR_PAUSE, now)
            raise

    def _connect(self, batch: Batch) -> bool:
        """Whether there is a gateway. Our own credentials come over the network as well, so they may be away."""
        try:
            self.gateway = batch.gateway(self.deployment)
        except AwsError as error:
            if not error.transient:
                raise
            self._aws_failed(snapshots.take(self.deployment), error)
            return False
        return True

    def _one_decision(self) -> bool:
        """Decide once and record it; whether to go on at once."""
        if self.deployment.is_terminal:
            leases.release(self.deployment.pk, self.deployment.lease_token)
            return False
        try:
            return self._step()
        except rows.Lost:
            return self._read_again()

    def _read_again(self) -> bool:
        """Somebody clicked, or another worker has taken over; in the latter case it is not ours any more."""
        mine = self.deployment.lease_token
        self.deployment.refresh_from_db()
        return self.deployment.lease_token == mine

    def _step(self) -> bool:
        now = self.clock()
        snapshot = snapshots.take(self.deployment)
        match self.deployment.status:
            case Status.PENDING:
                record.started(self.deployment, snapshot.plan.steps[0], now)
                return True
            case Status.STOP_REQUESTED | Status.ROLLBACK_REQUESTED:
                snapshot = self._with_gap(snapshot, now)
                self._turn_back(snapshot, self.deployment.status_reason, snapshot.facts, now)
                return True
        try:
            if self._capture_before_cleaning(snapshot):
                snapshot = snapshots.take(self.deployment)
            observed = self.controller.observe(snapshot, self.gateway, now)
        except AwsError as error:
            return self._aws_failed(snapshot, error)
        snapshot = self._with_gap(snapshot, self.clock())
        readings = self.controller.readings(snapshot, observed)
        if readings:
            measurements.keep(self.deployment, readings, now)
        decision = dated(self.controller.decide(snapshot, observed, now), observed)
        decision = unwatched.said(snapshot, decision, now)
        return self._carry_out(snapshot, absences.held_back(self.deployment, decision, now))

    def _with_gap(self, snapshot: Snapshot[Facts], now: datetime) -> Snapshot[Facts]:
        """A gap is recorded before anything is judged by the clock, or turned back."""
        gap, self.looked = gap_before(now, self.deployment.watched_until, self.looked), now
        if gap:
            record.unwatched(self.deployment, gap)
        return snapshots.take(self.deployment) if gap else snapshot

    def _carry_out(self, snapshot: Snapshot[Facts], decision: Decision) -> bool:
        now = self.clock()
        self.log.info(
            "deployment.decision", decision=type(decision).__name__, stage=self.deployment.stage, reason=decision.reason
        )
        match decision:
            case Act():
                return self._act(snapshot, decision)
            case Probe():
                results = probes.send(snapshot.settings, self.deployment, now)
                self.looked = self.clock()
                record.probed(self.deployment, decision, results, self.looked)
            case Note():
                record.noted(self.deployment, decision, now)
            case Wait():
                record.waited(self.deployment, decision, next_look(self.deployment, decision, now), now)
                return False
            case OpenGate():
                record.gate_opened(self.deployment, decision, now)
            case ExpireGate():
                record.gate_expired(self.deployment, decision.reason, now)
            case Advance():
                record.advanced(self.deployment, decision, snapshot.steps, now)
            case Fail():
                self._turn_back(
                    snapshot, decision.reason, _failed(snapshot, decision), now, decision.live, decision.followed
                )
            case _:
                raise NotImplementedError(f"a decision of an unknown kind: {decision}")
        return True

    def _act(self, snapshot: Snapshot[Facts], act: Act) -> bool:
        record.intended(self.deployment, act, self.clock())
        made = act.found
        if made is None:
            try:
                made = self.gateway.perform(act.action)
            except AwsError as error:
                if act.if_refused is None or (act.insists and error.transient):
                    return self._aws_failed(snapshot, error, act.live)
                record.write_skipped(self.deployment, error.sentence, act.if_refused, self.clock())
                return True
        record.acted(self.deployment, act, made, self.clock())
        return True

    def _aws_failed(self, snapshot: Snapshot[Facts], error: AwsError, live: Role | None = None) -> bool:
        """Transient: wait with backoff, whatever the stage. Permanent: turn back, unless it only hinders the clean-up.

        The release was watched by then and found good. Something that is gone is another matter: it may be the rule.
        """
        now = self.clock()
        self.log.warning("aws.failed", operation=error.operation, code=error.code, transient=error.transient)
        tidies_up = snapshot.step.stage == Stage.CLEAN_UP and not snapshot.rolling_back
        if not error.transient and (isinstance(error, NotFound) or not tidies_up):
            snapshot = self._with_gap(snapshot, now)
            self._turn_back(snapshot, error.sentence, _failed(snapshot, Fail(reason=error.sentence)), now, live)
            return True
        tries = self.deployment.failures + 1
        pause = pause_after_trouble(self.deployment)
        stays = "Traffic stays where it is"
        if not error.transient:
            stays = f"{snapshot.artefact.version} is good and stays, only the clean-up is left: mend this, or roll back"
        again = f"tried {counted(tries, 'time')}, again in {duration_words(pause.total_seconds())}"
        sentence = f"{full_stop(error.sentence)} {stays}; {again}"
        record.troubled(self.deployment, sentence, now + pause, now)
        return False

    def _turn_back(
        self,
        snapshot: Snapshot[Facts],
        reason: str,
        facts: Facts,
        now: datetime,
        live: Role | None = None,
        followed: bool = False,
    ) -> None:
        """The way back, if there is anything to put back; its own failure ends it for a person to look at."""
        if self.deployment.status == Status.ROLLBACK_IN_PROGRESS:
            known = replace(snapshot, facts=facts)
            facts, left = parting.give_back(self.deployment, self.controller, known, self.gateway, self.clock)
            reason = reasons.unfinished(self.deployment, f"{full_stop(reason)} {left}" if left else reason)
            record.ended(self.deployment, Status.ROLLBACK_FAILED, reason, facts, now, live)
        elif not followed and staying.stays(self.deployment, self.controller, snapshot):
            known = replace(snapshot, facts=facts)
            ends = staying.left(self.deployment, self.controller, known, reason, self.gateway, self.clock)
            record.ended(self.deployment, Status.FAILED, ends[0], ends[1], now, live or ends[2])
        elif self.controller.changed_anything(snapshot):
            record.turned_back(self.deployment, snapshot.plan.way_back[0], reason, facts, now)
        else:
            known = replace(snapshot, facts=facts)
            sentence = f"{full_stop(reason)} {one_off_tasks.all_that_happened(known)}"
            if task := self.controller.left_running(known):
                sentence += f" The one-off task {task} may still run: see to its end before the next deployment."
            record.ended(self.deployment, Status.STOPPED, sentence, facts, now)

    def _capture_before_cleaning(self, snapshot: Snapshot[Facts]) -> bool:
        """Whether something new is known of the failure."""
        failure = snapshot.facts.failure
        cleans = [number for number, step in enumerate(snapshot.steps) if step.stage != Stage.SCHEDULED_TASKS][-1]
        if not (snapshot.rolling_back and snapshot.position == cleans and failure) or failure.health is not None:
            return False
        try:
            captured = self.controller.diagnose(snapshot, self.gateway)
        except AwsError as error:
            captured = Failure(health=(), not_captured=error.sentence)
        record.captured(self.deployment, captured)
        return True


def _failed(snapshot: Snapshot[Facts], fail: Fail) -> Facts:
    return (fail.facts or snapshot.facts).with_failure(fail.reason, fail.began)
