"""The catalogs of messages: one in each room, `locale/LANGUAGE/LC_MESSAGES/django.mo`, as gettext has them."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import polib
from django.conf import settings

from deployments.languages.reading import Reader
from deployments.vocabulary import GateStatus, Slot, Status, Word


@lru_cache
def messages(language: str) -> Mapping[str, str]:
    """From ids to what is said in the language; empty for English, and for a language that nobody has."""
    found: dict[str, str] = {}
    for folder in settings.LOCALE_PATHS:
        path = Path(folder) / language / "LC_MESSAGES" / "django.mo"
        if path.exists():
            found |= {each.msgid: each.msgstr for each in polib.mofile(str(path)) if each.msgid and each.msgstr}
    return found


@lru_cache
def reader() -> Reader:
    """Of all ids that any language has."""
    ids = {each for language, _ in settings.LANGUAGES for each in messages(language)}
    return Reader(ids, inside=labels())


@lru_cache
def labels() -> frozenset[str]:
    """The words for states, stages and slots, which sentences hold as values."""
    return frozenset(label for kind in _kinds(Word) for _, label in kind.choices()) | {slot.value for slot in Slot}


@lru_cache
def states() -> frozenset[str]:
    """The words for states of deployments and gates, which sentences also hold in small letters."""
    return frozenset(each.label for kind in (Status, GateStatus) for each in kind)


def _kinds(word: type[Word]) -> set[type[Word]]:
    return {each for kind in word.__subclasses__() for each in {kind, *_kinds(kind)}}
