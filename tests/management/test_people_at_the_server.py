"""Whoever makes accounts, sets passwords or completes rights by a command is told of, as on the pages."""

import getpass
import os
import pwd
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from deployments.delivery import standing
from deployments.management import at_server
from deployments.people import roles
from deployments.record.models import Event, EventChain
from tests.delivery.engine.world import NOON, World
from tests.delivery.stages import at_gate

pytestmark = pytest.mark.django_db

HERE = f"{pwd.getpwuid(os.getuid()).pw_name} on the server"
GOOD = "correct horse 9"
Types = Callable[..., None]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Somebody at the keyboard, whose passwords are not shown."""

    def at_the_keyboard(*passwords: str) -> None:
        answers: Iterator[str] = iter(passwords)
        monkeypatch.setattr(getpass, "getpass", lambda *_, **__: next(answers))

    return at_the_keyboard


def run(command: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def told() -> list[tuple[str, str, str]]:
    return list(Event.objects.filter(chain__name="people").order_by("pk").values_list("kind", "actor", "message"))


def test_a_superuser_made_at_the_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    run("createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.com")

    ada = User.objects.get()
    assert ada.check_password(GOOD)
    assert told() == [("person.added", HERE, "Account ada added")]
    data = Event.objects.get().data
    assert (data["person"], data["values"]["is_superuser"]) == (ada.pk, True)
    assert GOOD not in str(data)


def test_a_superuser_made_at_the_keyboard_is_told(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    types(GOOD, "mistyped", GOOD, GOOD)
    monkeypatch.setattr("builtins.input", lambda *_: "ada")

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    assert "didn't match" in run("createsuperuser", "--email", "ada@example.com", stdin=Terminal())
    assert told() == [("person.added", HERE, "Account ada added")]


def test_a_name_that_is_taken_is_refused_and_not_told() -> None:
    User.objects.create_user("ada")
    with pytest.raises(CommandError, match="already taken"):
        run("createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.com")

    assert told() == []


def test_a_password_set_at_the_server_is_told(outsider: User, types: Types) -> None:
    types(GOOD, GOOD)

    assert "Password changed successfully for user 'outsider'" in run("changepassword", "outsider")
    outsider.refresh_from_db()
    assert outsider.check_password(GOOD)
    assert told() == [("person.password_set", HERE, "Account outsider was given a password")]


def test_a_password_that_is_mistyped_three_times_is_not_set(outsider: User, types: Types) -> None:
    before = outsider.password
    types(*["one", "another"] * 3)
    with pytest.raises(CommandError, match="after 3 attempts"):
        run("changepassword", "outsider")

    outsider.refresh_from_db()
    assert outsider.password == before
    assert told() == []


def test_the_rules_for_passwords_hold_at_the_server(outsider: User, types: Types, settings: Any) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}
    ]
    types("short", "short", GOOD, GOOD)

    assert "too short" in run("changepassword", "outsider")
    outsider.refresh_from_db()
    assert outsider.check_password(GOOD)


def test_a_password_for_nobody_is_refused(types: Types) -> None:
    with pytest.raises(CommandError, match="user 'nobody' does not exist"):
        run("changepassword", "nobody")


def test_an_account_given_a_password_at_the_server_does_not_approve(shop: World, types: Types) -> None:
    gate = at_gate(shop)
    types(GOOD, GOOD)
    run("changepassword", "approver")

    assert f"approver was given a password by {HERE}" in standing.changed_account(gate, shop.approver)


@pytest.mark.parametrize("command", ["createsuperuser", "changepassword"])
def test_what_cannot_be_told_is_not_done(outsider: User, types: Types, command: str) -> None:
    """A forged event stands where the next one belongs."""
    before = outsider.password
    chain = EventChain.objects.create(name="people")
    Event.objects.create(chain=chain, number=1, at=NOON, kind="person.added", actor="x", hash="0" * 64)
    types(GOOD, GOOD)
    arguments = {
        "createsuperuser": ["--noinput", "--username", "ada", "--email", "ada@example.com"],
        "changepassword": ["outsider"],
    }
    with pytest.raises(IntegrityError):
        run(command, *arguments[command])

    outsider.refresh_from_db()
    assert outsider.password == before
    assert list(User.objects.all()) == [outsider]


def test_rights_that_were_missing_are_told_and_complete_ones_are_not() -> None:
    roles.ensure_roles()  # a test before may have emptied all tables
    right = Permission.objects.get(codename="decide_gate")
    Group.objects.get(name=roles.APPROVERS).permissions.remove(right)
    Group.objects.get(name=roles.VIEWERS).delete()

    assert f"Viewers: {len(roles.ROLES[roles.VIEWERS])} rights added" in run("create_roles")
    assert "Approvers: complete" in run("create_roles")
    assert told() == [
        ("group.completed", HERE, "Group Approvers: rights of its role added"),
        ("group.added", HERE, "Group Viewers added"),
    ]


def test_an_upgrade_that_brings_rights_takes_nobodys_approval_away(shop: World) -> None:
    gate = at_gate(shop)
    right = Permission.objects.get(codename="view_release")
    Group.objects.get(name=roles.APPROVERS).permissions.remove(right)

    assert "Approvers: 1 right added" in run("create_roles")
    assert Event.objects.get(kind="group.completed").data["changed"]["rights"]["after"]
    assert standing.changed_account(gate, shop.approver) == ""


def test_the_servers_user_is_told_by_number_where_it_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    monkeypatch.setenv("LOGNAME", "somebody-else")

    assert str(at_server.principal()) == "user 54321 on the server"
    assert at_server.principal().user is None
