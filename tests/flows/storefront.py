"""The seeded shop as a release manager has it: rows in the database, a sandbox for AWS, a worker in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import User

from deployments.aws.sessions import connect
from deployments.catalog.models import Environment
from deployments.delivery import approvals
from deployments.delivery import requests as services
from deployments.delivery.engine import passes
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from deployments.swaps.steps.gate import LOOK_EVERY
from deployments.vocabulary import Slot
from sandbox.server import Sandbox

#: The engine looks at AWS every few seconds; the sandbox's seconds are shorter than AWS's. A look takes a tenth of a
#: processor's, and several stories are told at once.
NUDGE_EVERY = 0.5


def now() -> datetime:
    return datetime.now(UTC)


def _nudge(deployment: Deployment) -> None:
    """Have it looked at now, unless it waits because AWS did not answer."""
    Deployment.objects.filter(pk=deployment.pk, failures=0, next_check_at__gt=now()).update(next_check_at=now())


def _seconds_until_due(deployment: Deployment) -> float:
    due = Deployment.objects.values_list("next_check_at", flat=True).get(pk=deployment.pk)
    return (due - now()).total_seconds() if due else 0.0


@dataclass
class Storefront:
    sandbox: Sandbox
    environment: Environment

    @property
    def manager(self) -> User:
        return User.objects.get(username="manager")

    @property
    def approver(self) -> User:
        return User.objects.get(username="approver")

    def deploy(self, version: str, strategy: str = "CANARY") -> Deployment:
        self.environment.refresh_from_db()
        return services.request_deployment(
            environment=self.environment,
            release=self.environment.application.releases.get(version=version),
            strategy=strategy,
            principal=Principal.person(self.manager),
            reason=f"try {version}",
            now=now(),
        )

    def go(self, deployment: Deployment, until: Callable[[Deployment], object], within: float = 120) -> Deployment:
        """Advance it as a worker that is nudged often, until something is so."""
        deadline = time.monotonic() + within
        nudge_at = time.monotonic() + NUDGE_EVERY
        while True:
            deployment.refresh_from_db()
            if until(deployment):
                return deployment
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{deployment.status} at {deployment.stage}: {deployment.waiting_for or deployment.status_reason}"
                )
            if time.monotonic() > nudge_at:
                nudge_at = time.monotonic() + NUDGE_EVERY
                _nudge(deployment)
            passes.advance([deployment.pk], now, connect)
            time.sleep(max(0.0, min(_seconds_until_due(deployment), nudge_at - time.monotonic())))

    def look_again(self, deployment: Deployment) -> None:
        """A gate that AWS holds is looked at every half minute; nobody waits that long here."""
        deployment.refresh_from_db()
        assert deployment.next_check_at is not None
        assert deployment.next_check_at <= now() + LOOK_EVERY
        Deployment.objects.filter(pk=deployment.pk).update(next_check_at=now())

    def finish(self, deployment: Deployment, within: float = 120) -> Deployment:
        return self.go(deployment, lambda d: d.is_terminal, within)

    def to_the_gate(self, deployment: Deployment) -> Gate:
        self.go(deployment, lambda d: d.gates.open().exists() or d.is_terminal)
        assert not deployment.is_terminal, f"{deployment.status} before a gate: {deployment.status_reason}"
        return deployment.gates.open().get()

    def approve(self, deployment: Deployment) -> None:
        approvals.approve(
            gate=self.to_the_gate(deployment),
            principal=Principal.person(self.approver),
            comment="looks good",
            now=now(),
        )

    def share(self, slot: Slot) -> float:
        """Percent of production that this slot gets, as AWS says."""
        rule = connect(self.environment.binding).rule(self.environment.production_rule)
        return rule.share(self.environment.target_groups[slot])

    def running(self, slot: Slot) -> int:
        name = self.environment.services[slot]
        return connect(self.environment.binding).services(self.environment.cluster, [name])[name].running

    def live_slot(self) -> Slot:
        return next(slot for slot in Slot if self.share(slot) == 100)
