"""What an unbroken chain alone cannot show: rows without their events, and a log that was written again."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from deployments.catalog import accounts
from deployments.catalog.models import Release, ReleaseImage
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.record.models import Event, EventChain
from tests.delivery.engine.world import NOON, World, make_world
from tests.delivery.stages import at_gate

pytestmark = pytest.mark.django_db
Removing = Callable[[World], object]


@pytest.fixture
def shop() -> World:
    """A release, a deployment of it, and an approval; each with its event."""
    world = make_world(gate=False)
    release = world.release
    append_event(
        release.application, "release.registered", f"Release {release.version} registered by ci",
        now=NOON, data={"images": dict(release.pinned)},
    )  # fmt: skip
    at_gate(world)
    world.approve(Deployment.objects.get())
    return world


def verify(**options: object) -> str:
    out = StringIO()
    call_command("verify_events", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def complaint(**options: object) -> str:
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_events", stdout=StringIO(), stderr=err, **options)
    return err.getvalue()


def drop(chain: str) -> None:
    Event.objects.filter(chain__name=chain).delete()
    EventChain.objects.filter(name=chain).delete()


def cut(chain: str, kind: str) -> None:
    """The chain ends before this event, and its head is where it ends."""
    first = Event.objects.get(chain__name=chain, kind=kind)
    Event.objects.filter(chain__name=chain, number__gte=first.number).delete()
    EventChain.objects.filter(name=chain).update(length=first.number - 1, head=first.previous)


def forge_approval(world: World) -> None:
    Approval.objects.create(gate=Gate.objects.get(), person=world.requester, verdict="APPROVE", at=NOON)


FORGED: dict[str, tuple[Removing, str]] = {
    "an environment's chain is gone": (
        lambda world: drop(f"environment:{world.environment.pk}"),
        "has no event of its request",
    ),
    "an application's chain is gone": (
        lambda world: drop(f"application:{world.environment.application_id}"),
        "has no event of its registration",
    ),
    "the tail is cut": (
        lambda world: cut(f"environment:{world.environment.pk}", "gate.approved"),
        "approver): no event tells of it under this name",
    ),
    "an approval is forged": (forge_approval, "requester): no event tells of it under this name"),
    "an approval is removed": (lambda world: Approval.objects.all().delete(), "the decision it tells of is gone"),
    "an approval has another name": (
        lambda world: Approval.objects.update(person_name="somebody"),
        "somebody): no event tells of it under this name",
    ),
    "a person is renamed": (
        lambda world: User.objects.filter(username="approver").update(username="somebody"),
        "was given by approver, whose account is called somebody now, and no event tells of that",
    ),
    "a requester is renamed": (
        lambda world: User.objects.filter(username="requester").update(username="somebody"),
        "was requested by requester, whose account is called somebody now",
    ),
    "a digest is replaced": (
        lambda world: ReleaseImage.objects.update(digest="sha256:" + "9" * 64),
        "its images or bundle are not those that were registered",
    ),
    "a task definition is put beside it": (
        lambda world: Release.objects.update(
            task_definition={"document": {"family": "shop"}, "file": "taskdef.json", "salt": "0"}
        ),
        "its task definition is not the one that was registered",
    ),
    "a plan is replaced": (
        lambda world: Deployment.objects.update(plan_hash="9" * 64),
        "its plan is not the one that was requested",
    ),
    "another release is deployed": (
        lambda world: Release.objects.filter(pk=world.release.pk).update(version="6.6"),
        "its event is of another release",
    ),
}


def test_rows_that_are_as_the_log_tells_are_intact(shop: World) -> None:
    assert "all intact" in verify()


@pytest.mark.parametrize("what", FORGED)
def test_what_differs_from_the_log_is_named(shop: World, what: str) -> None:
    forge, said = FORGED[what]
    forge(shop)

    assert said in complaint()


def test_a_person_renamed_in_the_admin_is_no_fault(shop: World) -> None:
    before = accounts.values_of(shop.approver)
    shop.approver.username = "somebody"
    shop.approver.save()
    accounts.changed(person=shop.approver, before=before, principal=Principal.person(shop.requester), now=NOON)

    assert "all intact" in verify()


def test_a_chain_given_another_name_is_found(shop: World) -> None:
    EventChain.objects.filter(name=f"application:{shop.environment.application_id}").update(name="application:99")

    assert "application:99 event 1" in complaint()


def test_events_from_before_the_name_was_hashed_still_verify(shop: World) -> None:
    chain = EventChain.objects.get(name=f"application:{shop.environment.application_id}")
    event = Event.objects.get(chain=chain)
    event.version = 1
    Event.objects.filter(pk=event.pk).update(version=1, hash=event.computed_hash())
    EventChain.objects.filter(pk=chain.pk).update(head=event.computed_hash())

    assert "all intact" in verify()


def test_an_older_way_of_hashing_does_not_follow_a_newer_one(shop: World) -> None:
    last = Event.objects.filter(chain__name__startswith="environment:").latest("number")
    last.version = 1
    Event.objects.filter(pk=last.pk).update(version=1, hash=last.computed_hash())
    EventChain.objects.filter(pk=last.chain_id).update(head=last.computed_hash())

    assert "is hashed in an older way than the event before it" in complaint()


# Heads that are kept elsewhere


@pytest.fixture
def kept(shop: World, tmp_path: Path) -> Path:
    path = tmp_path / "heads.json"
    verify(heads=path)
    return path


def test_the_heads_are_printed_and_kept(shop: World, kept: Path) -> None:
    chain = EventChain.objects.get(name=f"environment:{shop.environment.pk}")

    assert f"{chain.name} {chain.length} {chain.head}" in verify()
    assert json.loads(kept.read_text())[chain.name] == {"length": chain.length, "head": chain.head}


def test_chains_that_have_grown_are_intact_and_kept_anew(shop: World, kept: Path) -> None:
    before = kept.read_text()
    append_event(shop.environment, "environment.locked", "Locked: Freeze", now=NOON)

    assert "all intact" in verify(heads=kept)
    assert kept.read_text() != before


def test_everything_gone_is_found_by_the_heads(shop: World, kept: Path) -> None:
    before = kept.read_text()
    for model in (Event, EventChain, Approval, Gate, Deployment, ReleaseImage, Release):
        model.objects.all().delete()

    assert "is gone; it had" in complaint(heads=kept)
    assert kept.read_text() == before


def test_a_chain_that_was_written_again_is_found_by_the_heads(shop: World, kept: Path) -> None:
    last = Event.objects.filter(chain__name__startswith="environment:").latest("number")
    last.message = "Approved by approver: quite another reason"
    Event.objects.filter(pk=last.pk).update(message=last.message, hash=last.computed_hash())
    EventChain.objects.filter(pk=last.chain_id).update(head=last.computed_hash())

    assert "the chain was written again" in complaint(heads=kept)


def test_a_file_that_holds_no_heads_is_refused(shop: World, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("[]")

    with pytest.raises(CommandError, match="Give the file that an earlier run wrote"):
        verify(heads=path)
