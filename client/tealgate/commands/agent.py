"""`tealgate mcp`: for an agent, by a token of its own."""

import os

import click

from tealgate.api import Api, Given
from tealgate.commands.options import everywhere
from tealgate.endings import Refused
from tealgate.session import Session


@click.command()
@everywhere
@click.pass_obj
def mcp(session: Session) -> None:
    """Tools for an agent, as a Model Context Protocol server on standard input and output.

    They read, compare, preview, register, ask and watch, as far as its token allows; none decides at a gate. Only the
    token in TEALGATE_TOKEN is used, never that of `tealgate login`.
    """
    url = session.given_url or os.environ.get("TEALGATE_URL", "").strip()
    secret = os.environ.get("TEALGATE_TOKEN", "").strip()
    if not url or not secret:
        raise Refused("An agent needs TEALGATE_URL and a token of its own in TEALGATE_TOKEN.")
    try:
        from tealgate import mcp as tools
    except ModuleNotFoundError as missing:
        raise Refused(
            f"It needs the package mcp ({missing}): pipx install 'tealgate[mcp]', with Python 3.10 or later."
        ) from missing
    tools.serve(Api(url, Given(secret), tell=session.out.note))
