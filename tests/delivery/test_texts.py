"""Nobody fills the log: every text that people type has a length."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from deployments.catalog import environments, releases
from deployments.catalog.models import Application, Environment, Release
from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Approval
from deployments.people.principal import SYSTEM, Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, World

TOO_LONG = "x" * 2_400_000


def refused(act: Callable[..., object], **options: Any) -> Refused:
    events = Event.objects.count()
    with pytest.raises(Refused) as caught:
        act(now=NOON, **options)
    assert Event.objects.count() == events
    return caught.value


@pytest.mark.parametrize("act", [turning_back.stop, turning_back.roll_back])
def test_a_reason_to_turn_back_is_short(shop: World, act: Callable[..., object]) -> None:
    deployment = shop.request()
    refusal = refused(act, deployment=deployment, principal=Principal.person(shop.requester), reason=TOO_LONG)

    assert (refusal.sentence, refusal.field) == ("The reason has 2400000 characters; 500 is the most.", "reason")


@pytest.mark.parametrize("act", [approvals.approve, approvals.reject])
def test_a_comment_at_a_gate_is_short(shop: World, act: Callable[..., object]) -> None:
    gate = shop.run(_gated(shop)).gates.get()
    refusal = refused(act, gate=gate, principal=Principal.person(shop.approver), comment=TOO_LONG)

    assert refusal.sentence == "The comment has 2400000 characters; 2000 is the most."


def test_the_message_of_a_lock_is_short(shop: World) -> None:
    refusal = refused(
        environments.lock, environment=shop.environment, principal=Principal.person(shop.requester), message=TOO_LONG
    )

    assert refusal.sentence == "The message has 2400000 characters; 200 is the most."


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"notes": TOO_LONG}, "The text of the notes has 2400000 characters; 10000 is the most."),
        ({"images": {"web": TOO_LONG}}, "The image's address has 2400000 characters; 512 is the most."),
        ({"images": {"w" * 256: "shop:1"}}, "The container's name has 256 characters; 255 is the most."),
        ({"version": "9" * 81}, "Ensure this value has at most 80 characters (it has 81)."),
    ],
)
def test_a_release_says_what_is_too_long(shop: World, texts: dict[str, Any], sentence: str) -> None:
    said = {"version": "2", "images": {"web": "shop:2"}} | texts
    refusal = refused(releases.register_release, application=shop.environment.application, principal=SYSTEM, **said)

    assert refusal.sentence == sentence


def test_a_null_character_is_refused_before_a_database_would(shop: World) -> None:
    refusal = refused(
        turning_back.stop, deployment=shop.request(), principal=Principal.person(shop.requester), reason="a\0b"
    )

    assert refusal.sentence == "The reason has a null character; leave it out."


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Application, "description"),
        (Application, "registries"),
        (Environment, "alarms"),
        (Release, "notes"),
        (Approval, "comment"),
    ],
)
def test_the_database_holds_to_the_lengths(shop: World, model: Any, column: str) -> None:
    gate = shop.run(_gated(shop)).gates.get()
    approvals.approve(gate=gate, principal=Principal.person(shop.approver), comment="", now=shop.clock())

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**{column: "x" * 10_001})


def _gated(shop: World) -> Any:
    shop.environment.gate_policies.create(timeout_minutes=60)
    return shop.request()


def test_nothing_that_people_type_hides_or_turns_what_stands_around_it(shop: World) -> None:
    hidden = "ok\u202eeno\x1b[2J\r\n\tnext\u2069"
    environments.lock(
        environment=shop.environment, principal=Principal.person(shop.requester), message=hidden, now=NOON
    )

    shop.environment.refresh_from_db()
    assert shop.environment.lock_message == "okeno[2J\n\tnext"
