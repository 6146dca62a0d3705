"""Tokens: a part of one person's rights, shown once, and ended by a click."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from deployments.catalog import tokens
from deployments.catalog.models import Application, Environment, Token
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.api.conftest import Given, Pipeline
from tests.delivery.engine.world import NOON, World

FORM = re.compile(r"tealgate_[0-9A-Za-z]{46}")


def made(person: User, *scopes: str, name: str = "ci", days: int = 90) -> tuple[Token, str]:
    return tokens.make(
        name=name, scopes=scopes, environments=(), principal=Principal.person(person), now=NOON, days=days
    )


def test_a_token_is_kept_as_its_hash_and_its_last_letters(requester: User) -> None:
    token, secret = made(requester, "read")

    assert FORM.fullmatch(secret)
    assert secret not in str(Token.objects.values().get())
    assert secret.endswith(token.hint)


def test_the_log_tells_who_made_it_for_what_and_never_the_token(requester: User) -> None:
    _, secret = made(requester, "read", "releases:write")

    event = Event.objects.get(kind="token.made")
    assert (event.chain.name, event.actor) == ("people", "requester")
    assert event.data["scopes"] == ["read", "releases:write"]
    assert secret not in str(Event.objects.values())


def test_nobody_gives_away_what_they_do_not_have(requester: User, outsider: User) -> None:
    with pytest.raises(Refused, match="You do not have the right to make tokens"):
        made(outsider, "read")
    requester.groups.clear()
    requester.user_permissions.add(*_rights("add_token", "view_release"))
    with pytest.raises(Refused, match="cannot give away what you do not have: releases:write"):
        made(User.objects.get(pk=requester.pk), "releases:write")


def test_a_token_makes_no_tokens(requester: User) -> None:
    _, secret = made(requester, "read")
    pipeline = tokens.recognised(secret, NOON)

    assert pipeline
    with pytest.raises(Refused, match="Only people may make tokens"):
        tokens.make(name="more", scopes=("read",), environments=(), principal=pipeline, now=NOON)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scopes": ()}, "Choose what it may do"),
        ({"scopes": ("gates:decide",)}, "There is no scope gates:decide"),
        ({"name": "  "}, "Give it a name"),
        ({"name": "x" * 61}, "has 61 characters; 60 is the most"),
        ({"name": "shop/storefront@main via ci"}, "reads as a CI's job"),
        ({"name": "robin on behalf of maya"}, "reads as an agent"),
        ({"name": "root on the server"}, "reads as somebody at the server"),
        ({"name": "Requester"}, "would take it for Requester"),
        ({"name": "tealgate"}, "would take it for tealgate"),
        ({"name": "an agent (robin)"}, "marks that are seen"),
        ({"name": "tealgate on laptop (x7Qd)"}, "marks that are seen"),
        ({"name": "ci\nby maya"}, "marks that are seen"),
        ({"days": 0}, "1 to 366 days"),
        ({"days": 367}, "1 to 366 days"),
    ],
)
def test_what_makes_no_sense_is_refused(requester: User, changes: dict[str, object], sentence: str) -> None:
    wanted = {"name": "ci", "scopes": ("read",), "environments": (), "now": NOON} | changes
    with pytest.raises(Refused, match=sentence):
        tokens.make(**wanted, principal=Principal.person(requester))  # type: ignore[arg-type]

    assert not Token.objects.exists()


def test_a_name_is_used_once_since_the_log_knows_tokens_by_it(requester: User) -> None:
    made(requester, "read")
    with pytest.raises(Refused, match="There is, or was, a token ci"):
        made(requester, "read")


def test_a_token_that_is_over_revoked_or_mistyped_opens_nothing(requester: User) -> None:
    token, secret = made(requester, "read", days=1)

    assert tokens.recognised(secret, NOON)
    assert tokens.recognised(secret, NOON + timedelta(days=1)) is None
    assert tokens.recognised(secret[:-1] + ("a" if secret[-1] != "a" else "b"), NOON) is None
    assert tokens.recognised(token.digest, NOON) is None
    tokens.revoke(token=token, principal=Principal.person(requester), now=NOON)
    assert tokens.recognised(secret, NOON) is None
    with pytest.raises(Refused, match="was revoked before"):
        tokens.revoke(token=token, principal=Principal.person(requester), now=NOON)


def test_everybody_ends_their_own_and_administrators_all(requester: User, approver: User, administrator: User) -> None:
    mine, _ = made(requester, "read")

    with pytest.raises(Refused, match="revoke somebody else's token"):
        tokens.revoke(token=mine, principal=Principal.person(approver), now=NOON)
    tokens.revoke(token=mine, principal=Principal.person(administrator), now=NOON)

    assert Event.objects.get(kind="token.revoked").actor == "administrator"


def test_a_token_loses_with_its_owner(world: World, ci: Pipeline) -> None:
    body = {"version": world.release.version, "reason": "nightly"}
    world.requester.groups.clear()
    refused = ci.post("/environments/shop/production/deployments", body)
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        "requester answers for the token shop-ci, and does not have the right to deploy."
    )

    world.requester.is_active = False
    world.requester.save()
    assert ci.get("/deployments").status_code == 401


def test_last_use_is_noted_once_a_minute(world: World, ci: Pipeline) -> None:
    ci.get("/applications")
    first = Token.objects.get().last_used_at
    ci.get("/applications")

    assert first and timezone.now() - first < timedelta(minutes=1)
    assert Token.objects.get().last_used_at == first


def test_scopes_and_environments_are_all_that_a_token_has(world: World, given: Given) -> None:
    reader = given("read", name="reader")
    elsewhere = given("releases:write", "deployments:write", environments=[_another()], name="elsewhere")
    body = {"version": world.release.version, "reason": "nightly"}

    assert reader.post("/environments/shop/production/deployments", body).json()["detail"] == (
        "The token reader was not given the right to deploy; use one with the scope deployments:write."
    )
    assert elsewhere.post("/environments/shop/production/deployments", body).json()["detail"] == (
        "The token elsewhere was not made for shop/production; use one that was."
    )
    assert elsewhere.get("/releases").status_code == 404
    assert elsewhere.get("/applications/shop/releases").status_code == 403
    assert (
        elsewhere.post("/applications/shop/releases", {"version": "2", "images": {"web": "x"}})
        .json()["detail"]
        .startswith("The token elsewhere is for none of Shop's environments")
    )


def _another() -> Environment:
    other = Application.objects.create(name="Other", slug="other")
    return other.environments.create(name="production", cluster="c")


def _rights(*codenames: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=codenames))
