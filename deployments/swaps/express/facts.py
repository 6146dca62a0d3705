"""What a swap by Express Mode knows."""

from dataclasses import dataclass
from datetime import datetime

from deployments.swaps import decisions
from deployments.swaps.facts import Facts


@dataclass(frozen=True, kw_only=True)
class ExpressFacts(Facts):
    LIMITS_FROM = (*Facts.LIMITS_FROM, "again_at")

    #: ARN; UpdateExpressGatewayService takes no name
    service: str = ""
    #: ARN of ECS's own deployment, and when ECS was told to deploy
    service_deployment: str = ""
    updated_at: datetime | None = None
    #: what ECS has made for the service, and the target group in which it puts the release's tasks; "" = not known
    load_balancer: str = ""
    production_rule: str = ""
    target_group: str = ""
    #: names of the alarms by which ECS rolls back
    own_alarms: tuple[str, ...] = ()
    #: when the release first had a share of production
    shifted_at: datetime | None = None
    #: ARN of the deployment by which ECS goes back after it had finished, and when it was told to
    again: str = ""
    again_at: datetime | None = None


Snapshot = decisions.Snapshot[ExpressFacts]
