"""When to look again while ECS replaces tasks: soon after something moved and when it should be over, else seldom.

Looks are on a grid of half a second times a power of two that all deployments share, so that those of one
account and cluster are due together and read together.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deployments.aws.values import Service
from deployments.controllers import marks
from deployments.controllers.decisions import Snapshot, Wait

SHORTEST, LONGEST = 0.5, 16.0
#: Around the moment at which draining should be over.
BEFORE, AFTER = timedelta(seconds=1), timedelta(seconds=8)


def wait(snapshot: Snapshot, service: Service, reason: str, now: datetime) -> Wait:
    phase = _phase(service)
    since = now
    if snapshot.facts.get("phase") == phase:
        since = datetime.fromisoformat(snapshot.facts["phase_since"])
    until = _next_look(now, since, _over_at(snapshot.facts, service, since))
    return Wait(reason=reason, until=until, facts={"phase": phase, "phase_since": since.isoformat()})


def is_too_soon(snapshot: Snapshot, now: datetime) -> bool:
    """Whether ECS was told so short a while ago that nothing can have happened."""
    mark = f"back#{snapshot.attempt}" if snapshot.rolling_back else "update"
    if not marks.done(snapshot, mark):
        return False
    return now - datetime.fromisoformat(snapshot.facts["updated_at"]) < timedelta(seconds=SHORTEST / 2)


def wait_to_begin(snapshot: Snapshot, now: datetime) -> Wait:
    return Wait(reason=f"ECS begins to deploy to {snapshot.settings.service_name}", until=_next_look(now, now, None))


def _phase(service: Service) -> str:
    """Changes whenever ECS got one step further."""
    return " ".join(f"{each.id}:{each.running}+{each.pending}-{each.failed_tasks}" for each in service.deployments)


def _over_at(facts: Mapping[str, Any], service: Service, since: datetime) -> datetime | None:
    """When the last old tasks have drained, once only that is left to wait for."""
    primary, drain = service.primary, facts.get("drain_seconds")
    if drain is None or primary is None or primary.running < primary.desired or len(service.deployments) < 2:
        return None
    if any(each.running for each in service.deployments if each is not primary):
        return None
    return since + timedelta(seconds=drain)


def _next_look(now: datetime, since: datetime, over_at: datetime | None) -> datetime:
    pause = min(max((now - since).total_seconds() / 2, SHORTEST), LONGEST)
    if over_at is not None:
        if over_at - BEFORE <= now < over_at + AFTER:
            pause = SHORTEST
        elif now < over_at - BEFORE:
            pause = min(pause, max((over_at - BEFORE - now).total_seconds(), SHORTEST))
    grid = SHORTEST * 2 ** math.floor(math.log2(pause / SHORTEST))
    # Never sooner than half of it, or a look right before a line of the grid would be followed by one on it.
    return datetime.fromtimestamp(math.ceil((now.timestamp() + grid / 2) / grid) * grid, UTC)
