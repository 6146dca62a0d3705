"""Time in which nobody could act, because a part of Tealgate was away: it is given back to whatever waits for people.

An open gate and a source that is kept warm are promises to people, and need web, worker and database. The heartbeat
notes every second that all are here. What it finds to be a gap is added to the gates and warm times that were under
way, and said there; until it has looked, the engine lets none of them run out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q

from deployments import swaps
from deployments.delivery.models import Deployment, Gate, Presence
from deployments.record.append import append_event
from deployments.record.kinds import Kind
from deployments.swaps.decisions import Act, Advance, Decision, ExpireGate, Wait
from deployments.swaps.facts import Gap
from deployments.vocabulary import Stage, Status
from deployments.words import clock_words, duration_words

#: A worker that starts its processes afresh, or a web task that is replaced, is away for less.
AWAY = timedelta(seconds=60)
LOOK_AGAIN = timedelta(seconds=2)


def noted(now: datetime) -> None:
    """By the heartbeat, which stands for worker and database: whether web is here too, and what was lost until now."""
    fresh = now - AWAY
    here = Presence.objects.filter(Q(web_at__isnull=True) | Q(web_at__gt=fresh), id=1)
    if here.filter(here_until__gt=fresh).update(here_until=now):
        return
    with transaction.atomic():
        Presence.objects.get_or_create(id=1)
        known = here.select_for_update().first()
        if known is None or (known.here_until and known.here_until > fresh):
            return
        here.update(here_until=now)
        if known.here_until:
            _give_back(Gap(since=known.here_until, until=now))


def since(now: datetime) -> datetime | None:
    """Since when nobody can act, as far as is noted yet; None when all are here."""
    here_until = Presence.objects.values_list("here_until", flat=True).first()
    return here_until if here_until and now - here_until > AWAY else None


def web_is_here(now: datetime) -> None:
    """By the web server, now and then."""
    Presence.objects.update_or_create(id=1, defaults={"web_at": now})


def held_back(deployment: Deployment, decision: Decision, now: datetime) -> Decision:
    """The decision; a Wait instead of one by which a time runs out that is still to be given back."""
    over = _over(deployment, decision)
    away = since(now) if over else None
    if over is None or away is None or over <= away:
        return decision
    told = f"Nobody can act since {clock_words(away, now)} UTC, and that time does not count"
    return Wait(reason=told, until=now + LOOK_AGAIN)


def _over(deployment: Deployment, decision: Decision) -> datetime | None:
    """When the time was over that this decision ends; None when it ends none."""
    if isinstance(decision, ExpireGate):
        return deployment.gates.open().values_list("expires_at", flat=True).first()
    ends_warm_time = isinstance(decision, Act | Advance) and deployment.stage == Stage.CLEAN_UP
    return deployment.source_kept_until if ends_warm_time and _is_ours_to_keep(deployment) else None


def _is_ours_to_keep(deployment: Deployment) -> bool:
    """Whether nobody has ended its warm time, and AWS does not count it."""
    is_ours = swaps.get(deployment.settings["controller"]).warm_time_can_be_extended
    return is_ours and not deployment.events.filter(kind=Kind.DEPLOYMENT_FINISHED_NOW).exists()


def _give_back(gap: Gap) -> None:
    for gate in Gate.objects.open().filter(expires_at__gt=gap.since).select_related("deployment"):
        _changing(gate.deployment, gap.until, partial(_gate_waits_longer, gate, gap))
    warm = Deployment.objects.filter(status=Status.IN_PROGRESS, stage=Stage.CLEAN_UP, source_kept_until__gt=gap.since)
    for deployment in warm:
        if _is_ours_to_keep(deployment):
            _changing(deployment, gap.until, partial(_source_stays_longer, deployment, gap))


def _changing(deployment: Deployment, now: datetime, change: Callable[[], None]) -> None:
    """So that a pass that read it before does not act on what it read, and the next one comes at once."""
    Deployment.objects.filter(pk=deployment.pk).update(clicks=F("clicks") + 1, next_check_at=now)
    change()


def _gate_waits_longer(gate: Gate, gap: Gap) -> None:
    lost = _lost(gap, gate.opened_at)
    until = gate.expires_at + lost
    gate.expires_at, asked_until = min(until, gate.held_until or until), gate.expires_at
    longer = (gate.expires_at - asked_until).total_seconds()
    then = (
        f"the gate waits for {duration_words(longer)} longer"
        if longer > 0
        else "AWS holds the gate and waits no longer"
    )
    gate.lost = f"Nobody could decide {gap}, because Tealgate was away: {then}."
    gate.save(update_fields=["expires_at", "lost"])
    append_event(gate.deployment, "gate.extended", gate.lost, now=gap.until, stage=gate.stage)


def _source_stays_longer(deployment: Deployment, gap: Gap) -> None:
    began = deployment.stage_runs.filter(stage=Stage.CLEAN_UP).values_list("started_at", flat=True).last()
    lost = _lost(gap, began or gap.since)
    Deployment.objects.filter(pk=deployment.pk).update(source_kept_until=F("source_kept_until") + lost)
    longer = duration_words(lost.total_seconds())
    said = f"Nobody could roll back {gap}, because Tealgate was away: the source is kept for {longer} longer."
    append_event(deployment, "deployment.extended", said, now=gap.until)


def _lost(gap: Gap, began: datetime) -> timedelta:
    return gap.until - max(gap.since, began)
