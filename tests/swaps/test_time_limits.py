"""Every time limit of ours counts from something that moves when nobody looked; what does not move is named here."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from deployments.swaps.code_deploy.facts import CodeDeployFacts
from deployments.swaps.ecs.facts import EcsFacts
from deployments.swaps.express.facts import ExpressFacts
from deployments.swaps.facts import Facts, Gap
from deployments.swaps.rolling.facts import RollingFacts
from deployments.swaps.service_pair.facts import PairFacts
from deployments.swaps.steps import unwatched
from tests.swaps.cases import NOON, seconds

SWAPS = Path(unwatched.__file__).parents[1]
KINDS: tuple[type[Facts], ...] = (PairFacts, RollingFacts, EcsFacts, CodeDeployFacts, ExpressFacts)
#: What ends no release: how long AWS may take to list what it was told, how fresh what was read is, and pauses of ours.
NO_LIMITS = {
    "updated_at": "AWS lists it by then; whoever started tasks anew is given the gap (`unwatched.counted_from`)",
    "looked_at": "read a moment ago",
    "asked_at": "asked a moment ago",
    "images_asked_at": "asked a moment ago",
    "smoke_at": "a pause between two tries",
    "phase_since": "only explains why it takes long",
    "unwatched": "the gap itself",
}


def counted_from() -> Iterator[tuple[str, str]]:
    """(fact, where) of all that `now` is compared with, as `now - fact` or `fact + …`."""
    for file in SWAPS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and ast.unparse(node.left) == "now":
                for each in ast.walk(node.right):
                    if isinstance(each, ast.Attribute) and each.attr.endswith(("_at", "_since", "unwatched")):
                        yield each.attr, f"{file.relative_to(SWAPS)}:{node.lineno}"


def test_whatever_a_limit_counts_from_moves_when_nobody_looked_or_is_named() -> None:
    moves = {name for kind in KINDS for name in kind.LIMITS_FROM} | {"step_started_at"}

    unknown = [(name, where) for name, where in counted_from() if name not in moves | NO_LIMITS.keys()]

    assert unknown == []
    assert {name for name, _ in counted_from()} >= {"step_started_at", "again_at"}


def test_so_does_the_end_of_what_held_a_release_up() -> None:
    held = {(kind, each.name) for kind in KINDS for each in fields(kind) if each.name.endswith("held_at")}

    assert len(held) == 3
    assert all(name in kind.LIMITS_FROM for kind, name in held)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in KINDS for name in kind.LIMITS_FROM],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_it_moves_by_the_gap(kind: type[Facts], name: str) -> None:
    gap = Gap(since=NOON, until=NOON + timedelta(minutes=7))

    moved = kind.from_json({name: (NOON - seconds(5)).isoformat()}).after(gap)

    assert getattr(moved, name) == NOON - seconds(5) + timedelta(minutes=7)
    assert kind.from_json(moved.as_json()).unwatched == gap


def test_what_began_before_the_gap_has_its_length_on_top_and_what_began_after_has_not() -> None:
    facts = Facts(unwatched=Gap(since=NOON, until=NOON + seconds(60)))

    assert unwatched.counted_from(facts, NOON - seconds(5)) == NOON + seconds(55)
    assert unwatched.counted_from(facts, NOON + seconds(61)) == NOON + seconds(61)
