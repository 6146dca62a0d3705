"""Asks for a deployment, and waits for it."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from tealgate import github, showing, waiting
from tealgate.api import Api, at
from tealgate.commands import busy
from tealgate.commands.options import Pair, Place, everywhere, how_far
from tealgate.commands.releases import registered
from tealgate.endings import ENDED_BADLY, GOOD, EndedBadly, Refused
from tealgate.session import Session
from tealgate.verdict import Until, Verdict, name

#: So often a re-run may ask anew within a day.
_MOST_RUNS = 100
Deployment = Mapping[str, Any]


@click.command()
@click.argument("place", type=Place(), metavar="APP/ENV")
@click.argument("version")
@click.option("--image", "images", type=Pair(), multiple=True, metavar="CONTAINER=URI",
              help="Register VERSION of these images first; once for each container.")  # fmt: skip
@click.option("--strategy", help="ALL_AT_ONCE, CANARY, LINEAR, LADDER …; else the environment's own.")
@click.option("--kind", type=click.Choice(["NORMAL", "REPAIR", "FIRST"]), default="NORMAL", show_default=True,
              help="REPAIR where production is sick, FIRST where nothing runs.")  # fmt: skip
@click.option("--reason", help="Kept with the deployment; else which run of the CI it is.")
@click.option("--fingerprint", default="", help="Of a preview: refused when what it stands for has changed.")
@click.option("--key", default="", help="Idempotency-Key; else from the CI's run, so that a re-run finds it again.")
@click.option(
    "--finish-previous",
    is_flag=True,
    help="Where the release before is kept warm, end that first, for it keeps others from being asked for.",
)
@click.option("--wait/--no-wait", default=True, show_default=True)
@how_far
@everywhere
@click.pass_obj
def deploy(session: Session, /, place: tuple[str, str], version: str, images: tuple[tuple[str, str], ...], wait: bool,
           until: str, timeout: float, key: str, finish_previous: bool, **asked: str | None) -> None:  # fmt: skip
    """Deploy VERSION to APP/ENV and wait. Ends with 0 only when this release is live and stays."""
    if images:
        registered(session, place[0], version, images)
    body = {
        "version": version,
        "kind": asked["kind"],
        "reason": asked["reason"] or session.ci.reason or "from a terminal",
    }
    body |= {name: asked[name] for name in ("strategy", "fingerprint") if asked[name]}
    try:
        deployment = asked_for(session, place, body, key)
    except Refused as refused:
        if not finish_previous:
            raise
        busy.end_warm_time(session, place, refused, timeout)
        deployment = asked_for(session, place, body, key)
    session.out.say(f"Deployment {deployment['id']}: {session.api.page(deployment['id'])}")
    github.output(deployment=deployment["id"], url=session.api.page(deployment["id"]))
    if not wait:
        told(session, deployment, Verdict(GOOD, "asked", f"{name(deployment)} is asked for."))
    else:
        followed(session, deployment, Until(until), timeout)


def asked_for(session: Session, place: tuple[str, str], body: Mapping[str, Any], key: str) -> Deployment:
    """A new one, or what an earlier try of the same run has asked for."""
    path, run = f"{at('environments', *place)}/deployments", session.ci.run
    if not (key.isascii() and key.isprintable()):
        raise Refused("--key goes into a header: use letters, digits and signs of ASCII.")
    if key or not run:
        reply = session.api.ask("POST", path, body=body, key=key or str(uuid.uuid4()))
        return _now(session.api, reply.data) if reply.replayed else dict(reply.data)
    for number in range(1, _MOST_RUNS + 1):
        reply = session.api.ask("POST", path, body=body, key=_key(run, path, body, number))
        if not reply.replayed:
            return dict(reply.data)
        deployment = _now(session.api, reply.data)
        if not deployment["is_finished"] or deployment["is_live"]:
            session.out.say(f"Deployment {deployment['id']} was asked for by this run before.")
            return deployment
        session.out.say(f"{name(deployment)}, which this run asked for before, is not live. Asking for another one.")
    raise EndedBadly(
        f"This run has asked {_MOST_RUNS} times within a day. Look at it before you go on.", outcome="failed"
    )


def followed(session: Session, deployment: Deployment, until: Until, seconds: float) -> None:
    """Waits for it, and says how it went."""
    with _grouped(session, deployment):
        deployment, found = waiting.wait(
            session.api, deployment, until, seconds=seconds, show=showing.shower(session.out)
        )
    if session.ci.is_github:
        github.summary(deployment, found.sentence, session.api.page(deployment["id"]))
    told(session, deployment, found)


def told(session: Session, deployment: Deployment, found: Verdict) -> None:
    """Raises EndedBadly when it is not good."""
    more = {"url": session.api.page(deployment["id"]), "deployment": dict(deployment)}
    if found.code == ENDED_BADLY:
        raise EndedBadly(f"{found.sentence} {more['url']}", outcome=found.outcome, **more)
    session.out.result({"outcome": found.outcome, "exit_code": found.code, "sentence": found.sentence, **more})
    session.out.say(found.sentence, colour="green" if found.outcome == "live" else "", bold=True)


@contextmanager
def _grouped(session: Session, deployment: Deployment) -> Iterator[None]:
    """What happens meanwhile, where the log can fold it."""
    if not session.ci.is_github:
        yield
        return
    session.out.raw(github.group(name(deployment)))
    try:
        yield
    finally:
        session.out.raw(github.END_OF_GROUP)


def _now(api: Api, deployment: Deployment) -> Deployment:
    """What was answered may be old."""
    return dict(api.get(at("deployments", deployment["id"])))


def _key(run: str, path: str, body: Mapping[str, Any], number: int) -> str:
    """The same for the same request of the same run, and its re-runs, until that ended without being live."""
    said = json.dumps([run, path, body], sort_keys=True)
    readable = re.sub(r"[^\w:./-]", "-", run, flags=re.ASCII)[:100]
    return f"{readable}:{hashlib.sha256(said.encode()).hexdigest()[:32]}:{number}"
