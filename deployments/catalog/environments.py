"""What people do to environments besides editing their settings."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from deployments import preflight, swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog import auto_scaling, holding, in_use, outside
from deployments.catalog.freezing import columns_of, freeze
from deployments.catalog.models import Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.models.running import Running
from deployments.frozen import EnvironmentSettings, GateSpec, SmokeSpec
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.preflight.report import Report, error, warning
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.texts import typed
from deployments.vocabulary import DeploymentKind

LONGEST_MESSAGE = 200
#: the check that tells what runs although another release is recorded as live
OUTSIDE = "live-release"
#: the check that tells that no person is asked where customers are
NOBODY_ASKED = "gates"
#: the check that tells which other environment is deployed to the same
ALONE = "other-environments"


def check(
    environment: Environment,
    release: Release | None = None,
    *,
    now: datetime,
    strategy: str = "",
    kind: DeploymentKind = DeploymentKind.NORMAL,
) -> Report:
    """Run preflight now, for the environment's own strategy unless another one is asked for.

    What runs there is compared with what is recorded as live. Only reads AWS; of servers it notes which they are.
    Raises Refused when it is retired.
    """
    in_use.require(environment)
    what = release.artefact if release else None
    settings = replace(freeze(environment), strategy=strategy or environment.strategy, kind=kind)
    try:
        gateway = _once(settings)
    except AwsError as problem:
        return _alone(environment, preflight.unreachable(settings, what, problem))
    report = swaps.get(settings.controller).preflight(settings, what, gateway, now)
    auto_scaling.look(environment, settings, gateway)
    report = _alone(environment, report)
    found = outside.compared(environment, outside.read(settings, gateway))
    report = _with_outside(environment, report, found) if found else report
    return _with_nobody_asked(report) if is_for_customers(environment) and not has_said(environment) else report


def check_unsaved(
    environment: Environment,
    gates: Collection[GateSpec] = (),
    checks: Collection[SmokeSpec] = (),
    *,
    now: datetime,
) -> Report:
    """Preflight of an environment that is only proposed, with these gates and checks: it has no tasks yet."""
    settings = replace(columns_of(environment), gates=tuple(gates), smoke_checks=tuple(checks))
    try:
        gateway = _once(settings)
    except AwsError as problem:
        return _alone(environment, preflight.unreachable(settings, None, problem))
    return _alone(environment, swaps.get(settings.controller).preflight(settings, None, gateway, now))


def is_for_customers(environment: Environment) -> bool:
    """By its name, or for being the last on its application's way."""
    if environment.name.startswith("prod"):
        return True
    beside = Environment.objects.filter(IN_USE, application=environment.application)
    return not beside.filter(rank__gt=environment.rank).exists()


def has_said(environment: Environment) -> bool:
    """Whether people are asked there, or somebody has said why nobody has to be."""
    return bool(environment.unattended_at) or environment.gate_policies.exists()


def _once(settings: EnvironmentSettings) -> Any:
    """Raises AwsError without even credentials: nothing can be looked at then."""
    return ReadingOnce(connect(settings.binding))


def _alone(environment: Environment, report: Report) -> Report:
    """With an error for each thing that another environment is deployed to as well."""
    told = [error(ALONE, conflict.seen, conflict.fix) for conflict in holding.conflicts(environment)]
    return replace(report, results=(*report.results, *told))


def _with_outside(environment: Environment, report: Report, found: Running) -> Report:
    told = warning(
        OUTSIDE,
        found.sentence(environment.live_release.version if environment.live_release else ""),
        "Adopt it on the environment's page, so that its name is known; a roll back goes to what runs in any case.",
    )
    return replace(report, results=(*report.results, told))


def _with_nobody_asked(report: Report) -> Report:
    told = warning(
        NOBODY_ASKED,
        "It has no gate, so a release gets production's traffic without anybody being asked.",
        "Add a gate to the environment, or say on its page why nobody has to approve (“Go on unasked”).",
    )
    return replace(report, results=(*report.results, told))


def lock(
    *, environment: Environment, principal: Principal, message: str, now: datetime, agents_may_open: bool = False
) -> None:
    """Nobody can deploy until it is unlocked, by a person or, if `agents_may_open`, by an agent; what runs goes on.

    Raises Refused without the right, without a message, when it is locked already, or retired.
    """
    if refusal := rights.lock_refusal(principal, environment):
        raise Refused(refusal)
    message = typed(message, most=LONGEST_MESSAGE, what="The message", field="message")
    if not message:
        raise Refused("Say why you lock it; the message is shown to everyone who wants to deploy.", field="message")
    with transaction.atomic():
        changed = Environment.objects.filter(IN_USE, pk=environment.pk, locked_at__isnull=True).update(
            locked_by=principal.answerable, locked_through=principal.as_answerable, locked_at=now, lock_message=message,
            agents_may_open=now if agents_may_open else None,
        )  # fmt: skip
        if not changed:
            environment.refresh_from_db()
            raise Refused(environment.retired_refusal or environment.lock_sentence)
        append_event(
            environment,
            "environment.locked",
            f"Locked{', and agents may open it' if agents_may_open else ''}: {message}",
            now=now,
            principal=principal,
        )


def unlock(*, environment: Environment, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right to open this very lock, when there is none, or when it is retired."""
    environment.refresh_from_db()
    if refusal := rights.unlock_refusal(principal, environment):
        raise Refused(refusal)
    with transaction.atomic():
        looked_at = Environment.objects.filter(IN_USE, pk=environment.pk, locked_at=environment.locked_at)
        changed = looked_at.exclude(locked_at=None).update(
            locked_by=None, locked_through="", locked_at=None, lock_message="", agents_may_open=None
        )
        if not changed:
            environment.refresh_from_db()
            raise Refused(environment.retired_refusal or f"{environment} is not locked.")
        append_event(environment, "environment.unlocked", "Unlocked", now=now, principal=principal)
