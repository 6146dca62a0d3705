"""Two at once, for real: threads, transactions and a database that they share."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.db.models import F
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.catalog import auto_scaling, discovery, environments
from deployments.catalog.discovery.proposal import Proposal
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery.engine import leases, passes
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.management.commands.verify_events import faults
from deployments.people.principal import SYSTEM, Principal
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.record.models import Event, EventChain, Outbox
from deployments.refused import Refused
from deployments.vocabulary import GateStatus, Stage, Status
from tests.delivery.engine.threads import at_once, killed_by
from tests.delivery.engine.world import NOON, World, make_world, person
from tests.record import receivers

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 3


@pytest.fixture(scope="module", autouse=True)
def database_of_threads(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """SQLite's test database lives in memory, where threads cannot wait for each other; here it is a file."""
    memory: Any = connections["default"]
    if memory.vendor != "sqlite":
        yield
        return
    file, name = tmp_path_factory.mktemp("threads") / "db.sqlite3", memory.settings_dict["NAME"]
    with django_db_blocker.unblock(), closing(sqlite3.connect(file)) as copy:
        memory.ensure_connection()
        memory.connection.backup(copy)
    memory.settings_dict["NAME"] = str(file)
    connections["default"] = connections.create_connection("default")
    yield
    connections["default"].close()
    memory.settings_dict["NAME"] = name
    connections["default"] = memory
    ContentType.objects.clear_cache()


@pytest.fixture
def world() -> World:
    return make_world()


def refusals(answers: list[Any]) -> list[str]:
    """The sentences of those who were refused; nothing else may have gone wrong."""
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(error, Refused) for error in errors), errors
    return [str(error) for error in errors]


def at_gate(world: World, **columns: Any) -> Gate:
    gate = world.run(world.request()).gates.get()
    Gate.objects.update(**columns)
    gate.refresh_from_db()
    return gate


def test_two_claims_have_one_winner(world: World) -> None:
    deployment = world.request()

    for _ in range(TIMES):
        won = at_once(*(partial(leases.claim, deployment.pk, leases.token(), NOON) for _ in range(4)))

        assert sorted(won) == [False, False, False, True]
        Deployment.objects.update(lease_token="", lease_expires_at=None)


def test_two_passes_do_everything_once(world: World) -> None:
    deployment = world.request()
    go = partial(passes.advance, [deployment.pk], world.clock, lambda binding: world.aws)

    assert at_once(go, go, go) == [None, None, None]

    assert world.run(deployment).gates.count() == 1
    assert len(world.aws.task_definitions) == 2


def test_of_two_who_add_one_service_at_once_one_is_refused(world: World) -> None:
    """Of two applications, where no row is the same."""

    def keep(slug: str) -> None:
        place = {"region": "eu-central-1", "cluster": "shop", "service": "web", "controller": "ROLLING"}
        environment = Environment(application=Application.objects.get(slug=slug), name="production", **place)
        discovery.keep(environment, Proposal(columns=place), principal=SYSTEM, now=NOON)

    for slug in ("blog", "catalog"):
        Application.objects.create(name=slug, slug=slug)
    for _ in range(TIMES):
        (sentence,) = refusals(at_once(partial(keep, "blog"), partial(keep, "catalog")))

        assert "is deployed to the same service web of cluster shop." in sentence
        Environment.objects.filter(service="web").update(service="")
        Environment.objects.filter(name="production").update(name=F("pk"))


