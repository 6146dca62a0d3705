"""What waits for people, and what they answer."""

from typing import Any

import click

from tealgate import evidence
from tealgate.api import Api, at
from tealgate.commands.options import Target, everywhere
from tealgate.endings import Refused
from tealgate.session import Session

Gate = dict[str, Any]
_gate = click.argument("target", type=Target(), metavar="GATE|APP/ENV")


@click.group(invoke_without_command=True)
@everywhere
@click.pass_context
def gates(context: click.Context) -> None:
    """What waits for people now."""
    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    found = list(session.api.listed("/gates", {"open": "true"}))
    session.out.result({"gates": found})
    if not session.out.as_json:
        for gate in found:
            _line(session, gate)
        if not found:
            session.out.note("Nobody is waited for: no gate is open.")


@gates.command()
@_gate
@everywhere
@click.pass_obj
def show(session: Session, /, target: Any) -> None:
    """One of them, with its evidence."""
    gate = _found(session.api, target)
    session.out.result({"gate": gate})
    if not session.out.as_json:
        _show(session, gate)


@click.command()
@_gate
@click.option("--comment", default="", help="Kept with the decision.")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@everywhere
@click.pass_obj
def approve(session: Session, /, target: Any, comment: str, yes: bool) -> None:
    """Let it go on, as a person who signed in: `tealgate login`. What you were shown is what you approve."""
    gate = _found(session.api, target)
    _show(session, gate)
    if not yes:
        _asked_once_more()
    _decided(session, gate, "approve", {"fingerprint": gate.get("fingerprint", ""), "comment": comment})


@click.command()
@_gate
@click.option("--comment", required=True, help="Why; kept with the decision.")
@everywhere
@click.pass_obj
def reject(session: Session, /, target: Any, comment: str) -> None:
    """Turn it back, as a person who signed in."""
    gate = _found(session.api, target)
    _show(session, gate)
    _decided(session, gate, "reject", {"comment": comment})


def _asked_once_more() -> None:
    """Raises Refused unless somebody says yes."""
    try:
        said = click.confirm("Approve?", err=True)
    except click.Abort as nobody:
        raise Refused("Nothing was decided: nobody said yes. Without a terminal, say --yes.") from nobody
    if not said:
        raise Refused("Nothing was decided.")


def _decided(session: Session, gate: Gate, verdict: str, body: dict[str, str]) -> None:
    after = session.api.post(at("gates", gate["id"], verdict), {name: said for name, said in body.items() if said})
    session.out.result({"outcome": verdict, "exit_code": 0, "gate": after})
    given = sum(each["verdict"] == "APPROVE" for each in after["decisions"])
    session.out.say(
        f"Gate {after['id']}: {verdict} counts. {given} of {after['approvals_needed']} approvals are given."
    )


def _found(api: Api, target: Any) -> Gate:
    """By its number, or the open one of an environment."""
    if isinstance(target, int):
        return dict(api.get(at("gates", target)))
    for gate in api.listed("/gates", {"open": "true"}):
        if (gate["application"], gate["environment"]) == target:
            return gate
    raise Refused(f"No gate is open for {'/'.join(target)}.")


def _line(session: Session, gate: Gate) -> None:
    session.out.say(
        f"Gate {gate['id']}: {gate['version']} on {gate['application']}/{gate['environment']}, {gate['stage']}, "
        f"{gate['status']}, until {gate['expires_at'][:16]}Z: {session.api.page(gate['deployment'])}"
    )


def _show(session: Session, gate: Gate) -> None:
    """Texts of whoever asked are data: said with whose they are."""
    _line(session, gate)
    for name, label in (("requested_by", "Asked for by"), ("why", "Their reason"), ("refusal", "You may not")):
        if gate.get(name):
            session.out.say(f"  {label}: {gate[name]}")
    for seen in evidence.lines(gate["evidence"]):
        session.out.say(f"  {seen}")
    for each in gate["decisions"]:
        session.out.say(f"  {each['verdict']} by {each['person']}: {each['comment']}")
