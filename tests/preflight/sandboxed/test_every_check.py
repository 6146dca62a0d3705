"""Preflight's table, walked: no check and no sentence without a failure that is made in the sandbox."""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from deployments import preflight
from deployments.preflight.checks import PIPELINE_GROUPS, RELEASE_GROUPS
from tests.preflight.sandboxed import (
    test_access,
    test_bundles,
    test_code_deploy,
    test_definitions,
    test_execution_role,
    test_express,
    test_health,
    test_health_settings,
    test_live_images,
    test_permissions,
    test_pipeline,
    test_releases,
    test_scheduled,
    test_servers,
    test_services,
    test_tasks,
    test_traffic,
    test_watching,
)
from tests.preflight.sandboxed.failures import Failure
from tests.preflight.sandboxed.scene import KINDS

FAILURES: tuple[Failure, ...] = (
    *test_access.FAILURES,
    *test_bundles.FAILURES,
    *test_code_deploy.FAILURES,
    *test_definitions.FAILURES,
    *test_execution_role.FAILURES,
    *test_express.FAILURES,
    *test_health.FAILURES,
    *test_health_settings.FAILURES,
    *test_live_images.FAILURES,
    *test_permissions.FAILURES,
    *test_pipeline.FAILURES,
    *test_releases.FAILURES,
    *test_scheduled.FAILURES,
    *test_servers.FAILURES,
    *test_services.FAILURES,
    *test_tasks.FAILURES,
    *test_traffic.FAILURES,
    *test_watching.FAILURES,
)

#: The first two have tests of their own in test_access; ECS keeps the task definition of a service describable, and
#: makes no service without a configuration of the volumes that its task definition leaves open. The sandbox runs no
#: daemons: theirs is in test_preflight_rolling.
NEVER_SAID = (
    ("Tealgate has no AWS credentials of its own.",),
    (" is not on the list of roles that Tealgate may assume; AWS was not asked.",),
    ("The task definition ",),
    (" leaves ",),
    (" is a daemon, one task on each instance: AWS would refuse maximumPercent ",),
)
#: So much of a sentence tells it from every other one of the same check.
LONG_ENOUGH = 12


def every_group() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for controller, kind in KINDS.items():
        for name, check in (*RELEASE_GROUPS, *kind.groups, *PIPELINE_GROUPS):
            yield controller, name, inspect.unwrap(check)


def test_every_check_is_made_to_fail_in_the_sandbox() -> None:
    assert [f"{controller} {name}" for controller, name, check in every_group() if not fails(name, check)] == []


def fails(name: str, check: Callable[..., Any]) -> bool:
    """For this kind of environment, or for one that shares the check."""
    sharing = {other for other, kind in KINDS.items() if any(inspect.unwrap(one) is check for _, one in kind.groups)}
    sharing = sharing or set(KINDS)  # a release's images and a pipeline are looked at by all of them

    return any(failure.group == name and failure.controller in sharing for failure in FAILURES)


class Sentence(NamedTuple):
    """One place in the code that says what is wrong; `pieces` is what it says whatever the account is like."""

    place: str
    levels: tuple[str, ...]
    #: None where the sentence is one of several checks
    check: str | None
    pieces: tuple[str, ...]

    def is_told_by(self, failure: Failure) -> bool:
        if self.check not in (None, failure.check) or failure.level not in self.levels:
            return False
        if not self.pieces:  # put together elsewhere
            return True
        starts = range(max(1, len(failure.words) - LONG_ENOUGH + 1))
        return any(failure.words[at : at + LONG_ENOUGH] in piece for at in starts for piece in self.pieces)


def every_sentence() -> Iterator[Sentence]:
    for path in sorted(Path(preflight.__path__[0]).glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and (levels := tuple(_levels(call.func))):
                named = call.args[0]
                check = str(named.value) if isinstance(named, ast.Constant) else None
                yield Sentence(f"{path.stem}:{call.lineno}", levels, check, tuple(_pieces(call.args[1:])))


def _levels(function: ast.expr) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in ("error", "warning"):
            yield node.id


def _pieces(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_sentence_is_read_in_the_sandbox() -> None:
    said = [sentence for sentence in every_sentence() if sentence.pieces[:1] not in NEVER_SAID]

    assert [sentence for sentence in said if not any(map(sentence.is_told_by, FAILURES))] == []
