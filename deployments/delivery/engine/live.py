"""What is live in an environment: the board shows it, and the next deployment goes back to it."""

from datetime import datetime

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.vocabulary import Role


def note(deployment: Deployment, live: Role | None, now: datetime) -> None:
    """Within the transaction that records what told of it. None: nobody knows better."""
    brought = {"live_release": deployment.release_id, "live_slot": deployment.target_slot}
    before = {"live_release": deployment.source_release_id, "live_slot": deployment.source_slot}
    environment = Environment.objects.filter(pk=deployment.environment_id)
    match live:
        case Role.TARGET:  # since it was first seen, however often it is told
            told = {**brought, "live_since__gte": deployment.created_at}
            environment.exclude(**told).update(**brought, live_since=now)
        case Role.SOURCE:  # unless it counted as live all along
            environment.filter(**brought).update(**before, live_since=now)
