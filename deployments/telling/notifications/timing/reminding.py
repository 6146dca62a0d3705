"""Gates that still wait: those who have not decided are told so, after a while and before its time is over."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from deployments.catalog.models import Environment
from deployments.delivery.models import Gate
from deployments.telling.notifications import audience, over, wording, written
from deployments.telling.notifications.models import GateReminder
from deployments.telling.notifications.timing.reminders import Policy, Which, due


def due_gates(now: datetime) -> list[tuple[Gate, Which, datetime | None]]:
    """With when that was sent before. One query, and another where a gate is open."""
    gates = Gate.objects.open().filter(expires_at__gt=now).prefetch_related("reminders")
    return list(_due(gates.select_related("deployment__environment"), now))


def remind(now: datetime) -> None:
    for gate, which, before in due_gates(now):
        _remind(gate.pk, which, before, now)
        over.catch_up(gate.deployment.events.filter(at__gte=gate.opened_at), now)


@transaction.atomic
def _remind(pk: int, which: Which, before: datetime | None, now: datetime) -> None:
    """The row says that it was told, with all that tells it."""
    gates = Gate.objects.open().select_related("deployment").prefetch_related("groups", "approvals")
    gate = gates.filter(pk=pk, expires_at__gt=now).first()
    if gate and _is_mine(gate, which, before, now):
        told = audience.reminded(gate, f"reminder:gate {pk}:{which.lower()}:{gate.expires_at:%Y%m%dT%H%M%S}")
        if content := wording.reminder(gate, which, now):
            written.write(told, content, now)


def _is_mine(gate: Gate, which: Which, before: datetime | None, now: datetime) -> bool:
    """Of two workers one makes the row, or moves it on."""
    if before is not None:
        return GateReminder.objects.filter(gate=gate, which=which, at=before).update(at=now) == 1
    return GateReminder.objects.get_or_create(gate=gate, which=which, defaults={"at": now})[1]


def _due(gates: Iterable[Gate], now: datetime) -> Iterator[tuple[Gate, Which, datetime | None]]:
    for gate in gates:
        told = {reminder.which: reminder.at for reminder in gate.reminders.all()}
        if which := due(gate.opened_at, gate.expires_at, _policy(gate.deployment.environment), told, now):
            yield gate, which, told.get(which)


def _policy(environment: Environment) -> Policy:
    return Policy(
        after=_minutes(environment.remind_after_minutes, settings.REMIND_AFTER_MINUTES),
        before=_minutes(environment.remind_before_minutes, settings.REMIND_BEFORE_MINUTES),
    )


def _minutes(its_own: int | None, of_all: int) -> timedelta | None:
    minutes = of_all if its_own is None else its_own
    return timedelta(minutes=minutes) if minutes else None
