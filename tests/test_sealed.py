"""Secrets that are read again: sealed in the database, shown nowhere, and a sentence where a key is missing."""

import io
import logging
from collections.abc import Iterator
from typing import ClassVar

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection, models
from django.forms import ModelForm
from django.template import Context, Template
from pytest_django import Settings

from deployments import logs, sealed
from deployments.sealed import SealedTextField, Unreadable

OLD, NEW = "the old key, of more than 32 characters", "the new key, of more than 32 characters"
SECRET = "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQ="


class Door(models.Model):
    name = models.CharField(max_length=20, default="front")
    secret = SealedTextField(default="")

    objects: "ClassVar[models.Manager[Door]]" = models.Manager()

    class Meta:
        app_label = "sealing"
        managed = False
        db_table = "sealing_door"

    def __str__(self) -> str:
        return self.name


class DoorForm(ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Door
        fields = ("name", "secret")


@pytest.fixture(autouse=True)
def table(db: None, settings: Settings) -> Iterator[None]:
    settings.SEALING_KEYS = [OLD]
    number = "serial" if connection.vendor == "postgresql" else "integer"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE sealing_door (id {number} PRIMARY KEY, name text, secret text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE sealing_door")


@pytest.fixture
def door(table: None) -> Door:
    return Door.objects.get(pk=Door.objects.create(secret=SECRET).pk)


def held(door: Door) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM sealing_door WHERE id = %s", [door.pk])
        return str(cursor.fetchone()[0])


def test_a_secret_is_sealed_in_the_database_and_a_text_in_the_row(door: Door) -> None:
    assert door.secret == SECRET
    assert held(door).startswith("gAAAA")
    assert SECRET not in held(door)


def test_nothing_that_shows_a_row_shows_its_secret(door: Door) -> None:
    shown = [
        repr(door.__dict__),
        repr(Door.objects.values_list("secret", flat=True)[0]),
        serialize("json", [door]),
        str(DoorForm(instance=door)),
        Template("{{ rows }}").render(Context({"rows": Door.objects.values("secret")})),
    ]

    assert [text for text in shown if SECRET in text] == []


def test_what_was_opened_is_blotted_out_of_logs(door: Door) -> None:
    logged = logs.Redact(())(logging.getLogger(), "info", {"event": f"sent with {door.secret}"})

    assert logged["event"] == "sent with [redacted]"


def test_a_form_that_leaves_it_empty_changes_nothing_and_takes_no_key(door: Door, settings: Settings) -> None:
    before = held(door)
    settings.SEALING_KEYS = [NEW]

    DoorForm({"name": "back", "secret": ""}, instance=Door.objects.get(pk=door.pk)).save()

    assert (Door.objects.get(pk=door.pk).name, held(door)) == ("back", before)


def test_a_form_with_another_one_changes_it(door: Door) -> None:
    DoorForm({"name": "back", "secret": "another"}, instance=door).save()

    assert Door.objects.get(pk=door.pk).secret == "another"


def test_whoever_lacks_the_key_reads_a_sentence_where_it_is_used_and_the_row_elsewhere(
    door: Door, settings: Settings
) -> None:
    settings.SEALING_KEYS = [NEW]

    row = Door.objects.get(pk=door.pk)

    assert str(row) == "front"
    with pytest.raises(Unreadable, match="Put that key behind the others in SEALING_KEYS") as refused:
        _ = row.secret
    assert SECRET not in str(refused.value)


def test_what_secret_key_sealed_opens_beside_the_keys_that_came_later(settings: Settings) -> None:
    settings.SEALING_KEYS = []
    door = Door.objects.create(secret=SECRET)
    settings.SEALING_KEYS = [NEW]

    assert Door.objects.get(pk=door.pk).secret == SECRET


def test_the_old_key_is_not_needed_once_all_is_sealed_anew(door: Door, settings: Settings) -> None:
    Door.objects.create(secret="")
    settings.SEALING_KEYS = [NEW, OLD]

    assert sealed.reseal([Door]) == (1, [])

    settings.SEALING_KEYS = [NEW]
    assert Door.objects.get(pk=door.pk).secret == SECRET


def test_what_no_key_opens_is_named_and_stays(door: Door, settings: Settings) -> None:
    before = held(door)
    settings.SEALING_KEYS = [NEW]

    assert sealed.reseal([Door]) == (0, [f"door {door.pk} (front)"])
    assert held(door) == before


def test_the_command_says_how_many_it_sealed() -> None:
    said = io.StringIO()
    try:
        call_command("reseal", stdout=said)
    except CommandError as error:
        pytest.fail(str(error))

    assert "sealed with the newest key" in said.getvalue()


def test_nobody_searches_for_a_secret(door: Door) -> None:
    with pytest.raises(FieldError):
        Door.objects.filter(secret=SECRET)


def test_a_history_that_would_keep_it_is_a_mistake() -> None:
    class HistoricalDoor(models.Model):
        """As simple_history makes one."""

        secret = SealedTextField(default="")
        history_object = None

        class Meta:
            app_label = "sealing"
            managed = False

        def __str__(self) -> str:
            return "door"

    (error,) = HistoricalDoor._meta.get_field("secret").check()

    assert (error.id, "excluded_fields" in str(error.hint)) == ("tealgate.E007", True)
