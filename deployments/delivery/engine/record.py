"""Recording: one short transaction a decision. No AWS call happens in here.

Every UPDATE of the deployment matches only while the lease is ours and, where the decision depends on what
people want, only if nobody clicked since the row was read. `rows.Lost` means: read again.

Rows are locked in one order, by clicks too: the deployment, the environment, the event chain. So a click and
a record never wait for each other in a circle.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from deployments import leased
from deployments.aws.actions import Made
from deployments.catalog import accounts
from deployments.delivery.engine import endings, reasons, rows, stored
from deployments.delivery.engine import live as live_release
from deployments.delivery.engine.rows import Lost
from deployments.delivery.models import Deployment, Gate
from deployments.frozen import Step
from deployments.record.append import append_event
from deployments.swaps import documents
from deployments.swaps.decisions import Act, Advance, Note, OpenGate, Probe, Wait
from deployments.swaps.facts import Facts, Gap
from deployments.swaps.reports import CheckResult, Failure
from deployments.vocabulary import GateStatus, Outcome, Role, Slot, Stage, Status
from deployments.words import duration_words, full_stop


@transaction.atomic
def started(deployment: Deployment, step: Step, now: datetime) -> None:
    columns: dict[str, Any] = {"started_at": now, "step_started_at": now, "watched_until": now}
    rows.update(deployment, status=Status.IN_PROGRESS, stage=step.stage, **columns)
    rows.enter(deployment, step, now)
    append_event(deployment, "deployment.started", f"Deployment of {deployment.release.version} started", now=now)


def intended(deployment: Deployment, act: Act, now: datetime) -> None:
    """Note what is about to be written, so that a later pass knows that it may have happened; with a full lease."""
    rows.update(deployment, intent=act.action.as_json(), lease_expires_at=leased.end(now))


@transaction.atomic
def acted(deployment: Deployment, act: Act, made: Made, now: datetime) -> None:
    """The write happened: that is a fact whatever was clicked meanwhile."""
    known = act.known(stored.facts(deployment), made)
    columns: dict[str, Any] = {**stored.columns(known), "intent": None, "failures": 0, "watched_until": now}
    share = deployment.percent
    rows.update(deployment, despite_clicks=True, **columns)
    live_release.note_share(deployment, share, now)
    data = {"action": act.action.as_json(), **made.as_json()}
    append_event(deployment, f"aws.{act.action.operation}", act.reason, now=now, data=data)


@transaction.atomic
def write_skipped(deployment: Deployment, sentence: str, facts: Facts, now: datetime) -> None:
    """A write that may be missing did not happen, or nobody knows."""
    rows.update(deployment, despite_clicks=True, **stored.columns(facts), intent=None)
    append_event(deployment, "aws.gone_without", f"{full_stop(sentence)} The deployment goes on without it.", now=now)


@transaction.atomic
def probed(deployment: Deployment, probe: Probe, results: tuple[CheckResult, ...], now: datetime) -> None:
    known = stored.facts(deployment).with_smoke(results, now)
    rows.update(deployment, despite_clicks=True, **stored.columns(known), failures=0, watched_until=now)
    bad = [result.sentence for result in results if not result.ok]
    kind = "checks.failed" if bad else "checks.passed"
    message = f"{probe.reason}: " + (bad[0] if bad else f"all {len(results)} passed")
    append_event(deployment, kind, message, now=now, data={"results": documents.write(results)})


@transaction.atomic
def noted(deployment: Deployment, note: Note, now: datetime) -> None:
    columns: dict[str, Any] = {**stored.columns(note.facts), "waits": 0, "failures": 0, "watched_until": now}
    columns |= _slots(note.slots)
    share = deployment.percent
    rows.update(deployment, despite_clicks=True, **columns)
    live_release.note_share(deployment, share, now)
    live_release.note(deployment, note.live, now)
    append_event(deployment, "deployment.noted", note.reason, now=now)


@transaction.atomic
def unwatched(deployment: Deployment, gap: Gap) -> None:
    """Nobody has looked since then, ourselves or AWS being away: our time limits go on from here.

    So nothing is held against the release for it, and what was to be watched is watched for as long as was promised.
    """
    started, seconds = deployment.step_started_at, gap.length.total_seconds()
    columns: dict[str, Any] = {"watched_until": gap.until, "step_started_at": started + gap.length if started else None}
    rows.update(deployment, despite_clicks=True, **stored.columns(stored.facts(deployment).after(gap)), **columns)
    said = (
        f"Not watched {gap} ({duration_words(seconds)}). Time limits go on from here, and what was to be watched is "
        "watched from here."
    )
    append_event(deployment, "deployment.unwatched", said, now=gap.until, data={"seconds": round(seconds)})


def waited(deployment: Deployment, wait: Wait, next_check_at: datetime, now: datetime) -> None:
    """Give the lease back and come again later."""
    rows.update(
        deployment,
        **stored.columns(wait.facts),
        waiting_for=wait.reason,
        next_check_at=next_check_at,
        watched_until=next_check_at,
        waits=deployment.waits + 1,
        failures=0,
        **leased.FREE,
    )


@transaction.atomic
def troubled(deployment: Deployment, sentence: str, next_check_at: datetime, now: datetime) -> None:
    """AWS did not answer: come again, count it and show it; traffic stays where it is."""
    first = deployment.failures == 0
    columns: dict[str, Any] = {
        "waiting_for": sentence,
        "failures": deployment.failures + 1,
        **leased.FREE,
    }
    try:
        rows.update(deployment, **columns, next_check_at=next_check_at)
    except Lost:  # unless the lease is lost too, somebody clicked: what they want does not wait
        rows.update(deployment, despite_clicks=True, **columns)
    if first:
        append_event(deployment, "aws.trouble", sentence, now=now)


@transaction.atomic
def gate_opened(deployment: Deployment, decision: OpenGate, now: datetime) -> None:
    spec = decision.spec
    rows.update(deployment, **stored.columns(decision.facts), waits=0, watched_until=now)
    gate = Gate.objects.create(
        deployment=deployment,
        stage=deployment.stage,
        position=deployment.position,
        approvals_needed=spec.approvals,
        requester_may_approve=spec.requester_may_approve,
        timeout_action=spec.timeout_action,
        opened_at=now,
        expires_at=decision.expires_at or now + timedelta(minutes=spec.timeout_minutes),
        held_until=decision.held_until,
        evidence=dict(decision.evidence),
        plan_hash=deployment.plan_hash,
    )
    if spec.groups:
        gate.groups.set(accounts.groups_named(spec.groups, now))
    append_event(
        deployment, "gate.opened", decision.reason, now=now,
        data={"evidence": dict(decision.evidence), "expires_at": gate.expires_at.isoformat()},
    )  # fmt: skip


def _slots(slots: tuple[Slot, Slot] | None) -> dict[str, Slot]:
    return {"source_slot": slots[0], "target_slot": slots[1]} if slots else {}


@transaction.atomic
def gate_expired(deployment: Deployment, reason: str, now: datetime) -> None:
    rows.update(deployment, waits=0)  # Lost if somebody decided in the last moment
    rows.close_gates(deployment, GateStatus.TIMED_OUT, reason, now)
    append_event(deployment, "gate.timed_out", reason, now=now)


@transaction.atomic
def advanced(deployment: Deployment, decision: Advance, steps: tuple[Step, ...], now: datetime) -> None:
    """On to the next step, or past the last one to the end."""
    stage, share = deployment.stage, deployment.percent
    columns: dict[str, Any] = {
        **stored.columns(decision.facts),
        "waits": 0,
        "failures": 0,
        "intent": None,
        "waiting_for": "",
        "watched_until": now,
    }
    columns |= _slots(decision.slots)
    if decision.keep_source_until:
        columns["source_kept_until"] = decision.keep_source_until
    if deployment.position + 1 < len(steps):
        step = steps[deployment.position + 1]
        columns |= {"position": deployment.position + 1, "stage": step.stage, "step_started_at": now}
        rows.update(deployment, **columns)
        live_release.note_share(deployment, share, now)
        live_release.note(deployment, decision.live, now)
        if stage == Stage.RECONCILE_SERVICE and not deployment.is_rolling_back:
            live_release.settle_source(deployment, now)
        endings.stage_succeeded(deployment, stage, decision.reason, now)
        rows.enter(deployment, step, now)
    elif deployment.is_rolling_back:
        reason = f"{full_stop(reasons.why_it_turned_back(deployment))} Rolled back: {decision.reason}.".strip()
        endings.end(deployment, Status.ROLLBACK_SUCCESSFUL, reason, columns, now)
        live_release.note(deployment, Role.SOURCE, now)
        endings.tell_with_the_last_stage(deployment, decision.reason, now)
    else:
        endings.end(deployment, Status.SUCCESSFUL, decision.reason, columns, now)
        live_release.note(deployment, Role.TARGET, now)
        endings.tell_with_the_last_stage(deployment, decision.reason, now)


@transaction.atomic
def turned_back(deployment: Deployment, step: Step, reason: str, facts: Facts, now: datetime) -> None:
    """From going forward to the way back; the first step of it is entered."""
    asked_for = deployment.is_rolling_back or deployment.status == Status.STOP_REQUESTED
    stage = deployment.stage
    rows.update(
        deployment,
        status=Status.ROLLBACK_IN_PROGRESS,
        status_reason=reason,
        **stored.columns(facts.with_in_flight(deployment.intent)),
        intent=None,
        position=0,
        stage=step.stage,
        step_started_at=now,
        watched_until=now,
        source_kept_until=None,
        waits=0,
        failures=0,
        waiting_for="",
    )
    rows.leave(deployment, Outcome.STOPPED if asked_for else Outcome.FAILED, reason, now)
    rows.close_gates(deployment, GateStatus.FAILED, "the deployment turned back", now)
    message = f"Turning back: {reason}" if asked_for else reason
    data = None if asked_for else endings.rang(facts)
    append_event(deployment, "deployment.rollback_started", message, now=now, stage=stage, data=data)
    rows.enter(deployment, step, now)


@transaction.atomic
def ended(
    deployment: Deployment, status: Status, reason: str, facts: Facts, now: datetime, live: Role | None = None
) -> None:
    """Not as it was wanted. `live`: whose release has all traffic, as AWS says; None = nobody knows better."""
    endings.end(deployment, status, reason, stored.columns(facts.with_in_flight(deployment.intent)), now)
    live_release.note(deployment, live, now)
    rows.leave(deployment, Outcome.STOPPED if status == Status.STOPPED else Outcome.FAILED, reason, now)
    rows.close_gates(deployment, GateStatus.FAILED, "the deployment ended", now)
    endings.tell(deployment, now)


def captured(deployment: Deployment, seen: Failure) -> None:
    """Keep what was seen of the failing target before it is cleaned away."""
    known = stored.facts(deployment).with_diagnosis(seen)
    rows.update(deployment, despite_clicks=True, **stored.columns(known))
