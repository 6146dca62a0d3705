"""A failure: how to make it, and the sentence that people read when they look."""

from collections.abc import Callable
from typing import NamedTuple

from deployments.preflight.checks import PIPELINE_GROUPS, RELEASE_GROUPS
from deployments.preflight.report import Level
from tests.preflight.sandboxed.scene import Scene

_OF_ALL = tuple(name for name, _ in (*RELEASE_GROUPS, *PIPELINE_GROUPS))


class Failure(NamedTuple):
    make: Callable[[Scene], object]
    #: the group of checks, as its kind registers it; "access" is what stands before all of them
    group: str
    check: str
    words: str
    controller: str = "SERVICE_PAIR"
    level: Level = Level.ERROR

    def __str__(self) -> str:
        return f"{self.controller} {self.check}: {self.words[:50]}"


def is_told(failure: Failure, scene: Scene) -> None:
    """It is made in the sandbox, and what preflight says then has the words."""
    failure.make(scene)

    # An empty group asks for nothing but what stands around all groups: access, the release's images, the pipeline.
    report = scene.look("" if failure.group in ("access", *_OF_ALL) else failure.group)

    found = [each for each in report.results if each.check == failure.check]
    said = [f"{each.seen} {each.fix}" for each in found if each.level is failure.level]
    assert any(failure.words in each for each in said), found or report.results
    assert failure.level in (Level.OK, Level.UNKNOWN) or all(each.fix for each in found if each.level is failure.level)
    assert failure.level is not Level.ERROR or not report.passed
