"""What `python -m config.messages` finds in the code, and what it leaves in the catalogs."""

from pathlib import Path

import polib
import pytest
from pytest_django.fixtures import Settings

from config.messages.catalogs import bring_up_to_date
from config.messages.pages import of_script, of_template
from config.messages.sentences import sentences

ROOM = '''
"""What a module is for, is said to programmers."""

def end(name: str, at: datetime) -> str:
    log.info("the end of a thing", name=name)
    if name == "no name at all":
        return counted(3, "more thing")
    return f"{name} waits until {at:%H:%M} UTC"
'''


def test_a_sentence_is_gathered_with_what_stands_in_its_places() -> None:
    found = {each.id: each.places for each in sentences(ROOM, labels=False)}

    assert found == {"{n} more thing": (), "{n} more things": (), "{0} waits until {1} UTC": ("name", "at")}


def test_a_single_word_is_gathered_where_pages_have_such() -> None:
    source = 'buttons = ("Approve", "ApproveGate", "approve")'

    assert [[each.id for each in sentences(source, labels=labels)] for labels in (True, False)] == [["Approve"], []]


def test_pages_and_scripts_say_what_they_mark() -> None:
    page = (
        '{% load i18n tealgate %}<p>{% translate "Who decides" %} {% pill "Live" "good" %} {% counted n "event" %}</p>'
    )

    assert {each.id for each in of_template(page)} == {"Who decides", "Live", "{n} event", "{n} events"}
    assert [each.id for each in of_script('say(gettext("{0} found"))')] == ["{0} found"]


@pytest.fixture
def installation(tmp_path: Path, settings: Settings) -> Path:
    """With one room that says one sentence, and two catalogs."""
    settings.LOCALE_PATHS = [str(tmp_path / "deployments" / room / "locale") for room in ("record", "catalog")]
    (tmp_path / "deployments" / "catalog").mkdir(parents=True)
    (tmp_path / "deployments" / "catalog" / "lamps.py").write_text('said = f"The lamp of {name} is lit"')
    return tmp_path


def catalog(installation: Path, room: str, language: str) -> Path:
    return installation / "deployments" / room / "locale" / language / "LC_MESSAGES" / "django.po"


def test_each_language_of_the_settings_has_a_catalog_in_the_room(installation: Path, settings: Settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("sv", "svenska")]

    bring_up_to_date(installation)

    for language in ("ko", "sv"):
        (entry,) = polib.pofile(str(catalog(installation, "catalog", language)))
        assert (entry.msgid, entry.msgstr, entry.comment) == ("The lamp of {0} is lit", "", "{0} name")
    assert not (installation / "deployments" / "catalog" / "locale" / "en").exists()


def test_what_the_code_says_no_more_is_kept_and_what_moves_keeps_its_translation(installation: Path) -> None:
    before = polib.POFile()
    before.append(polib.POEntry(msgid="The lamp of {0} is lit", msgstr="{0}의 등이 켜졌습니다"))
    before.append(polib.POEntry(msgid="The lamp of {0} is out", msgstr="{0}의 등이 꺼졌습니다"))
    path = catalog(installation, "record", "ko")
    path.parent.mkdir(parents=True)
    before.save(str(path))
    (installation / "deployments" / "record" / "events.py").write_text('said = "A lamp was lit here"')

    bring_up_to_date(installation)

    moved = {each.msgid: each.msgstr for each in polib.pofile(str(catalog(installation, "catalog", "ko")))}
    kept = {each.msgid for each in polib.mofile(str(path.with_suffix(".mo")))}
    assert moved == {"The lamp of {0} is lit": "{0}의 등이 켜졌습니다"}
    assert "The lamp of {0} is out" in kept
