"""Stops a deployment, turns it back, tries that again, keeps the way back open for longer, or does not wait."""

from collections.abc import Callable
from typing import Any

import click

from tealgate import showing, waiting
from tealgate.api import at
from tealgate.commands import status
from tealgate.commands.deploy import told
from tealgate.commands.options import Duration, Target, everywhere
from tealgate.endings import ENDED_BADLY, GOOD, Refused
from tealgate.session import Session
from tealgate.verdict import Until, Verdict, name

#: What it is good for that a stop or a roll back ends with.
_TURNED_BACK = ("STOPPED", "ROLLBACK_SUCCESSFUL")
_target = click.argument("target", type=Target(), metavar="APP/ENV|DEPLOYMENT")


def _turns_back(command: Callable[..., None]) -> click.Command:
    """With what stop, rollback and retry share."""
    for option in (
        click.option("--wait/--no-wait", default=True, show_default=True),
        click.option("--timeout", type=Duration(), default="30m", show_default=True, help="How long to wait."),
    ):
        command = option(command)
    return click.command()(_target(everywhere(click.pass_obj(command))))


_reason = click.option("--reason", default="", help="Kept in the log.")


@_turns_back
@_reason
def stop(session: Session, /, target: Any, reason: str, wait: bool, timeout: float) -> None:
    """Stop it: before anything changed it just ends, after that all traffic goes back."""
    _turned(session, target, "stop", {"reason": reason}, timeout if wait else None)


@_turns_back
@_reason
def rollback(session: Session, /, target: Any, reason: str, wait: bool, timeout: float) -> None:
    """All traffic back to what was live before. Nobody is asked for that."""
    _turned(session, target, "roll-back", {"reason": reason}, timeout if wait else None)


@_turns_back
def retry(session: Session, /, target: Any, wait: bool, timeout: float) -> None:
    """Try a roll back again that failed."""
    _turned(session, target, "retry", {}, timeout if wait else None)


@click.command()
@_target
@click.option("--minutes", type=click.IntRange(1, 20_160), required=True)
@everywhere
@click.pass_obj
def extend(session: Session, /, target: Any, minutes: int) -> None:
    """Keep the previous release warm for longer."""
    _done(session, _acted(session, target, "extend", {"minutes": minutes}))


@click.command("go-on")
@_target
@click.option("--unproven", is_flag=True, help="Also without enough requests to judge by.")
@everywhere
@click.pass_obj
def go_on(session: Session, /, target: Any, unproven: bool) -> None:
    """Go on from this share of production before its time: one step, and past no gate."""
    _done(session, _acted(session, target, "go-on", {"unproven": True} if unproven else {}))


@click.command()
@_target
@everywhere
@click.pass_obj
def finish(session: Session, /, target: Any) -> None:
    """End the warm time now: the previous release goes away."""
    _done(session, _acted(session, target, "finish", {}))


def _turned(session: Session, target: Any, act: str, body: dict[str, Any], seconds: float | None) -> None:
    deployment = _acted(session, target, act, body)
    if seconds is None:
        _done(session, deployment)
        return
    ended, found = waiting.wait(
        session.api, deployment, Until.FINISHED, seconds=seconds, show=showing.shower(session.out)
    )
    good = ended["status"] in _TURNED_BACK
    sentence = f"{name(ended)}: {ended['headline']} {ended['place']}"
    told(session, ended, Verdict(GOOD if good else ENDED_BADLY, found.outcome, sentence))


def _acted(session: Session, target: Any, act: str, body: dict[str, Any]) -> dict[str, Any]:
    deployment = status.found(session.api, target)
    if deployment is None:
        raise Refused(f"Nothing was ever deployed to {'/'.join(target)}.")
    return dict(session.api.post(at("deployments", deployment["id"], act), body))


def _done(session: Session, deployment: dict[str, Any]) -> None:
    told(session, deployment, Verdict(GOOD, "done", f"{name(deployment)}: {deployment['headline']}"))
