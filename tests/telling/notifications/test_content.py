import json
import random
from dataclasses import fields
from typing import Any

import pytest

from deployments.telling.notifications import rendering
from deployments.telling.notifications.content import UNREADABLE, Content

WHOLE = Content(
    subject="Waits for you: shop 1.4.2 to production",
    sentences=("It waits.",),
    facts=(("Reason", "Mends the cart"),),
    changes=("Release: 1.4.1 -> 1.4.2",),
    evidence=("Green: 2 of 2 healthy",),
    log_tail="one\ntwo",
    path="/deployments/gate/7/",
    link_text="Open the gate",
    tone="waits",
    place="shop/production",
    is_news=True,
    gate=7,
)


def test_what_is_kept_is_read_as_it_was() -> None:
    assert Content.of_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE


def test_what_another_version_kept_is_read_as_far_as_it_is_known() -> None:
    kept = {"subject": "It waits", "tone": "purple", "picture": "x.png", "gate": "7"}

    assert Content.of_json(kept) == Content(subject="It waits")


def test_what_says_nothing_takes_no_room() -> None:
    assert Content(subject="It waits").as_json() == {"subject": "It waits", "tone": "plain"}


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ({"facts": ["one", ["two"], ["a", "b"]]}, {"facts": (("More", "one"), ("More", "['two']"), ("a", "b"))}),
        ({"facts": {"Reason": "Mends"}}, {"facts": (("Reason", "Mends"),)}),
        ({"sentences": "One only."}, {"sentences": ("One only.",)}),
        ({"changes": 7, "tone": ["bad"], "path": None}, {"changes": ("7",)}),
        (["Live"], {"subject": "['Live']"}),
        (None, {"subject": UNREADABLE}),
    ],
)  # fmt: skip
def test_what_was_kept_in_another_shape_is_told_as_far_as_it_can(kept: Any, read: dict[str, Any]) -> None:
    kept = {"subject": "It waits", **kept} if isinstance(kept, dict) else kept

    assert Content.of_json(kept) == Content(**{"subject": "It waits", **read})


def test_whatever_a_row_holds_is_read_and_shown() -> None:
    chance = random.Random(26)  # noqa: S311
    for _ in range(400):
        kept = {member.name: _anything(chance) for member in fields(Content) if chance.random() < 0.8}
        content = Content.of_json(kept)
        assert Content.of_json(json.loads(json.dumps(content.as_json()))) == content
        for shown in (rendering.text, rendering.html, rendering.markdown, rendering.slack_blocks, rendering.teams_card):
            assert shown(content, "https://tealgate.example"), kept


def _anything(chance: random.Random, depth: int = 3) -> Any:
    plain = ("", "x", "\ud83d", "<b>", 0, -1, 7.5, True, False, None)
    if not depth or chance.random() < 0.4:
        return chance.choice(plain)
    several = [_anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    return several if chance.random() < 0.6 else {str(key): value for key, value in enumerate(several)}
