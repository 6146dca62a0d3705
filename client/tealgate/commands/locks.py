"""Nobody deploys to an environment while it is locked."""

import click

from tealgate.api import at
from tealgate.commands.options import Place, everywhere
from tealgate.session import Session


@click.command()
@click.argument("place", type=Place(), metavar="APP/ENV")
@click.option("--message", required=True, help="Everyone who wants to deploy sees it.")
@click.option("--agents-may-open", is_flag=True, help="Also an agent may open it, which has not set it.")
@everywhere
@click.pass_obj
def lock(session: Session, /, place: tuple[str, str], message: str, agents_may_open: bool) -> None:
    """Lock APP/ENV."""
    body = {"message": message, **({"agents_may_open": True} if agents_may_open else {})}
    environment = session.api.put(f"{at('environments', *place)}/lock", body)
    session.out.result({"outcome": "locked", "exit_code": 0, "environment": environment})
    session.out.say(f"{'/'.join(place)} is locked: {message}")


@click.command()
@click.argument("place", type=Place(), metavar="APP/ENV")
@everywhere
@click.pass_obj
def unlock(session: Session, /, place: tuple[str, str]) -> None:
    """Unlock APP/ENV."""
    environment = session.api.delete(f"{at('environments', *place)}/lock")
    session.out.result({"outcome": "unlocked", "exit_code": 0, "environment": environment})
    session.out.say(f"{'/'.join(place)} is unlocked.")