def test_of_two_who_add_groups_of_the_same_servers_at_once_one_is_refused(world: World) -> None:
    """Two deployment groups, so that only what was seen of them is the same."""

    def keep(slug: str) -> None:
        place = {"controller": "CODE_DEPLOY", "compute_platform": "Server", "strategy": "GROUP_CONFIG"}
        named = {"region": "eu-central-1", "codedeploy_application": slug, "codedeploy_group": "fleet"}
        proposal = Proposal(columns=place | named, auto_scaling_groups=("web",))
        application = Application.objects.get(slug=slug)
        environment = discovery.environment_from(proposal, application=application, name="production")
        discovery.keep(environment, proposal, principal=SYSTEM, now=NOON)

    for slug in ("blog", "catalog"):
        Application.objects.create(name=slug, slug=slug)
    for _ in range(TIMES):
        (sentence,) = refusals(at_once(partial(keep, "blog"), partial(keep, "catalog")))

        assert "is deployed to the same Auto Scaling group web." in sentence
        Environment.objects.filter(name="production").update(name=F("pk"), codedeploy_group="")


def test_two_looks_at_once_note_both_groups_that_an_environment_had(world: World) -> None:
    """One began before somebody changed its deployment group."""
    settings = replace(freeze(world.environment), controller="CODE_DEPLOY", compute_platform="Server")
    groups = ("blue", "green")

    def look(name: str) -> None:
        of_group = replace(settings, codedeploy_application="shop", codedeploy_group=name)
        auto_scaling.look(Environment.objects.get(pk=world.environment.pk), of_group, world.aws)

    for name in groups:
        world.aws.codedeploy_groups["shop", name] = DeploymentGroup(
            application="shop", name=name, platform="Server", config="own", auto_scaling_groups=(name,)
        )
    for _ in range(TIMES):
        assert at_once(*(partial(look, name) for name in groups)) == [None, None]

        world.environment.refresh_from_db()
        assert world.environment.auto_scaling_groups == {"shop/blue": ["blue"], "shop/green": ["green"]}
        Environment.objects.update(auto_scaling_groups=None)


def test_two_approvals_at_once_close_the_gate_once(world: World) -> None:
    gate = at_gate(world, approvals_needed=2)
    people = [world.approver, person("second_approver", "decide_gate")]

    answers = at_once(
        *(
            partial(approvals.approve, gate=Gate.objects.get(), principal=Principal.person(each), comment="", now=NOON)
            for each in people
        )
    )

    gate.refresh_from_db()
    assert refusals(answers) == []
    assert (gate.status, gate.approvals.count()) == (GateStatus.SUCCEEDED, 2)
    assert sorted(event.data["approvals"] for event in Event.objects.filter(kind="gate.approved")) == [1, 2]


def test_the_same_approval_twice_at_once_counts_once(world: World) -> None:
    at_gate(world, approvals_needed=2)
    approve = partial(approvals.approve, principal=Principal.person(world.approver), comment="", now=NOON)

    answers = at_once(*(partial(approve, gate=Gate.objects.get()) for _ in range(3)))

    assert refusals(answers) == ["You have already decided at this gate."] * 2
    assert Approval.objects.count() == 1


def test_approve_and_reject_at_once_have_one_winner(world: World) -> None:
    at_gate(world)
    other = person("second_approver", "decide_gate")

    answers = at_once(
        partial(
            approvals.approve, gate=Gate.objects.get(), principal=Principal.person(world.approver), comment="", now=NOON
        ),
        partial(approvals.reject, gate=Gate.objects.get(), principal=Principal.person(other), comment="typo", now=NOON),
    )

    (sentence,) = refusals(answers)
    gate, decision = Gate.objects.get(), Approval.objects.get()
    assert sentence == f"This gate is closed: {gate.reason}."
    assert (gate.status, decision.verdict) in {("SUCCEEDED", "APPROVE"), ("FAILED", "REJECT")}


def test_two_deployments_at_once_to_one_environment(world: World) -> None:
    answers = at_once(*([world.request] * 3))

    assert len(refusals(answers)) == 2
    assert all("is busy" in sentence for sentence in refusals(answers))
    assert Deployment.objects.count() == Event.objects.count() == 1


def test_two_stops_at_once_are_one(world: World) -> None:
    deployment = world.request()
    stop = partial(turning_back.stop, principal=Principal.person(world.requester), now=NOON)

    answers = at_once(*(partial(stop, deployment=Deployment.objects.get()) for _ in range(3)))

    assert refusals(answers) == ["This deployment is already on its way back (stop requested)."] * 2
    assert Deployment.objects.get(pk=deployment.pk).clicks == 1


