"""Gates that still wait: those who have not decided are told so, after a while and before its time is over."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from deployments.delivery.models import Gate
from deployments.telling.notifications import audience, over, wording, written
from deployments.telling.notifications.models import GateReminder
from deployments.telling.notifications.timing.reminders import Policy, Which, due


def due_gates(now: datetime) -> list[tuple[Gate, Which]]:
    """One query, and another where a gate is open."""
    gates = Gate.objects.open().filter(expires_at__gt=now).prefetch_related("reminders")
    return list(_due(gates.select_related("deployment"), now))


def remind(now: datetime) -> None:
    for gate, which in due_gates(now):
        _remind(gate.pk, which, now)
        over.catch_up(gate.deployment.events.filter(at__gte=gate.opened_at), now)


@transaction.atomic
def _remind(pk: int, which: Which, now: datetime) -> None:
    """The row says that it was told, with all that tells it: of two workers one makes it."""
    _, is_new = GateReminder.objects.get_or_create(gate_id=pk, which=which, defaults={"at": now})
    gates = Gate.objects.open().select_related("deployment").prefetch_related("groups", "approvals")
    gate = gates.filter(pk=pk, expires_at__gt=now).first()
    if is_new and gate:
        told = audience.reminded(gate, f"reminder:gate {pk}:{which.lower()}")
        if content := wording.reminder(gate, which, now):
            written.write(told, content, now)


def _due(gates: Iterable[Gate], now: datetime) -> Iterator[tuple[Gate, Which]]:
    policy = _policy()
    for gate in gates:
        told = [reminder.which for reminder in gate.reminders.all()]
        if which := due(gate.opened_at, gate.expires_at, policy, told, now):
            yield gate, which


def _policy() -> Policy:
    after, before = settings.REMIND_AFTER_MINUTES, settings.REMIND_BEFORE_MINUTES
    return Policy(
        after=timedelta(minutes=after) if after else None, before=timedelta(minutes=before) if before else None
    )
