"""Why a deployment ended as it did."""

from deployments.delivery.models import Deployment


def why_it_ended(deployment: Deployment) -> str:
    """Of one that was turned back the cause alone: how it went back stands on its own page."""
    return deployment.status_reason.partition(" Rolled back:")[0].strip()
