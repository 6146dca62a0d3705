"""The engine's world in tests: rows in the database, AWS in memory, and a clock that tests turn."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.models import Permission, User

from deployments.catalog.models import Application, Environment, GatePolicy, Release, ReleaseImage
from deployments.delivery import approvals
from deployments.delivery import requests as services
from deployments.delivery.engine import passes
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from tests.fakes.aws import SHOP, FakeGateway

Row = TypeVar("Row", Environment, GatePolicy)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class World:
    environment: Environment
    release: Release
    requester: User
    approver: User
    aws: FakeGateway = field(default_factory=FakeGateway.pair)
    clock: Clock = field(default_factory=Clock)

    def request(self, strategy: str = "CANARY", release: Release | None = None, confirmed: str = "") -> Deployment:
        return services.request_deployment(
            environment=self.environment,
            release=release or self.release,
            strategy=strategy,
            principal=Principal.person(self.requester),
            reason="because",
            now=self.clock(),
            confirmed=confirmed,
        )

    def advance(self, deployment: Deployment) -> Deployment:
        """One pass of the engine."""
        passes.advance([deployment.pk], self.clock, lambda binding: self.aws)
        deployment.refresh_from_db()
        return deployment

    def run(self, deployment: Deployment, *, until: str = "", most: int = 200) -> Deployment:
        """Passes, with the clock turned to whatever was waited for, until a stage, a gate or the end."""
        for _ in range(most):
            self.advance(deployment)
            there = deployment.is_terminal or (until and deployment.stage == until)
            if there or deployment.gates.open().exists():
                return deployment
            if deployment.next_check_at and deployment.next_check_at > self.clock.now:
                self.clock.now = deployment.next_check_at
        raise AssertionError(f"{deployment} still {deployment.status} at {deployment.stage}: {deployment.waiting_for}")

    def run_until_waiting_for(self, deployment: Deployment, words: str, *, most: int = 20) -> Deployment:
        for _ in range(most):
            if words in self.advance(deployment).waiting_for:
                return deployment
            self.clock.now = max(self.clock.now, deployment.next_check_at or self.clock.now)
        raise AssertionError(f"{deployment.status} at {deployment.stage}: {deployment.waiting_for}")

    def approve(self, deployment: Deployment, person: User | None = None) -> Gate:
        gate = deployment.gates.open().get()
        return approvals.approve(
            gate=gate, principal=Principal.person(person or self.approver), comment="fine", now=self.clock()
        )

    def share(self, slot: str) -> float:
        """Percent of production that this slot gets, as the listener says."""
        return self.aws.rules[SHOP.production_rule].share(SHOP.target_group(slot))

    def kinds(self, deployment: Deployment) -> list[str]:
        return [event.kind for event in deployment.events.all()]


def person(name: str, *rights: str) -> User:
    user = User.objects.filter(username=name).first() or User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def make_release(application: Application, version: str = "1.1.0", digit: str = "2") -> Release:
    release = Release.objects.create(application=application, version=version, registered_by="ci")
    ReleaseImage.objects.create(
        release=release,
        container=SHOP.container,
        reference=f"docker.io/library/shop:{version}",
        repository="docker.io/library/shop",
        digest="sha256:" + digit * 64,
        platforms=["linux/amd64"],
    )
    return release


def made(row: Row, *, history: bool = False) -> Row:
    """What happens to it later is in its history; that it was made only with `history`, which takes as long as it."""
    if not history:
        vars(row)["skip_history_when_saving"] = True
    row.save()
    vars(row).pop("skip_history_when_saving", None)
    return row


def make_environment(*, history: bool = False, **changes: Any) -> Environment:
    columns: dict[str, Any] = {
        "name": "production",
        "region": "eu-central-1",
        "cluster": SHOP.cluster,
        "container_name": SHOP.container,
        "container_port": SHOP.container_port,
        "blue_service": SHOP.service("blue"),
        "green_service": SHOP.service("green"),
        "blue_target_group": SHOP.target_group("blue"),
        "green_target_group": SHOP.target_group("green"),
        "production_rule": SHOP.production_rule,
        "test_rule": SHOP.test_rule,
        "alarms": SHOP.alarm,
        "canary_percent": 10,
        "canary_bake_seconds": 60,
        "bake_seconds": 60,
        "termination_wait_seconds": 600,
        "scale_up_timeout_seconds": 120,
    }
    if "application" not in changes:
        columns["application"] = Application.objects.create(name="Shop", slug="shop")
    return made(Environment(**columns | changes), history=history)


def make_world(*, gate: bool = True, **changes: Any) -> World:
    environment = make_environment(**changes)
    if gate:
        made(GatePolicy(environment=environment, timeout_minutes=60))
    return World(
        environment=environment,
        release=make_release(environment.application),
        requester=person("requester", "add_deployment", "stop_deployment", "decide_gate"),
        approver=person("approver", "decide_gate"),
    )
