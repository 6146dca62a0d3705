"""README and docs name commands, files, headings and tests that there are, and the index of docs/ names all pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
#: Made by tools, or not ours.
ELSEWHERE = {"build", "node_modules", "staticfiles", "venv"}


def documents() -> Iterator[str]:
    for top in ROOT.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name not in ELSEWHERE:
            found = (path.relative_to(ROOT) for path in top.rglob("*.md"))
            yield from (path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
        elif top.suffix == ".md":
            yield top.name


DOCUMENTS = sorted(documents())


def text(document: str) -> str:
    return (ROOT / document).read_text()


def links(document: str) -> list[tuple[str, str]]:
    """Path and anchor of each link within the repository; "" for what it leaves out."""
    found = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text(document))
    return [(path, anchor) for path, _, anchor in (link.partition("#") for link in found)]


def anchors(document: str) -> set[str]:
    """As GitHub makes them of headings; a heading that comes again is numbered."""
    prose = re.sub(r"^```.*?^```", "", text(document), flags=re.MULTILINE | re.DOTALL)
    headings = [re.sub(r"\]\([^)]*\)", "]", found) for found in re.findall(r"^#+ +(.+?) *$", prose, re.MULTILINE)]
    slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    again = [slugs[:place].count(slug) for place, slug in enumerate(slugs)]
    return {f"{slug}-{times}" if times else slug for slug, times in zip(slugs, again, strict=True)}


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len(text("README.md").splitlines()) <= 120


def test_the_index_has_every_page_of_the_docs() -> None:
    linked = {path for path, _ in links("docs/README.md")}
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}

    assert pages - linked == {"README.md"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_links_to_is_there(document: str) -> None:
    missing = [path for path, _ in links(document) if not ((ROOT / document).parent / path).exists()]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_heading_that_a_document_links_to_is_there(document: str) -> None:
    missing = []
    for path, anchor in links(document):
        page = (ROOT / document).parent / path if path else ROOT / document
        if anchor and anchor not in anchors(page.resolve().relative_to(ROOT).as_posix()):
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
