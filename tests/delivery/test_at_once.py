"""Releases that registered themselves go to staging at once: by an ordinary request, and by no more than one."""

from contextlib import suppress
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from deployments.catalog.environments import lock
from deployments.catalog.models import FoundVersion
from deployments.delivery import at_once
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from tests.catalog.self_registering.registry import WEB, WORKER, Registry, make_registry
from tests.delivery.engine.world import make_environment, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    environment = make_environment(name="staging")
    registry = make_registry(monkeypatch, environment.application)
    registry.switch_on(deploy_to=environment, strategy="CANARY")
    registry.look()
    return registry


def pushed(registry: Registry, *versions: str, digits: str = "ab") -> None:
    for version in versions:
        registry.push(WEB, version, digits[0])
        registry.push(WORKER, version, digits[1])
    registry.heard_and_looked()


def deployed(registry: Registry) -> list[str]:
    at_once.deploy(registry.clock())
    return list(Deployment.objects.order_by("pk").values_list("release__version", flat=True))


def test_the_newest_goes_there_by_a_request_of_whoever_answers_for_it(registry: Registry) -> None:
    pushed(registry, "1.4.2", "1.4.1")
    assert at_once.waiting()

    assert deployed(registry) == deployed(registry) == ["1.4.2"]

    deployment = Deployment.objects.get()
    assert (deployment.requested_by, deployment.requested_through) == (registry.owner, "self-registration of shop")
    assert deployment.requester == "owner, by self-registration of shop"
    assert (deployment.strategy, deployment.reason) == ("CANARY", "It registered itself")
    assert not at_once.waiting()


def test_the_log_proves_who_asked_for_it(registry: Registry) -> None:
    pushed(registry, "1.4.2")
    deployed(registry)

    call_command("verify_events", stdout=StringIO())


def refuse_locked(registry: Registry) -> None:
    environment = registry.application.environments.get()
    lock(
        environment=environment,
        principal=Principal.person(person("locker", "lock_environment")),
        message="freeze",
        now=registry.clock(),
    )


def refuse_without_right(registry: Registry) -> None:
    registry.owner.user_permissions.filter(codename="add_deployment").delete()


def refuse_busy(registry: Registry) -> None:
    deployed(registry)
    pushed(registry, "1.4.3", digits="cd")


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (refuse_locked, "freeze"),
        (refuse_without_right, "does not have the right to deploy"),
        (refuse_busy, "is busy"),
    ],
)
def test_what_is_refused_is_told_once_and_not_asked_for_again(registry: Registry, why: Any, says: str) -> None:
    pushed(registry, "1.4.2")
    why(registry)

    before = Deployment.objects.count()
    for _ in range(2):
        at_once.deploy(registry.clock())

    (told,) = registry.told("release.not_deployed")
    assert says in told
    assert told.endswith("It is not asked for again: deploy it yourself, or push the next version.")
    assert (Deployment.objects.count(), at_once.waiting()) == (before, False)


def test_a_patch_of_an_older_version_is_registered_and_stays_out_of_staging(registry: Registry) -> None:
    pushed(registry, "2.0.0")
    deployed(registry)
    Deployment.objects.update(status="SUCCESSFUL", finished_at=registry.clock())

    pushed(registry, "1.9.9", digits="cd")

    assert not at_once.waiting()
    assert deployed(registry) == ["2.0.0"]
    assert (registry.versions, registry.told("release.not_deployed")) == (["2.0.0", "1.9.9"], [])


def test_a_newer_one_that_somebody_deployed_is_not_replaced(registry: Registry) -> None:
    pushed(registry, "1.4.2")
    newer = registry.application.releases.create(version="2.0.0", registered_by="ci")
    Deployment.objects.create(
        environment=registry.application.environments.get(), release=newer, requested_by=registry.owner,
        reason="hotfix", strategy="CANARY", plan={}, plan_hash="0", settings={}, status="SUCCESSFUL",
        stage="CLEAN_UP", created_at=registry.clock(), finished_at=registry.clock(),
    )  # fmt: skip

    assert deployed(registry) == ["2.0.0"]
    assert "2.0.0 went to shop/staging before, and is newer" in registry.told("release.not_deployed")[0]


def test_a_worker_that_is_killed_after_it_asked_asks_for_nothing_twice(registry: Registry) -> None:
    pushed(registry, "1.4.2")
    deployed(registry)
    FoundVersion.objects.filter(version="1.4.2").update(is_to_deploy=True)

    assert deployed(registry) == ["1.4.2"]
    assert registry.told("release.not_deployed") == []


KINDS = ("release.registered", "deployment.requested", "release.not_deployed", "application.tag_moved")


class Dying:
    """At the database: ends the worker before its write of that number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return execute(sql, *more)


def test_killed_before_any_of_its_writes_it_ends_as_if_it_had_not_been(registry: Registry) -> None:
    """From the event to the deployment: the next worker goes on, and nothing is there twice."""
    for repository, digit in ((WEB, "a"), (WORKER, "b")):
        registry.push(repository, "1.4.2", digit)
    pushed_by, deaths = registry.clock(), 0
    for number in count(1):
        registry.clock.now = pushed_by
        with transaction.atomic():
            registry.hear(WEB)
            with suppress(KeyboardInterrupt), connection.execute_wrapper(dying := Dying(number)):
                registry.look()
                at_once.deploy(registry.clock())
            deaths += dying.left <= 0
            registry.look(after=120)
            assert deployed(registry) == ["1.4.2"]
            assert registry.versions == ["1.4.2"]
            assert [len(registry.told(kind)) for kind in KINDS] == [1, 1, 0, 0]
            transaction.set_rollback(True)
        if dying.left > 0:
            break
    assert deaths > 10
