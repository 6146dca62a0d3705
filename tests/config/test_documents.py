"""README and docs name commands, files, headings and tests that there are, and the index of docs/ names all pages."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands

from tests.config.documents import DOCUMENTS, ROOT, anchors, linked, links, text


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len(text("README.md").splitlines()) <= 120


def test_the_index_has_every_page_of_the_docs() -> None:
    named = {path for path, _ in links("docs/README.md")}
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}

    assert pages - named == {"README.md"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_links_to_is_there(document: str) -> None:
    missing = [path for path, _ in links(document) if not ((ROOT / document).parent / path).exists()]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_heading_that_a_document_links_to_is_there(document: str) -> None:
    missing = []
    for path, anchor in links(document):
        if anchor and anchor not in anchors(linked(document, path)):
            missing.append(f"{path}#{anchor}")

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_files_that_a_document_names_are_there(document: str) -> None:
    found = re.findall(
        r"`((?:\.ci|bench|config|deployments|demo|docs|infra|nginx|sandbox|templates|tests)/[\w./-]+)`", text(document)
    )

    below = (ROOT / document).parent
    assert [name for name in found if not (ROOT / name).exists() and not any(below.glob(f"*/*/{name}"))] == []


def commands(document: str) -> Iterator[str]:
    yield from re.findall(r"manage\.py ([a-z_]+)", text(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_that_a_document_gives_are_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text("Makefile"), re.MULTILINE))
    made = {name for line in re.findall(r"`(?:sudo )?make ([a-z -]+)`", text(document)) for name in line.split()}

    assert set(commands(document)) <= set(get_commands())
    assert made <= targets