def test_roll_back_wins_over_finish_now(world: World) -> None:
    deployment = world.request()
    Deployment.objects.update(status=Status.IN_PROGRESS, source_kept_until=NOON.replace(hour=13))
    click: dict[str, Any] = {"deployment": deployment, "principal": Principal.person(world.requester), "now": NOON}

    answers = at_once(partial(warm_time.finish_now, **click), partial(turning_back.roll_back, **click))

    assert refusals(answers) in ([], ["The source is no longer kept warm; the clean-up is under way or done."])
    assert Deployment.objects.get().status == Status.ROLLBACK_REQUESTED


def test_two_locks_at_once_keep_one_message(world: World) -> None:
    locker = person("locker", "lock_environment")
    lock = partial(environments.lock, environment=world.environment, principal=Principal.person(locker), now=NOON)

    answers = at_once(partial(lock, message="Black Friday"), partial(lock, message="Inventory"))

    (sentence,) = refusals(answers)
    world.environment.refresh_from_db()
    assert sentence.endswith(world.environment.lock_message)


def test_events_of_one_chain_keep_their_numbers_and_hashes(world: World) -> None:
    def write(name: str) -> None:
        for number in range(5):
            transaction.atomic()(append_event)(world.environment, "environment.adopted", f"{name} {number}", now=NOON)

    assert at_once(partial(write, "one"), partial(write, "two"), partial(write, "three")) == [None] * 3

    chain = EventChain.objects.get()
    assert [event.number for event in chain.events.order_by("number")] == list(range(1, 16))
    assert list(faults(chain)) == []


def test_two_readers_of_the_outbox_take_each_event_once(world: World, settings: Settings) -> None:
    settings.OUTBOX_RECEIVERS = [receivers.MESSENGER, receivers.ARCHIVE]
    receivers.forget()
    messages = [f"event {number}" for number in range(8)]
    for message in messages:
        transaction.atomic()(append_event)(world.environment, "environment.adopted", message, now=NOON)
    read = partial(outbox.deliver, clock=world.clock, stop=lambda: False)

    assert at_once(*(partial(read, f"reader {number}") for number in range(3))) == [None] * 3

    both = [(name, message) for message in messages for name in ("archive", "messenger")]
    assert sorted(receivers.taken) == sorted(both)
    assert not Outbox.objects.exists()
    receivers.forget()


def test_a_process_killed_after_a_receiver_took_an_event_has_it_delivered_again(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.OUTBOX_RECEIVERS = [receivers.MESSENGER]
    receivers.forget()
    transaction.atomic()(append_event)(world.environment, "environment.adopted", "one", now=NOON)

    def die() -> None:
        (tmp_path / "taken").write_text(receivers.taken[-1][1])
        os.kill(os.getpid(), signal.SIGKILL)

    receivers.afterwards["messenger"] = die
    assert killed_by(partial(outbox.deliver, "dead", world.clock, lambda: False)) == signal.SIGKILL
    receivers.forget()

    assert (tmp_path / "taken").read_text() == "one"
    world.clock.forward(seconds=90)
    outbox.deliver("next", world.clock, lambda: False)
    assert (receivers.taken, Outbox.objects.count()) == ([("messenger", "one")], 0)
    receivers.forget()


def test_a_stop_in_the_middle_of_everything_is_heeded(world: World) -> None:
    """The engine records at full speed while the click comes; neither waits for the other for ever."""
    world.environment.gate_policies.all().delete()
    deployment = world.request()

    def work() -> None:
        world.run(Deployment.objects.get(), until=Stage.BAKE_TIME)

    answers = at_once(
        work, partial(turning_back.stop, deployment=deployment, principal=Principal.person(world.requester), now=NOON)
    )

    assert refusals(answers) == []
    assert world.run(deployment).status in (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL)
    assert world.share("blue") == 100
