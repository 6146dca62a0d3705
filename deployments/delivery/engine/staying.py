"""What a repair or a first release does when it fails: it stays, as there is nothing good to go back to by itself.

A person may go back all the same. Before the release has traffic the way back moves none, so it tidies up as ever.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from deployments.aws.protocol import Gateway
from deployments.delivery.engine import parting
from deployments.delivery.models import Deployment
from deployments.swaps.base import Controller
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.steps import called
from deployments.vocabulary import DeploymentKind, Role, Status
from deployments.words import full_stop

_ASKED = (Status.STOP_REQUESTED, Status.ROLLBACK_REQUESTED, Status.ROLLBACK_IN_PROGRESS)
_NEXT = "Deploy a release that mends it, as a repair; or choose Go back."
_BEFORE = {
    DeploymentKind.REPAIR: "What ran before was sick, so it was not turned back",
    DeploymentKind.FIRST: "Nothing ran before, so there is nothing to turn back to",
}


def stays(deployment: Deployment, controller: Controller[Any, Any], snapshot: Snapshot[Facts]) -> bool:
    """Whether a failure leaves all as it is: nobody asked to go back, and what was there is not to be trusted."""
    if snapshot.settings.kind == DeploymentKind.NORMAL or deployment.status in _ASKED:
        return False
    return controller.release_may_serve(snapshot)


def left(
    deployment: Deployment,
    controller: Controller[Any, Any],
    snapshot: Snapshot[Facts],
    reason: str,
    gateway: Gateway,
    clock: Callable[[], datetime],
) -> tuple[str, Facts, Role | None]:
    """How it ends where it is, once what is the owner's went back to the owner: why, the facts, and what is live."""
    facts, not_given = parting.give_back(deployment, controller, snapshot, gateway, clock)
    said = sentence(snapshot, f"{full_stop(reason)} {not_given}".strip(), controller.goes_on)
    return said, facts, _live(snapshot)


def sentence(snapshot: Snapshot[Facts], reason: str, goes_on: str) -> str:
    """Why it stopped, where traffic is now, and what to do next. `goes_on`: who does by itself, "" = nobody."""
    kind = DeploymentKind(snapshot.settings.kind)
    further = f", and {goes_on} goes on with it by itself" if goes_on else ""
    return f"{full_stop(reason)} {_BEFORE[kind]}: {_where(snapshot)}{further}. {_NEXT}"


def _live(snapshot: Snapshot[Facts]) -> Role | None:
    """Whose release has all traffic; None where that is not ours to tell."""
    return Role.TARGET if snapshot.facts.percent >= 100 and snapshot.target else None


def _where(snapshot: Snapshot[Facts]) -> str:
    new, share = called.new(snapshot), snapshot.facts.percent
    if snapshot.target is None or snapshot.source is None:
        return f"{snapshot.settings.service_name or snapshot.settings.label} was left as it is"
    if share >= 100:
        return f"all production traffic is on {new}"
    return f"{share:g} % of production traffic is on {new}, the rest on {called.old(snapshot)}"
