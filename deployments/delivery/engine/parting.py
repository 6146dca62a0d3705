"""Before a way back ends in failure: what is the owner's goes back to the owner, whatever made it fail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.delivery.engine import record
from deployments.delivery.models import Deployment
from deployments.swaps.base import Controller
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts


def give_back(
    deployment: Deployment,
    controller: Controller[Any, Any],
    snapshot: Snapshot[Facts],
    gateway: Gateway,
    clock: Callable[[], datetime],
) -> tuple[Facts, str]:
    """The facts with what was done, and a sentence where it could not be; "" where nothing is left to say."""
    try:
        act = controller.parting(snapshot, gateway)
        if act is None:
            return snapshot.facts, ""
        record.intended(deployment, act, clock())
        record.acted(deployment, act, gateway.perform(act.action), clock())
    except AwsError as error:
        return snapshot.facts, f"What the service's owner has set there was not given back either: {error.sentence}"
    return snapshot.facts.marked(act.mark), ""
