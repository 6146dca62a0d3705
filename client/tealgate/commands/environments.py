"""What is live where, and whether everything is in place."""

import click

from tealgate.api import at
from tealgate.commands.options import Place, everywhere
from tealgate.endings import EndedBadly
from tealgate.session import Session

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "unknown": ("?", "yellow"), "error": ("✗", "red")}


@click.group(invoke_without_command=True)
@everywhere
@click.pass_context
def environments(context: click.Context) -> None:
    """All environments, and what is live there."""
    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    found = list(session.api.listed("/environments"))
    session.out.result({"environments": found})
    if not session.out.as_json:
        for each in sorted(found, key=lambda each: (each["application"], each["rank"])):
            lock = f"  locked by {each['lock']['by']}: {each['lock']['message']}" if each["lock"] else ""
            going = f"  deployment {each['deployment']} is under way" if each["deployment"] else ""
            name = f"{each['application']}/{each['name']}"
            session.out.say(f"{name:<40} {each['live'] or '-':<20} {each['controller']}{going}{lock}")
            if each["outside"]:
                session.out.say(f"  {each['outside']}", colour="yellow")


@environments.command()
@click.argument("place", type=Place(), metavar="APP/ENV")
@click.option("--version", help="A release to look at, too.")
@everywhere
@click.pass_obj
def check(session: Session, place: tuple[str, str], version: str | None) -> None:
    """Preflight: whether everything is in place. It reads AWS and changes nothing; ends with 1 when it is not."""
    report = session.api.get(f"{at('environments', *place)}/preflight", {"version": version} if version else None)
    if not session.out.as_json:
        for level in report["levels"]:
            mark, colour = _MARKS.get(level["level"], (" ", ""))
            for finding in level["findings"]:
                session.out.say(f"{mark} {finding['seen']}", colour=colour)
                if finding["fix"]:
                    session.out.say(f"  {finding['fix']}")
    if not report["passed"]:
        raise EndedBadly(f"{'/'.join(place)} is not ready; each ✗ says what to do.", outcome="not-ready", report=report)
    session.out.result({"outcome": "ready", "exit_code": 0, "report": report})
