"""The catalogue of kinds of events and the calls that write them say the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.aws import actions
from deployments.record.append import append_event
from deployments.record.kinds import ABOUT, AWS_WRITE, Kind, UnknownKind
from deployments.record.models import Event
from deployments.vocabulary import TERMINAL_STATUSES
from tests.delivery.engine.world import NOON, World, make_world

CODE = Path(__file__).parents[2] / "deployments"
#: What is put into the names of kinds where they are written, and all that it can be.
PUT_IN = {
    "Status(deployment.status).lower()": [status.lower() for status in TERMINAL_STATUSES],
    "act.action.operation": ["<Operation>"],
    "done.replace(' ', '_')": ["added", "changed", "turned_off", "turned_on", "deleted"],
}


def written() -> Iterator[tuple[str, str]]:
    """(kind, where) of each call of append_event."""
    for file in CODE.rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("append_event"):
                        where = f"{file.relative_to(CODE)}:{call.lineno}"
                        yield from ((kind, where) for kind in kinds(call.args[1], function))


def kinds(node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """Every kind that this expression can be, as far as it is written out nearby."""
    match node:
        case ast.Constant(value=str(kind)):
            yield kind
        case ast.IfExp():
            yield from (kind for way in (node.body, node.orelse) for kind in kinds(way, function))
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=put_in)]):
            yield from (f"{start}{each}" for each in PUT_IN[ast.unparse(put_in)])
        case ast.Name(id=name):
            yield from (kind for value in assigned(name, function) for kind in kinds(value, function))
        case _:
            raise AssertionError(f"{ast.unparse(node)} does not say which kinds it can be")


def assigned(name: str, function: ast.FunctionDef) -> list[ast.expr]:
    found = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    assert found, f"{function.name} does not say what {name} is"
    return found


def test_every_kind_that_is_written_is_in_the_catalogue_and_the_other_way_round() -> None:
    found = dict(written())

    assert {kind for kind in found if not AWS_WRITE.fullmatch(kind)} - {"aws.<Operation>"} == set(Kind), found
    assert "aws.<Operation>" in found


def test_every_write_on_aws_has_a_kind() -> None:
    operations = [each.__name__ for each in actions.Action.__subclasses__()]

    assert operations and all(AWS_WRITE.fullmatch(f"aws.{operation}") for operation in operations)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_sentence_and_a_place_in_the_lists_filter(kind: Kind) -> None:
    assert re.fullmatch(r"[A-Z].{10,}\.", kind.meaning)
    assert kind.partition(".")[0] in ABOUT


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["environment.noted", "aws.", "aws.lower", "gate", "", "GATE_OPENED"])
def test_nothing_else_can_be_written(kind: str) -> None:
    world: World = make_world()

    with pytest.raises(UnknownKind, match=r"add it to deployments/record/kinds\.py"):
        append_event(world.environment, kind, "Somebody waved", now=NOON)

    assert not Event.objects.exists()
