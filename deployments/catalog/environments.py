"""What people do to environments besides editing their settings."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from deployments import preflight, swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog.freezing import columns_of, freeze
from deployments.catalog.models import Environment, Release
from deployments.frozen import Artefact, EnvironmentSettings, GateSpec
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.preflight.report import Report
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed

LONGEST_MESSAGE = 200


def check(environment: Environment, release: Release | None = None, *, now: datetime, strategy: str = "") -> Report:
    """Run preflight now, for the environment's own strategy unless another one is asked for. Only reads."""
    what = release.artefact if release else None
    return _report(replace(freeze(environment), strategy=strategy or environment.strategy), what, now)


def check_unsaved(environment: Environment, gates: Collection[GateSpec] = (), *, now: datetime) -> Report:
    """Preflight of an environment that is only proposed, with these gates: it has no checks or tasks yet."""
    return _report(replace(columns_of(environment), gates=tuple(gates)), None, now)


def _report(settings: EnvironmentSettings, what: Artefact | None, now: datetime) -> Report:
    try:
        gateway = connect(settings.binding)
    except AwsError as problem:  # not even credentials: nothing can be looked at
        return preflight.unreachable(settings, what, problem)
    return swaps.get(settings.controller).preflight(settings, what, gateway, now)


def lock(*, environment: Environment, principal: Principal, message: str, now: datetime) -> None:
    """Nobody can deploy until it is unlocked; a running deployment goes on.

    Raises Refused without the right, without a message, or when it is locked already.
    """
    _require_right(principal)
    message = typed(message, most=LONGEST_MESSAGE, what="The message", field="message")
    if not message:
        raise Refused("Say why you lock it; the message is shown to everyone who wants to deploy.", field="message")
    with transaction.atomic():
        changed = Environment.objects.filter(pk=environment.pk, locked_at__isnull=True).update(
            locked_by=principal.user, locked_at=now, lock_message=message
        )
        if not changed:
            environment.refresh_from_db()
            raise Refused(environment.lock_sentence)
        append_event(
            environment,
            "environment.locked",
            f"Locked: {message}",
            now=now,
            principal=principal,
        )


def unlock(*, environment: Environment, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right, or when it is not locked."""
    _require_right(principal)
    with transaction.atomic():
        changed = Environment.objects.filter(pk=environment.pk, locked_at__isnull=False).update(
            locked_by=None, locked_at=None, lock_message=""
        )
        if not changed:
            raise Refused(f"{environment} is not locked.")
        append_event(environment, "environment.unlocked", "Unlocked", now=now, principal=principal)


def _require_right(principal: Principal) -> None:
    if refusal := rights.lock_refusal(principal):
        raise Refused(refusal)
