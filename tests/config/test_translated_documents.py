"""A page in Korean says as much as the English one that it is made of: neither is changed alone."""

import re
from collections import Counter

import pytest

from tests.config.documents import DOCUMENTS, anchors, blocks, linked, links, prose, text

#: From each page in Korean to the English one.
PAIRS = {"README.ko.md": "README.md"} | {
    each: each.replace("docs/ko/", "docs/") for each in DOCUMENTS if each.startswith("docs/ko/")
}
INDEX = "docs/ko/README.md"
ENGLISH_ONLY = "(영어)"


def in_english(document: str, path: str, anchor: str) -> tuple[str, str]:
    """Where the link leads, or would lead to from the English page."""
    page = linked(document, path).replace("docs/screenshots/ko/", "docs/screenshots/")
    if page not in PAIRS:
        return page, anchor
    return PAIRS[page], anchors(PAIRS[page])[anchors(page).index(anchor)] if anchor else ""


def led_to(document: str) -> Counter[tuple[str, str]]:
    """Languages have their own order within a sentence, so only how often counts."""
    return Counter(in_english(document, path, anchor) for path, anchor in links(document))


def outside(document: str) -> Counter[str]:
    return Counter(re.findall(r"\]\((https?:[^)\s]+)\)", text(document)))


def code_in(document: str) -> set[str]:
    return {re.sub(r"\s+", " ", found) for found in re.findall(r"`([^`]+)`", prose(document))}


def layout(document: str) -> list[str]:
    """Headings by their level, list items and table rows, in their order."""
    return re.findall(r"^(?:#+ |- |\d+\. |\|)", prose(document), re.MULTILINE)


def test_there_are_pages_in_korean() -> None:
    assert {"README.ko.md", INDEX, "docs/ko/tour.md", "docs/ko/glossary.md"} <= set(PAIRS)


@pytest.mark.parametrize("korean", PAIRS)
def test_a_translated_page_has_the_headings_lists_and_tables_of_the_english_one(korean: str) -> None:
    assert layout(korean) == layout(PAIRS[korean])


@pytest.mark.parametrize("korean", PAIRS)
def test_a_translated_page_gives_the_same_commands(korean: str) -> None:
    assert blocks(korean) == blocks(PAIRS[korean])
    assert code_in(korean) == code_in(PAIRS[korean])


@pytest.mark.parametrize("korean", PAIRS)
def test_a_translated_page_leads_to_the_same_places(korean: str) -> None:
    assert led_to(korean) == led_to(PAIRS[korean])
    assert outside(korean) == outside(PAIRS[korean])


@pytest.mark.parametrize("korean", PAIRS)
def test_a_translated_page_and_the_english_one_lead_to_each_other(korean: str) -> None:
    english = PAIRS[korean]

    assert korean in {linked(english, path) for path, _ in links(english)}
    assert english in {linked(korean, path) for path, _ in links(korean)}


@pytest.mark.parametrize("korean", PAIRS)
def test_a_korean_page_leads_to_korean_pages_where_there_are_any(korean: str) -> None:
    translated = set(PAIRS.values()) - {PAIRS[korean]}

    assert [path for path, _ in links(korean) if linked(korean, path) in translated] == []


def test_the_korean_index_says_which_pages_are_in_english() -> None:
    rows = [row for row in text(INDEX).splitlines() if row.startswith("|") and "](" in row]
    pages = [linked(INDEX, re.findall(r"\]\(([^)#]+)", row)[0]) for row in rows]

    assert [page for page, row in zip(pages, rows, strict=True) if (page in PAIRS) == (ENGLISH_ONLY in row)] == []
