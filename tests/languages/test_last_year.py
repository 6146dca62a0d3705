"""What was said last year is told in the reader's language, though no code says it any more."""

from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from config.messages.catalogs import compiled
from deployments.languages import catalogs, told
from deployments.record.models import Event
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.languages import in_language

GONE = "The lamp of {0} was lit by {1}"


@pytest.fixture
def catalog_of_last_year(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """With a message that `python -m config.messages` found in no module, and so marked as obsolete."""
    file = polib.POFile()
    file.append(polib.POEntry(msgid=GONE, msgstr="{1} 사용자가 {0}의 등을 켰습니다", obsolete=True))
    path = tmp_path / "ko" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(file, "ko"))
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, str(tmp_path)]
    _forget()
    yield
    _forget()


def _forget() -> None:
    for kept in (catalogs.messages, catalogs.reader, told._told):
        kept.cache_clear()


@pytest.mark.usefixtures("catalog_of_last_year")
def test_a_reader_is_told_an_event_whose_words_the_code_has_no_more() -> None:
    message = "The lamp of shop was lit by Mina"
    kept = Event(message=message, said=[{"id": GONE, "values": ["shop", "Mina"]}])
    older = Event(message=message)

    with translation.override("ko"):
        assert kept.told == older.told == "Mina 사용자가 shop의 등을 켰습니다"
    with translation.override("en"):
        assert kept.told == message


@pytest.mark.usefixtures("catalog_of_last_year")
def test_a_reader_is_told_a_message_that_was_kept_back_for_a_year() -> None:
    kept = Content.of_json({"subject": "Live: shop 1.1.0 on production", "sentences": ["The lamp of a was lit by b."]})

    assert in_language(kept, "ko").sentences == ("b 사용자가 a의 등을 켰습니다.",)


def test_parts_that_do_not_give_the_message_that_was_hashed_are_not_believed() -> None:
    forged = Event(message="Approved by Mina", said=[{"id": "Rejected by {0}", "values": ["Mina"]}])

    with translation.override("ko"):
        assert forged.told == "Mina 승인"
