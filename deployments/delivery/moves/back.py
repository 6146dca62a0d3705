"""The way back, a step at a time, each by a click; what AWS cannot undo is said and left as near as it comes."""

from datetime import datetime

from django.db import transaction

from deployments.catalog import changes, holding, in_use
from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.delivery.models import Move as Row
from deployments.delivery.moves import columns
from deployments.delivery.moves.claiming import At, claimed
from deployments.moving import back
from deployments.moving.values import STEPS, Act, Done, House, Stop
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.vocabulary import Controller, MoveStatus


def refusal(move: Row) -> str:
    """Why it cannot be taken back any more; "" = it can."""
    if move.status == MoveStatus.TAKEN_BACK:
        return "The move was taken back already."
    if move.status == MoveStatus.UNDER_WAY:
        return ""
    if move.environment.is_retired:
        return move.environment.retired_refusal
    if Row.objects.newest(move.environment) != move:
        return "The environment was moved again since."
    if Deployment.objects.filter(environment=move.environment, created_at__gte=move.finished_at).exists():
        return "Something was deployed since the move, so it stays. Move the environment anew instead."
    if move.environment.is_locked:
        return move.environment.lock_sentence
    return ""


def go_back(*, move: Row, principal: Principal, now: datetime) -> str:
    """What was done or is waited for, in a sentence; the same click again looks again, and goes on.

    Raises Refused without the right, when it cannot be taken back any more, and for what AWS refuses.
    """
    if why := refusal(move):
        raise Refused(why)
    with claimed(move, principal, now):
        if move.status == MoveStatus.DONE:
            return _settings_back(move, principal, now)
        Row.objects.filter(pk=move.pk).update(turning_back=True)
        at = At(move, principal, now)
        # The step that was begun comes first: it may have written.
        for step in dict.fromkeys((STEPS[min(move.done, 1)], STEPS[0])):
            says = _undone(at, step)
            if says:
                return says
        return _ended(at)


def _undone(at: At, step: str) -> str:
    """ "" once it is undone, else what is waited for."""
    decision = back.next_step(step, at.move, seen := at.look())
    if isinstance(decision, Act):
        at.perform(decision)
        decision = back.next_step(step, at.move, seen := at.look())
    if isinstance(decision, Stop):
        raise at.stopped(decision.says)
    if isinstance(decision, Done):
        _note_undone(at, decision.says, seen)
        return ""
    at.note(decision.says)
    return decision.says


def _note_undone(at: At, says: str, seen: House) -> None:
    with transaction.atomic():
        holding.one_at_a_time()
        at.note(says)
        append_event(at.row.environment, "environment.move_back", says, now=at.now, principal=at.principal)
        if seen.service and seen.service.controller == "ECS" and at.move.origin.controller == Controller.CODE_DEPLOY:
            _roll_from_now_on(at)


def _roll_from_now_on(at: At) -> None:
    environment = Environment.objects.select_for_update(of=("self",)).get(pk=at.row.environment_id)
    if environment.controller == Controller.ROLLING:
        return
    before = changes.values_of(environment)
    columns.write(environment, columns.rolled(at.row.before), at.principal, "move taken back")
    changes.changed(subject=environment, before=before, principal=at.principal, now=at.now)


def _ended(at: At) -> str:
    with transaction.atomic():
        environment = Environment.objects.get(pk=at.row.environment_id)
        lost = environment.controller != at.move.origin.controller
        says = f"The move is taken back: {environment} is {environment.controller}" + (
            ", because AWS makes nothing CodeDeploy's again." if lost else ", as it was."
        )
        at.note(says)
        Row.objects.filter(pk=at.row.pk).update(done=0, status=MoveStatus.TAKEN_BACK, finished_at=at.now)
        slots = {"live_slot": ""} if environment.controller == Controller.ROLLING else {}
        Environment.objects.filter(pk=environment.pk).update(compared_at=None, **slots)
        columns.unlock(environment.pk, at.row.to)
        append_event(environment, "environment.move_ended", says, now=at.now, principal=at.principal)
    return says


def _settings_back(move: Row, principal: Principal, now: datetime) -> str:
    """The last step: the environment as it was before, locked again, and the service still ECS's."""
    says = "The environment's settings are as they were before; its service is still ECS's. Go back once more."
    with transaction.atomic():
        holding.one_at_a_time()
        environment = Environment.objects.select_for_update(of=("self",)).get(pk=move.environment_id)
        in_use.require(environment)
        before = changes.values_of(environment)
        columns.write(environment, move.before, principal, "move taken back")
        changes.changed(subject=environment, before=before, principal=principal, now=now)
        Environment.objects.filter(pk=environment.pk).update(
            locked_by=principal.user, locked_through="", locked_at=now,
            lock_message=columns.LOCKED_BACK.format(to=move.to),
        )  # fmt: skip
        back_to = {"status": MoveStatus.UNDER_WAY, "done": len(STEPS) - 1, "finished_at": None}
        Row.objects.filter(pk=move.pk).update(**back_to, turning_back=True, says=says, looked_at=now)
        append_event(environment, "environment.move_back", says, now=now, principal=principal)
    return says
