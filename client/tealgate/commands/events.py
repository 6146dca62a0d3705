"""The log."""

import json
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import click

from tealgate.api import Api
from tealgate.commands.options import everywhere
from tealgate.session import Session

#: Seconds between two looks at what is new.
EVERY = 2.0
#: Seconds for which it is asked again while Tealgate does not answer.
_PATIENCE = 24 * 3600.0
#: Numbers are given before rows are there to be read, so that a lower one can come after a higher one.
_BEHIND = 200


@click.command()
@click.option("--follow", is_flag=True, help="Go on with what is new, until Ctrl-C.")
@click.option("--kind", help="Only these, such as gate.opened.")
@click.option("--limit", type=click.IntRange(0, 100), default=20, show_default=True, help="How many of before.")
@everywhere
@click.pass_obj
def events(session: Session, /, follow: bool, kind: str | None, limit: int) -> None:
    """The log, oldest first. With --json each is an object in a line of its own."""
    if follow:
        session.api.patience = _PATIENCE
    asked = {"kind": kind} if kind else {}
    before = session.api.get("/events", {**asked, "limit": max(limit, 1)})["items"]
    for event in reversed(before[:limit]):
        _show(session, event)
    if not before and not follow:
        session.out.note("There is no such event." if kind else "Nothing has happened yet.")
    try:
        for event in _new(session.api, asked, before) if follow else ():
            _show(session, event)
    except KeyboardInterrupt:  # that is how it ends
        return


def _new(api: Api, asked: dict[str, Any], before: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each once, by its number within what was read at once."""
    newest = max((event["id"] for event in before), default=0)
    first = newest
    told: deque[int] = deque((event["id"] for event in before), maxlen=10 * _BEHIND)
    while True:
        time.sleep(EVERY)
        found = list(api.listed("/events", {**asked, "after": max(newest - _BEHIND, first, 0), "limit": 100}))
        for event in reversed(found):
            if event["id"] not in told:
                told.append(event["id"])
                yield event
        newest = max((newest, *(event["id"] for event in found)))


def _show(session: Session, event: dict[str, Any]) -> None:
    if session.out.as_json:
        click.echo(json.dumps(event))
    else:
        by = event.get("by") or event["actor"] or "Tealgate"
        session.out.say(f"{event['at'][:19]}Z  {event['kind']:<28} {by}: {event['message']}")
