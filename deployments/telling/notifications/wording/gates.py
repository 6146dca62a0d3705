"""A gate that waits, still waits, or was decided."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from deployments.delivery.models import Gate
from deployments.delivery.standing import counted as counting
from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.telling.chat import offering
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.wording import changes, measured, names
from deployments.vocabulary import DeploymentKind, GateStatus, TimeoutAction, Verdict
from deployments.words import counted, duration_words, full_stop, joined, stage_label


def to_a_channel(content: Content) -> Content:
    """Where nobody in particular is asked."""
    begun, _, all_of_it = content.subject.partition(": ")
    release, _, environment = all_of_it.rpartition(" to ")
    match begun:
        case "Waits for you":
            return replace(content, subject=f"Waits for approval: {release} to {environment}")
        case "Still waits for you":
            return replace(content, subject=f"Still waits for approval: {release} to {environment}")
    return content


def waits(gate: Gate, now: datetime) -> Content | None:
    """None once nobody can decide there any more."""
    release, environment = names.what(gate.deployment), names.where(gate.deployment)
    return _asking(gate, now, f"Waits for you: {release} to {environment}", ()) if _is_open(gate, now) else None


def still_waits(gate: Gate, now: datetime, *, is_last: bool) -> Content | None:
    """`is_last`: its time is nearly over."""
    if not _is_open(gate, now):
        return None
    waited = f"It has waited for {duration_words((now - gate.opened_at).total_seconds())}."
    left = duration_words((gate.expires_at - now).total_seconds(), short=True)
    release, environment = names.what(gate.deployment), names.where(gate.deployment)
    subject = (
        f"Only {left} left: {release} to {environment}"
        if is_last
        else f"Still waits for you: {release} to {environment}"
    )
    return _asking(gate, now, subject, (waited,))


def decided(gate: Gate, event: Event) -> Content:
    deployment = gate.deployment
    subject, is_good = _outcome(gate, event)
    return Content(
        subject=subject,
        sentences=tuple(_how(gate, event)),
        facts=(*names.asked(deployment), ("Stage", stage_label(gate.stage)), *_answers(gate)),
        path=names.of_deployment(deployment),
        link_text="Open the deployment",
        tone="good" if is_good else "bad",
        place=names.place(deployment),
        typed=names.typed(deployment),
    )


def _is_open(gate: Gate, now: datetime) -> bool:
    return gate.is_open and not gate.has_expired(now)


def _asking(gate: Gate, now: datetime, subject: str, sentences: tuple[str, ...]) -> Content:
    deployment, changed = gate.deployment, changes.of(gate.deployment)
    return Content(
        subject=subject,
        sentences=(_needed(gate), *sentences, _if_nobody_does(gate, now), *((gate.lost,) if gate.lost else ())),
        facts=(*names.asked(deployment), *_live(gate), ("Stage", stage_label(gate.stage)), *_answers(gate)),
        changes=changed.lines,
        evidence=measured.lines(gate, now),
        path=names.of_gate(gate),
        link_text="Look and decide",
        tone="waits",
        place=names.place(deployment),
        gate=gate.pk,
        seen=offering.shown(gate),
        answered_in=offering.ways(gate),
        typed=(*names.typed(deployment), *changed.typed),
    )


def _needed(gate: Gate) -> str:
    missing = max(gate.approvals_needed - len(counting(gate)), 1)
    groups = joined(sorted(group.name for group in gate.groups.all()), "or") or "anyone with the right to approve"
    is_more = missing < gate.approvals_needed
    needed = counted(missing, "more approval") if is_more else counted(missing, "approval")
    if gate.requester_may_approve:
        return f"It needs {needed} from {groups}."
    return f"It needs {needed} from {groups}, not from who asked for it."


def _if_nobody_does(gate: Gate, now: datetime) -> str:
    is_normal = gate.deployment.kind == DeploymentKind.NORMAL
    at, left = names.moment(gate.expires_at), names.left(gate.expires_at, now)
    if gate.timeout_action == TimeoutAction.CONTINUE:
        return f"It goes on if nobody decides by {at}, in {left}."
    if is_normal:
        return f"It is rolled back if nobody decides by {at}, in {left}."
    return f"It ends where it is if nobody decides by {at}, in {left}."


def _live(gate: Gate) -> Iterator[tuple[str, str]]:
    yield "Live now", names.before(gate.deployment) or "nothing that Tealgate knows"


def _answers(gate: Gate) -> Iterator[tuple[str, str]]:
    given = [approval for approval in gate.approvals.all() if approval.verdict == Verdict.APPROVE]
    if gate.approvals_needed > 1 or given:
        by = joined([approval.name for approval in given])
        so_far, needed = len(given), gate.approvals_needed
        yield "Approvals so far", f"{so_far} of {needed} given, by {by}" if by else f"{so_far} of {needed} given"


def _outcome(gate: Gate, event: Event) -> tuple[str, bool]:
    """The subject, and whether it is good news."""
    release, environment = names.what(gate.deployment), names.where(gate.deployment)
    match event.kind:
        case Happened.GATE_REJECTED:
            return f"Rejected: {release} to {environment}", False
        case Happened.GATE_TIMED_OUT:
            return f"Nobody decided: {release} to {environment}", gate.timeout_action == TimeoutAction.CONTINUE
    given, needed = event.data.get("approvals", 0), event.data.get("needed", gate.approvals_needed)
    if given >= needed:
        return f"Approved: {release} to {environment}", True
    return f"Approved by {given} of {needed}: {release} to {environment}", True


def _how(gate: Gate, event: Event) -> Iterator[str]:
    """Who said what, as the log has it; then what follows."""
    yield full_stop(event.message)
    if event.kind == Happened.GATE_REJECTED:
        is_normal = gate.deployment.kind == DeploymentKind.NORMAL
        yield "It is turned back now." if is_normal else "It ends where it is."
    elif event.kind == Happened.GATE_APPROVED and gate.status == GateStatus.SUCCEEDED:
        yield "It goes on now; nobody else has to decide at this gate."
    elif event.kind == Happened.GATE_APPROVED and gate.is_open:
        missing = max(gate.approvals_needed - len(counting(gate)), 0)
        needed = counted(missing, "more approval")
        yield f"{needed} is needed." if missing == 1 else f"{needed} are needed."
