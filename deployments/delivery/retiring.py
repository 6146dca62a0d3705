"""Retiring what has lost its stack, and bringing it back. Nothing on AWS is touched, and no row is deleted.

Whoever retires locks its row first, and so does whoever makes something of it (`catalog.in_use.hold`): a deployment
that is asked for in the same moment is seen, or finds it retired.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import IntegrityError, transaction

from deployments.catalog import holding, in_use
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.answering import ONE_ANSWER
from deployments.catalog.models.application import ONE_SLUG
from deployments.catalog.models.environment import ONE_NAME
from deployments.catalog.models.retiring import IN_USE, LONGEST_REASON
from deployments.delivery.admission import busy_sentence
from deployments.delivery.models import Deployment, Move
from deployments.delivery.pipelines import asking
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed

_NOBODY = {"retired_by": None, "retired_at": None, "retired_reason": ""}


def obstacles(*environments: Environment) -> tuple[str, ...]:
    """What is under way there, in sentences with their next step."""
    return tuple(sentence for environment in environments for sentence in _under_way(environment))


def retire(*, environment: Environment, principal: Principal, reason: str, now: datetime) -> None:
    """Raises Refused without the right or a reason, when it is retired already, and while something is under way."""
    _require(rights.retire_refusal(principal))
    reason = _typed(reason)
    with transaction.atomic():
        _retire(_environment(environment.pk), principal, reason, now)
    environment.refresh_from_db()


def retire_application(*, application: Application, principal: Principal, reason: str, now: datetime) -> None:
    """With all of its environments that are in use, or with none: raises Refused as `retire` does for any of them."""
    _require(rights.retire_application_refusal(principal))
    reason = _typed(reason)
    with transaction.atomic():
        row = _application(application.pk)
        in_use.require(row)
        for pk in row.environments.filter(IN_USE).order_by("pk").values_list("pk", flat=True):
            _require(rights.retire_refusal(principal))
            _retire(_environment(pk), principal, reason, now)
        _note(row, principal, reason, now)
        append_event(row, "application.retired", f"Retired: {reason}", now=now, principal=principal)
    application.refresh_from_db()


def bring_back(*, environment: Environment, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right, while it is in use, its application is retired, or its place is taken."""
    _require(rights.retire_refusal(principal))
    try:
        with transaction.atomic():
            holding.one_at_a_time()
            in_use.require(_application(environment.application_id))
            row = _environment(environment.pk)
            _require_retired(row)
            _require(" ".join(_taken(row)))
            # What it last was like says nothing any more.
            Environment.objects.filter(pk=row.pk).update(**_NOBODY, compared_at=None, compared_with="")
            append_event(row, "environment.brought_back", "Brought back", now=now, principal=principal)
    except IntegrityError as error:
        if constraints.violated(error, Environment, ONE_NAME):
            raise Refused(_name_taken(environment)) from error
        if constraints.violated(error, Environment, ONE_ANSWER):
            raise Refused(
                f"Another environment answers {environment.approval_action} now. Retire that one or give it another "
                "approval action first."
            ) from error
        raise
    environment.refresh_from_db()


def bring_back_application(*, application: Application, principal: Principal, now: datetime) -> None:
    """Its environments stay retired: each is brought back by itself. Raises Refused as `bring_back` does."""
    _require(rights.retire_application_refusal(principal))
    try:
        with transaction.atomic():
            row = _application(application.pk)
            _require_retired(row)
            Application.objects.filter(pk=row.pk).update(**_NOBODY)
            append_event(row, "application.brought_back", "Brought back", now=now, principal=principal)
    except IntegrityError as error:
        if not constraints.violated(error, Application, ONE_SLUG):
            raise
        raise Refused(
            f"Another application has the slug {application.slug} now. Retire that one or change its slug first."
        ) from error
    application.refresh_from_db()


def _under_way(environment: Environment) -> Iterator[str]:
    if Deployment.objects.unfinished().filter(environment=environment).exists():
        yield busy_sentence(environment)
    if Move.objects.under_way(environment) is not None:
        yield f"{environment} is moving to another way to deploy. Finish the move on its page, or take it back."


def _retire(row: Environment, principal: Principal, reason: str, now: datetime) -> None:
    in_use.require(row)
    _require(" ".join(_under_way(row)))
    _note(row, principal, reason, now)
    asking.give_up(row, f"{row} was retired.", now)
    data = {"live": row.live_release.version if row.live_release else "", "was deployed to": list(holding.names(row))}
    append_event(row, "environment.retired", f"Retired: {reason}", now=now, principal=principal, data=data)


def _note(row: Environment | Application, principal: Principal, reason: str, now: datetime) -> None:
    columns = {"retired_by": principal.user, "retired_at": now, "retired_reason": reason}
    type(row)._default_manager.filter(pk=row.pk).update(**columns)


def _taken(row: Environment) -> Iterator[str]:
    if Environment.objects.filter(IN_USE, application=row.application_id, name=row.name).exists():
        yield _name_taken(row)
    for conflict in holding.conflicts(row)[:1]:
        yield conflict.sentence


def _name_taken(environment: Environment) -> str:
    return f"Another environment is called {environment} now. Retire or rename that one first."


def _environment(pk: int) -> Environment:
    rows = Environment.objects.select_for_update(of=("self",))
    return rows.select_related("application", "live_release", "retired_by").get(pk=pk)


def _application(pk: int) -> Application:
    return Application.objects.select_for_update(of=("self",)).select_related("retired_by").get(pk=pk)


def _require_retired(row: Environment | Application) -> None:
    if not row.is_retired:
        raise Refused(f"{row} is in use.")


def _require(refusal: str) -> None:
    if refusal:
        raise Refused(refusal)


def _typed(reason: str) -> str:
    reason = typed(reason, most=LONGEST_REASON, what="The reason", field="reason")
    if not reason:
        raise Refused("Say why it is retired; the reason is kept with its history.", field="reason")
    return reason
