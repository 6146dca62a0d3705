"""The next step of a move, by a person's click: one write at most, and then a look that proves where traffic is."""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.catalog import changes, holding
from deployments.catalog.models import Environment
from deployments.delivery.models import Move as Row
from deployments.delivery.moves import columns
from deployments.delivery.moves.claiming import At, claimed
from deployments.moving import forward
from deployments.moving.values import ENVIRONMENT, STEPS, Act, Done, House, Stop
from deployments.people.principal import Principal
from deployments.preflight.report import Level
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.vocabulary import Controller, MoveStatus, Slot


def go_on(*, move: Row, principal: Principal, now: datetime) -> str:
    """What was done or is waited for, in a sentence; the same click again looks again, and goes on.

    Raises Refused without the right, when it is over or being taken back, for what AWS refuses, and for what is not as
    it was when the move began: nothing is written then.
    """
    if move.status != MoveStatus.UNDER_WAY or move.turning_back:
        raise Refused(f"The move of {move.environment} {'is over' if move.finished_at else 'is being taken back'}.")
    with claimed(move, principal, now):
        at = At(move, principal, now)
        step, seen = STEPS[move.done], at.look()
        decision = forward.next_step(step, at.move, seen)
        if isinstance(decision, Act):
            at.perform(decision)
            seen = at.look()
            decision = forward.next_step(step, at.move, seen)
        if isinstance(decision, Stop):
            raise at.stopped(decision.says)
        if not isinstance(decision, Done):
            at.note(decision.says)
            return decision.says
        return _moved(at, seen) if step == ENVIRONMENT else _done(at, decision.says)


def _done(at: At, says: str) -> str:
    with transaction.atomic():
        at.note(says)
        Row.objects.filter(pk=at.row.pk).update(done=at.row.done + 1)
        append_event(at.row.environment, "environment.move_step", says, now=at.now, principal=at.principal)
    return says


def _moved(at: At, seen: House) -> str:
    """The environment's settings, once preflight of the new kind is green."""
    wanted = columns.afterwards(at.move.settings, at.move.wanted, at.move.origin.live)
    _require_green(at)
    with transaction.atomic():
        holding.one_at_a_time()
        environment = Environment.objects.select_for_update(of=("self",)).get(pk=at.row.environment_id)
        before = changes.values_of(environment)
        columns.write(environment, wanted, at.principal, f"moved to {at.row.to}")
        changes.changed(subject=environment, before=before, principal=at.principal, now=at.now)
        says = (
            f"{environment} is deployed to by ECS from now on. Change your infrastructure code before its next apply."
        )
        _finish(at, says, live_slot=_slot(wanted, seen.live))
        append_event(environment, "environment.moved", says, now=at.now, principal=at.principal)
    return says


def _require_green(at: At) -> None:
    settings = columns.settings_afterwards(at.move.settings, at.move.wanted, at.move.origin.live)
    report = swaps.get(Controller.ECS).preflight(settings, None, at.gateway, at.now)
    errors = [f"{each.seen} {each.fix}" for each in report.of(Level.ERROR)]
    if errors:
        raise at.stopped(f"ECS deploys it, but preflight is not green yet: {' '.join(errors)}")


def _finish(at: At, says: str, live_slot: str) -> None:
    """Nobody waits in Ready any more, and it is open again."""
    at.note(says)
    Row.objects.filter(pk=at.row.pk).update(done=len(STEPS), status=MoveStatus.DONE, finished_at=at.now)
    Environment.objects.filter(pk=at.row.environment_id).update(
        live_slot=live_slot, compared_at=None, unattended_by=None, unattended_at=None, unattended_reason=""
    )
    columns.unlock(at.row.environment_id, at.row.to)


def _slot(wanted: dict[str, str], live: str) -> str:
    slots = {wanted["blue_target_group"]: Slot.BLUE, wanted["green_target_group"]: Slot.GREEN}
    return str(slots[live]) if live in slots else ""
