"""The plan of a move, and its beginning: what is there is noted, and the environment is locked."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from deployments import preflight
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog import holding, in_use
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment
from deployments.delivery.admission import busy_sentence
from deployments.delivery.models import Deployment, Move
from deployments.delivery.moves import columns
from deployments.frozen import EnvironmentSettings
from deployments.moving import passing, planning, proof, reading
from deployments.moving.planning import MovePlan
from deployments.moving.values import House, Wanted
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.preflight.moving import MOVING
from deployments.record.append import append_event
from deployments.refused import Refused


def planned(environment: Environment, wanted: Wanted, now: datetime) -> tuple[Wanted, MovePlan]:
    """What would change, with what was found of where to. Only reads. Raises Refused when AWS cannot be read, and of a
    retired one."""
    in_use.require(environment)
    settings = freeze(environment)
    found, seen = _read(settings, wanted)
    return found, _allowed(environment, planning.plan(settings, found, seen), settings, found, seen, now)


def of_row(row: Move) -> tuple[Wanted, MovePlan]:
    """The plan as it was when the move began, with what AWS shows now. Only reads. Raises Refused."""
    settings, wanted = EnvironmentSettings.from_json(row.frozen), Wanted(**row.wanted)
    return wanted, planning.plan(settings, wanted, _read(settings, wanted)[1], is_begun=True)


def begin(*, environment: Environment, wanted: Wanted, principal: Principal, now: datetime) -> Move:
    """Raises Refused without the right, while a deployment or a move is under way, when it is locked or retired, or for
    what the plan says stands in the way."""
    if refusal := rights.move_refusal(principal, environment):
        raise Refused(refusal)
    in_use.require(environment)
    if Deployment.objects.unfinished().filter(environment=environment).exists():
        raise Refused(busy_sentence(environment))
    settings = freeze(environment)
    found, seen = _read(settings, wanted)
    plan = _allowed(environment, planning.plan(settings, found, seen), settings, found, seen, now)
    origin = proof.origin(settings, seen)
    if plan.obstacles or origin is None:
        raise Refused(" ".join(plan.obstacles) or "There is nothing that could be moved.")
    row = Move(
        environment=environment, to=found.controller, frozen=settings.as_json(), wanted=found.as_json(),
        origin=origin.as_json(), before=columns.values(environment), begun_by=principal.user, begun_at=now,
        says="Nothing was changed yet.", looked_at=now,
    )  # fmt: skip
    _note(row, principal, now)
    return row


def _allowed(
    environment: Environment,
    plan: MovePlan,
    settings: EnvironmentSettings,
    wanted: Wanted,
    seen: House,
    now: datetime,
) -> MovePlan:
    """With what another environment holds, and what IAM would refuse half way, where nothing else is in the way."""
    if plan.obstacles:
        return plan
    after = columns.settings_afterwards(settings, wanted, seen.live)
    if held := holding.conflicts(environment, after):
        return replace(plan, obstacles=(held[0].sentence,))
    gateway = connect(settings.binding)
    refused = [f"{each.seen} {each.fix}" for each in preflight.run(after, None, gateway, now, MOVING).errors]
    passed = passing.refusal(wanted.infrastructure_role, gateway, now)
    return replace(plan, obstacles=(*refused, *filter(None, [passed])))


def _read(settings: EnvironmentSettings, wanted: Wanted) -> tuple[Wanted, House]:
    try:
        gateway = connect(settings.binding)
        first = reading.house(settings, wanted.beside(settings, ""), gateway)
        live = first.live or next(iter(first.service.target_groups if first.service else ()), "")
        found = wanted.beside(settings, live)
        if not found.production_rule and first.rule:
            found = columns.with_rule(found, first.rule.arn)
        return found, reading.house(settings, found, gateway)
    except AwsError as error:
        raise Refused(f"What is there could not be read: {error.sentence}") from error


def _note(row: Move, principal: Principal, now: datetime) -> None:
    """Once more under the lock of the row: two may begin in the same moment, or a deployment."""
    try:
        with transaction.atomic():
            locked = Environment.objects.select_for_update(of=("self",)).get(pk=row.environment_id)
            in_use.require(locked)
            if locked.is_locked:
                raise Refused(locked.lock_sentence)
            if Deployment.objects.unfinished().filter(environment=locked).exists():
                raise Refused(busy_sentence(locked))
            row.save(force_insert=True)
            Environment.objects.filter(pk=locked.pk).update(
                locked_by=principal.user, locked_through="", locked_at=now,
                lock_message=columns.LOCKED.format(to=row.to),
            )  # fmt: skip
            data = {"wanted": row.wanted, "origin": row.origin}
            sentence = f"A move to {row.to} began; it is locked until its end"
            append_event(locked, "environment.move_begun", sentence, now=now, principal=principal, data=data)
    except IntegrityError as error:
        raise Refused(f"A move of {row.environment} is under way already; look again.") from error
    row.environment.refresh_from_db()
