"""Why a deployment turned back, and why that could not be finished: one sentence each, however often it is tried."""

from deployments.delivery.models import Deployment
from deployments.words import full_stop

_UNFINISHED = "The roll back could not be finished"


def why_it_turned_back(deployment: Deployment) -> str:
    """Without what became of earlier tries, which are in the log: else the reason would grow with every retry."""
    return deployment.status_reason.partition(f" {_UNFINISHED}: ")[0]


def unfinished(deployment: Deployment, reason: str) -> str:
    return f"{full_stop(why_it_turned_back(deployment))} {_UNFINISHED}: {reason}"
