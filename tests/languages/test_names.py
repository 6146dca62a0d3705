"""What somebody is called stands within a sentence as it was typed, though it may be a word of ours."""

from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils.translation import override

from config.messages.names import flags, is_name, places
from deployments.catalog.models import Application, Environment, Release
from deployments.languages.shapes import WEAK, filled, shape
from deployments.languages.told import named, told

WORDS_OF_OURS = ("Failed", "blue", "Ready")


@pytest.mark.parametrize(
    ("expression", "called"),
    [
        ("release.version", True),
        ("deployment.requested_by.get_username()", True),
        ("snapshot.settings.service_name", True),
        ("fitting[0].trust", True),
        ("gate.status.label", False),
        ("counted(len(names), 'task')", False),
        ("version or 'what ran before'", False),
    ],
)
def test_code_tells_which_place_holds_a_name(expression: str, called: bool) -> None:
    assert is_name(expression) is called


def test_a_place_that_holds_something_else_elsewhere_is_none_of_a_name() -> None:
    assert flags([("self.version", "seen"), ("release.version", "why")]) == ["name-0"]
    assert flags([("self.version",), ("status.label",)]) == []


@pytest.mark.parametrize("typed", WORDS_OF_OURS)
def test_every_sentence_holds_a_name_as_it_was_typed(typed: str) -> None:
    named_in = {
        each.msgid: named
        for folder in settings.LOCALE_PATHS
        for path in Path(folder).glob("ko/LC_MESSAGES/*.po")
        for each in polib.pofile(str(path))
        if (named := places(each.flags)) and shape(each.msgid).letters >= WEAK
    }
    odd = {}
    for message, named in named_in.items():
        said = shape(message)
        values = [typed if place in named else f"v{place}x" for place in range(len(set(said.order)))]
        if typed not in told(filled(message, values), "ko"):
            odd[message] = told(filled(message, values), "ko")

    assert len(named_in) > 500
    assert odd == {}


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("Group Roll back: rights of its role added", "Roll back 그룹: 역할의 권한 추가"),
        ("Successful to shop/failed", "Successful → shop/failed"),
        ("new Ready", "새 Ready"),
        ("Live: shop 1.1.0 on blue", "운영 중: blue 환경의 shop 1.1.0"),
    ],
)
def test_a_sentence_is_told_around_the_name(english: str, korean: str) -> None:
    assert told(english, "ko") == korean


def test_rows_that_people_named_are_called_so() -> None:
    application = Application(name="Users", slug="live")
    rows = [
        application,
        Environment(application=application, name="failed"),
        Release(application=application, version="Successful"),
        User(username="Approve"),
        Group(name="Roll back"),
    ]

    assert [told(row, "ko") for row in rows] == ["Users", "live/failed", "live Successful", "Approve", "Roll back"]


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("Failed", "Failed"),
        ("Roll back", "Roll back"),
        ("an agent (Ready), on behalf of Failed", "에이전트(Ready), Failed 대리"),
        ("Failed, by the token Ready", "Failed, 토큰 Ready 사용"),
    ],
)
def test_who_somebody_is_is_a_name_with_what_the_rooms_say_of_them(english: str, korean: str) -> None:
    with override("ko"):
        assert named(english) == korean
