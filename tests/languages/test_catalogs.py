"""What people are told has a translation, and a translation has the places of its message."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from config.messages.catalogs import compiled, po_path
from config.messages.gathering import Catalog, gathered
from deployments.languages import typed
from deployments.languages.catalogs import messages, reader
from deployments.languages.kept import written
from deployments.languages.pieces import Said
from deployments.languages.shapes import WEAK, shape
from tests.stack_database import ROOT

LANGUAGES = [language for language, _ in settings.LANGUAGES if language != "en"]
_PLACES = re.compile(r"\{(?:\d+|n)\}|%\(\w+\)[sd]|%[sd]")


@pytest.fixture(scope="module")
def found() -> list[Catalog]:
    """All that the code says."""
    return gathered(ROOT)


def catalogs(language: str) -> list[Path]:
    return [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob(f"{language}/LC_MESSAGES/*.po")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_people_are_told_has_a_translation(language: str, found: list[Catalog]) -> None:
    known = {each.msgid: each.msgstr for path in catalogs(language) for each in polib.pofile(str(path))}

    missing = {
        message: f"{po_path(catalog, language).relative_to(ROOT)}, {places[0][0]}:{places[0][1].line}"
        for catalog in found
        for message, places in catalog.messages.items()
        if not known.get(message)
    }

    assert sum(len(each.messages) for each in found) > 4000
    assert missing == {}, "translate them; python -m config.messages brings them into the catalogs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_no_place_that_its_message_has_not(language: str) -> None:
    odd = {
        each.msgid: each.msgstr
        for path in catalogs(language)
        for each in polib.pofile(str(path))
        if set(_PLACES.findall(each.msgstr)) - set(_PLACES.findall(each.msgid))
        or ("%(" in each.msgid and set(_PLACES.findall(each.msgstr)) != set(_PLACES.findall(each.msgid)))
    }

    assert odd == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_says_the_same_in_every_room(language: str) -> None:
    said: dict[str, set[str]] = {}
    for path in catalogs(language):
        for each in polib.pofile(str(path)):
            said.setdefault(each.msgid, set()).add(each.msgstr)

    assert {message: texts for message, texts in said.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_the_catalogs_say(language: str) -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path in catalogs(language)
        if path.with_suffix(".mo").read_bytes() != compiled(polib.pofile(str(path)), language)
    ]

    assert stale == [], "python -m config.messages compiles them"


def test_sentences_that_end_with_a_persons_words_are_known_as_the_code_says_them(found: list[Catalog]) -> None:
    """One that is said in other words now would be read to its end, and the person's words with it."""
    said = {message for catalog in found for message in catalog.messages}

    assert set(typed.IDS) - said == set(), "name the new sentence in IDS, too"


def test_each_message_is_read_back_from_what_it_was_filled_with() -> None:
    """With values that hold nothing of the language; two messages may say the same text, never another one."""
    unlike = {}
    for message in messages("ko"):
        places = len(set(re.findall(r"\{(\d+)\}", message)))
        if not places or shape(message).letters < WEAK:  # those are believed only where their values are, too
            continue
        # What touches a word begins with a blank, as it does in the rooms' sentences.
        touching = {int(number) for number in re.findall(r"[\w}]\{(\d+)\}", message)}
        values = tuple(f" v{number}x" if number in touching else f"v{number}x" for number in range(places))
        text = written((Said(message, values),))
        pieces = reader().read(text)
        if written(pieces) != text or not any(isinstance(piece, Said) for piece in pieces):
            unlike[message] = pieces

    assert unlike == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_a_word_as_it_is_because_machines_are_told_it(language: str) -> None:
    """A protocol's word is its own translation in every room, so pages have to say it otherwise."""
    said = {
        entry.msgid
        for path in catalogs(language)
        for entry in polib.pofile(str(path))
        if entry.msgid == entry.msgstr and re.search("[A-Za-z]{3}", entry.msgid)
        and any(place.startswith("templates/") or place.endswith(".js") for place, _ in entry.occurrences)
    }  # fmt: skip

    assert said == set()
