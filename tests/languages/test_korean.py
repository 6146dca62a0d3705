"""What holds for all Korean that people are told: one word for one thing, and the field's own typography."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

from tests.stack_database import ROOT

#: What is not said, and what is said instead.
AVOIDED = {
    r"(?<!리)소스": "이전: the release that was live before",
    r"[\d}] %": "a unit stands at its number",
    r"%\(\w+\)s %%": "a unit stands at its number",
    r"롤백 재시도": "롤백 다시 시도, as the button says",
    r"저장소|리포지터리": "리포지토리",
    r"비밀 값|비밀 키": "시크릿",
    r"운영자 (알림|경고)": "운영자 경보",
    r"당직": "온콜",
    r"사설": "프라이빗",
    r"교체 인스턴스": "대체 인스턴스",
    r"사용 종료하|사용종료": "사용을 종료하",
}
#: Buttons and fields as a sentence quotes them: “Finish now”, *Retry roll back*.
_QUOTED = re.compile(r"“([A-Z][^“”{}]{2,60})”|\*([A-Z][^*{}]{2,60})\*")


def said() -> Iterator[polib.POEntry]:
    for folder in settings.LOCALE_PATHS:
        for path in Path(folder).glob("ko/LC_MESSAGES/*.po"):
            yield from (each for each in polib.pofile(str(path)) if not each.obsolete)


@pytest.mark.parametrize("pattern", AVOIDED)
def test_no_message_has_a_word_for_what_has_another(pattern: str) -> None:
    found = {each.msgid: each.msgstr for each in said() if re.search(pattern, each.msgstr)}

    assert found == {}, AVOIDED[pattern]


def test_a_button_that_a_sentence_names_is_called_as_on_its_page() -> None:
    labels = {each.msgid.lower(): each.msgstr for each in said()}
    unlike = {
        each.msgid: each.msgstr
        for each in said()
        for quoted in _QUOTED.findall(each.msgid)
        if (label := labels.get("".join(quoted).lower())) and label not in each.msgstr
    }

    assert unlike == {}


def test_one_and_many_are_counted_alike() -> None:
    counted = {each.msgid: each.msgstr for each in said() if each.msgid.startswith("{n} ")}
    unlike = {
        one: (said_of_one, counted[many])
        for one, said_of_one in counted.items()
        for many in (f"{one}s", f"{one[:-1]}ies")
        if many in counted and counted[many] != said_of_one
    }

    assert unlike == {}


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs" / "ko").glob("*.md")), ROOT / "README.ko.md"], ids=str)
def test_a_document_has_no_word_for_what_has_another(page: Path) -> None:
    text = page.read_text()

    assert {pattern: found[0] for pattern in AVOIDED if (found := re.search(pattern, text))} == {}
