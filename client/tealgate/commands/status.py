"""How far a deployment is, and what is live in an environment."""

from collections.abc import Mapping
from typing import Any

import click

from tealgate import showing
from tealgate.api import Api, at
from tealgate.commands.deploy import followed
from tealgate.commands.options import Target, everywhere, how_far
from tealgate.session import Session
from tealgate.verdict import Until


@click.command()
@click.argument("target", type=Target(), metavar="APP/ENV|DEPLOYMENT")
@click.option("--watch", is_flag=True, help="Follow it, and end as `deploy --wait` does.")
@how_far
@everywhere
@click.pass_obj
def status(session: Session, /, target: Any, watch: bool, until: str, timeout: float) -> None:
    """What is live in APP/ENV and what happens there, or how far DEPLOYMENT is."""
    environment = None if isinstance(target, int) else session.api.get(at("environments", *target))
    deployment = found(session.api, target, environment)
    if deployment is not None and watch:
        followed(session, deployment, Until(until), timeout)
        return
    session.out.result({"environment": environment, "deployment": deployment})
    if session.out.as_json:
        return
    if environment is not None:
        session.out.say(
            f"{environment['application']}/{environment['name']}: live is {environment['live'] or 'nothing'}."
        )
        if environment["outside"]:
            session.out.say(environment["outside"], colour="yellow")
    if deployment is not None:
        width = showing.width() if session.out.is_terminal else showing.UNLIMITED
        for line, colour in showing.table(deployment, width):
            session.out.say(line, colour=colour)
        session.out.say(session.api.page(deployment["id"]))


def found(api: Api, target: Any, environment: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The deployment of this number, or the newest of an environment; None where there was none."""
    if isinstance(target, int):
        return dict(api.get(at("deployments", target)))
    environment = environment or api.get(at("environments", *target))
    number = environment["deployment"]
    if number is None:
        application, name = target
        newest = api.get("/deployments", {"application": application, "environment": name, "limit": 1})["items"]
        number = newest[0]["id"] if newest else None
    return None if number is None else dict(api.get(at("deployments", number)))
