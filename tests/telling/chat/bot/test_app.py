"""infra/teams: what is uploaded to Teams goes with what the bot answers."""

import json
import struct
from pathlib import Path

import pytest

from deployments.telling.chat.bot import activities

FOLDER = Path(__file__).resolve().parents[4] / "infra/teams"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())


def test_the_bot_may_be_added_wherever_it_can_be_told_of_and_offers_what_it_answers() -> None:
    [bot] = MANIFEST["bots"]
    [commands] = bot["commandLists"]

    assert sorted(bot["scopes"]) == sorted(commands["scopes"]) == ["groupChat", "personal", "team"]
    [command] = commands["commands"]
    assert activities.typed({"type": "message", "text": command["title"]}) == "here"
    assert not bot["isNotificationOnly"]  # else nobody could write to it


def test_what_is_to_be_filled_in_is_what_its_page_names() -> None:
    text, said = json.dumps(MANIFEST), (FOLDER / "README.md").read_text()

    assert text.count("APPLICATION-ID") == 2 and "`APPLICATION-ID`, twice" in said
    assert {MANIFEST["developer"][name] for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl")} == {
        "https://tealgate.example.com"
    }
    assert "https://tealgate.example.com" in said


def test_its_texts_are_as_short_as_teams_wants_them() -> None:
    longest = {
        ("name", "short"): 30,
        ("name", "full"): 100,
        ("description", "short"): 80,
        ("description", "full"): 4000,
    }

    assert all(len(MANIFEST[part][name]) <= most for (part, name), most in longest.items())


@pytest.mark.parametrize(("icon", "size"), [("color", 192), ("outline", 32)])
def test_its_icons_have_the_sizes_that_teams_wants(icon: str, size: int) -> None:
    head = (FOLDER / MANIFEST["icons"][icon]).read_bytes()[:26]

    assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", head[16:24]) == (size, size)
