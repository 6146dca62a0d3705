"""README and docs name settings, commands, files and tests that there are, and all settings that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
READERS = (
    "config/settings/base.py",
    "config/settings/queue.py",
    "config/settings/production.py",
    "config/gunicorn.conf.py",
)
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("infra/**/*.md"))
)


def text(document: str) -> str:
    return (ROOT / document).read_text()


def settings_that_are_read() -> set[str]:
    calls = re.findall(r'read\.(\w+)\(\s*"([A-Z_]+)"', "\n".join(text(source) for source in READERS))
    names = {f"{name}_<NAME>" if reader == "named" else name for reader, name in calls if reader != "complain"}
    return {name for name in names if name != "DJANGO_SETTINGS_MODULE"}


def settings_in_the_table() -> set[str]:
    section = text("README.md").partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+(?:<NAME>)?)`", row)}


def test_the_readme_has_every_setting_and_no_other() -> None:
    assert settings_in_the_table() == settings_that_are_read()


def test_the_secrets_to_fill_in_are_settings() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", text(".secrets.example/production.env"), re.MULTILINE))
    known = {name.partition("<")[0] for name in settings_that_are_read()}

    assert named
    assert [name for name in named if not any(name == one or name.startswith(one) for one in known)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_links_to_is_there(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text(document))

    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


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
