"""The theme's templates are mended where keys and screen readers could not follow."""

import re
from pathlib import Path

import pytest
import unfold
from django.template.loader import get_template

from config.theme import MENDS, REPLACED, mended

TEMPLATES = Path(unfold.__file__).parent / "templates"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(name, wrong) for those in (MENDS, REPLACED) for name, all_of_it in those.items() for wrong, _ in all_of_it],
)
def test_the_theme_still_has_what_is_mended(name: str, wrong: str) -> None:
    assert wrong in (TEMPLATES / name).read_text()


@pytest.mark.parametrize("name", [*MENDS, *REPLACED])
def test_what_is_mended_is_still_a_template(name: str) -> None:
    assert get_template(name)


def test_no_icon_of_the_theme_is_read_aloud() -> None:
    """Unless it is a button itself, and then by its name."""
    read = [
        f"{path.name}: {tag}"
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(
            r"<(?:span|div)\b[^<]*?\bmaterial-symbols-outlined\b[^<]*",
            mended(path.relative_to(TEMPLATES).as_posix(), path.read_text()),
        )
        if "aria-hidden" not in tag and "aria-label" not in tag and "x-on:click" not in tag
    ]
    assert read == []


def test_pages_are_made_of_the_mended_ones() -> None:
    template = get_template("unfold/helpers/navigation.html").template  # type: ignore[attr-defined]
    assert 'aria-label="{{ _("Menu") }}"' in template.source
