"""A decision from a chat: the same services and the same rules as on the page, and where the page is."""

import hashlib
from datetime import datetime

from django.conf import settings

from deployments.delivery import approvals, gate_seen, standing
from deployments.delivery.models import Gate
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.chat.models import ChatAccount
from deployments.vocabulary import Verdict
from deployments.words import counted, full_stop

#: So many letters of a mark are typed.
_TYPED = 6


def gate_url(pk: int) -> str:
    """The gate's page: a whole address, without anything in it that would be a right."""
    return f"{settings.SITE_URL.rstrip('/')}/deployments/gate/{pk}/change/"


def mark(seen: str) -> str:
    """A fingerprint of what a message shows (gate_seen), short enough to be typed."""
    return hashlib.sha256(seen.encode()).hexdigest()[:_TYPED]


def answer(*, account: ChatAccount, gate: int, seen: str, verdict: Verdict, comment: str, now: datetime) -> str:
    """Decide as the account's person; what came of it, in a sentence.

    `seen`: the fingerprint, or its mark, of what their message showed. Raises Refused, with whatever
    `approvals.approve` refuses; the sentence does not say where the page is.
    """
    principal = Principal.in_chat(account.person, account.way)
    row = _found(gate, principal)
    whole = _as_shown(row, seen)
    act = approvals.approve if verdict is Verdict.APPROVE else approvals.reject
    decided = act(gate=row, principal=principal, comment=comment, now=now, seen=whole)
    return _outcome(decided, verdict)


def require(*, account: ChatAccount, gate: int, seen: str, now: datetime) -> None:
    """Before the reason is asked for, which nobody likes to type in vain. Raises Refused as `answer` would."""
    principal = Principal.in_chat(account.person, account.way)
    row = _found(gate, principal)
    _as_shown(row, seen)
    approvals.require_may_decide(row, principal, now)


def _found(pk: int, principal: Principal) -> Gate:
    gate = Gate.objects.select_related("deployment__environment__application", "deployment__release").filter(pk=pk)
    row = gate.first()
    if refusal := rights.view_refusal(principal, "gate"):
        raise Refused(refusal)
    if row is None:
        raise Refused(f"There is no gate {pk} any more.")
    return row


def _as_shown(gate: Gate, seen: str) -> str:
    """The whole fingerprint. Raises Refused, also where the message does not say what it showed."""
    whole = gate_seen.fingerprint(gate)
    if len(seen) == _TYPED:
        seen = whole if seen == mark(whole) else "older"
    if not seen:
        raise Refused("This message does not say what it showed. Open the gate's page and decide there.")
    if gate.is_open and (what := gate_seen.changed(gate, seen)):
        raise approvals.Changed(what)
    return whole


def _outcome(gate: Gate, verdict: Verdict) -> str:
    deployment = gate.deployment
    what = f"{deployment.release.version} to {deployment.environment}"
    if verdict is Verdict.REJECT:
        return f"Rejected: {what}. It is turned back."
    if not gate.is_open:
        return f"Approved: {what}. It goes on."
    given = len(standing.counted(gate))
    return full_stop(f"Approved: {what}. {given} of {counted(gate.approvals_needed, 'approval')} so far")
