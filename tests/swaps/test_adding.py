"""What docs/adding.md asks of a way to swap, and that the files it names are there."""

import re
from pathlib import Path

import pytest

from deployments import swaps
from deployments.swaps.base import Controller
from deployments.vocabulary import Controller as Name

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = sorted(name for name in Controller.__dict__ if not name.startswith("_"))


@pytest.mark.parametrize("name", list(Name))
def test_every_controller_that_can_be_chosen_answers_every_question(name: str) -> None:
    answering = swaps.get(name)

    assert [question for question in QUESTIONS if not hasattr(answering, question)] == []


def test_the_page_about_adding_names_files_that_are_there() -> None:
    text = (ROOT / "docs" / "adding.md").read_text()
    named = set(re.findall(r"`((?:deployments|tests|config|infra|sandbox|docs)/[\w./]*)", text))

    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
