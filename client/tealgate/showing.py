"""A deployment on a terminal: a table that is drawn over, or a line for each change where lines are kept."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import click

from tealgate.out import Out
from tealgate.texts import clean, clipped

Deployment = Mapping[str, Any]
_MARKS = {"planned": "·", "running": "▶", "waiting": "?", "done": "✓", "failed": "✗", "stopped": "■", "skipped": "-"}
#: Columns where lines are kept, as in a file or a pipe: nothing is cut off there.
UNLIMITED = 1_000_000
_COLOURS = {"done": "green", "failed": "red", "stopped": "red", "running": "cyan", "waiting": "yellow"}


def shower(out: Out) -> Callable[[Deployment], None]:
    """What shows one state after the other."""
    return _Table(out) if out.is_terminal else _Lines(out)


def table(deployment: Deployment, width: int) -> Iterator[tuple[str, str]]:
    """Its lines, each with its colour ("" for none)."""
    title = "Deployment {id}: {version} on {application}/{environment}".format(**deployment)
    yield clipped(clean(f"{title}  {deployment['status']}  {deployment['percent']:.0f} %"), width), ""
    for stage in (*deployment["stages"], *deployment["way_back"]):
        about = stage["detail"] or stage["asks"] or stage["summary"]
        line = f"  {_MARKS.get(stage['state'], ' ')} {clean(stage['title']):<33} {clean(about)}"
        yield clipped(line, width), _COLOURS.get(stage["state"], "")
    yield clipped(f"  {clean(deployment['headline'])}", width), ""


def width() -> int:
    return shutil.get_terminal_size().columns - 1


def line(deployment: Deployment) -> str:
    """What is told of one state."""
    return (
        f"{deployment['status']}  {deployment['stage'] or '-'}  {deployment['percent']:.0f} %  {deployment['headline']}"
    )


class _Table:
    def __init__(self, out: Out) -> None:
        self._out, self._drawn = out, 0

    def __call__(self, deployment: Deployment) -> None:
        lines = fitting(list(table(deployment, width())), shutil.get_terminal_size().lines - 1)
        back = f"\x1b[{self._drawn}A\x1b[J" if self._drawn else ""
        shown = [click.style(text, fg=colour) if colour and self._out.colours else text for text, colour in lines]
        click.echo(back + "\n".join(shown), color=True)
        self._drawn = len(lines)


def fitting(lines: list[tuple[str, str]], height: int) -> list[tuple[str, str]]:
    """What does not fit on the screen could not be drawn over: the title stays, and the end."""
    return lines if len(lines) <= height else [lines[0], *lines[len(lines) - height + 1 :]]


class _Lines:
    def __init__(self, out: Out) -> None:
        self._out, self._last = out, ""

    def __call__(self, deployment: Deployment) -> None:
        if (said := line(deployment)) != self._last:
            self._out.say(f"{datetime.now(timezone.utc):%H:%M:%SZ} ", said)
            self._last = said
