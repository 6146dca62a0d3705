"""People sign in, so that they can decide at gates from a terminal."""

import getpass
import re
import socket
from collections.abc import Mapping
from typing import Any

import click

from tealgate import device, stored
from tealgate.api import Api, Given, at, checked
from tealgate.commands.options import everywhere
from tealgate.endings import Ending
from tealgate.session import Session
from tealgate.stored import Login

_LONGEST = 50


@click.command()
@click.argument("address", required=False, metavar="[URL]")
@everywhere
@click.pass_obj
def login(session: Session, /, address: str | None) -> None:
    """Sign in by way of a browser, here or on any other machine."""
    if address:
        session.given_url = address
    url = checked(session.url)

    def show(codes: Mapping[str, Any]) -> None:
        session.out.note(f"Open {codes['verification_uri_complete']} and compare the code: {codes['user_code']}")

    made, person = device.sign_in(url, _this_terminal(), show)
    place = stored.save(made)
    session.out.result({"outcome": "signed-in", "exit_code": 0, "person": person, "url": url, "until": made.expires_at})
    session.out.say(f"Signed in to {url} as {person}; kept in {place} until {made.expires_at[:16]} UTC.")


def _this_terminal() -> str:
    """As the page shows it to whoever is asked to allow it."""
    name = f"tealgate of {getpass.getuser()} on {socket.gethostname()}"
    return re.sub(r"[^A-Za-z0-9 ._@'-]", "-", name)[:_LONGEST]


@click.command()
@everywhere
@click.pass_obj
def logout(session: Session, /) -> None:
    """Forget who signed in, and end the token."""
    ended = _ended(stored.load())
    stored.forget()
    session.out.result({"outcome": "signed-out", "exit_code": 0, "ended": ended})
    session.out.say(
        "Signed out." if ended else "Signed out here. The token ends by itself within hours, or on the page Terminals."
    )


def _ended(login: Login | None) -> bool:
    """Whether Tealgate knows. It may be away, and the token over."""
    if login is None:
        return False
    try:
        Api(login.url, Given(login.token), patience=0).post(at("device", "sign-out"))
    except Ending:
        return False
    return True
