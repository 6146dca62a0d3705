"""When to look again while ECS replaces tasks: soon after something moved and when it should be over, else seldom.

It cannot be over before the old tasks have drained, and the target group tells how long that takes. So nothing is
gained by looking often before they begin to, and little while they do: their end is known then.

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
from deployments.controllers.rolling import rollout

#: Seconds between two looks.
SHORTEST, LONGEST = 0.5, 16.0
#: The same before draining begins, for people who watch tasks start; the shorter draining takes, the shorter.
WATCHED = 8.0
#: The same while all new tasks run and old ones drain. A new task that dies meanwhile is told so much later.
LONGEST_DRAINING = 64.0


def wait(snapshot: Snapshot, service: Service, now: datetime, so_far: str = "") -> Wait:
    """`so_far` begins the sentence that people read."""
    phase, over_at = _phase(service), _over_at(snapshot.facts, service)
    since = now
    if snapshot.facts.get("phase") == phase:
        since = datetime.fromisoformat(snapshot.facts["phase_since"])
    until = _next_look(now, since, snapshot.facts.get("drain_seconds"), over_at)
    # Once it should be over, ECS's own words are all that there is to say.
    seen = rollout.describe(service, over_at if over_at and now < over_at else None)
    return Wait(reason=f"{so_far}{seen}", until=until, facts={"phase": phase, "phase_since": since.isoformat()})


def is_too_soon(snapshot: Snapshot, now: datetime) -> bool:
    """Whether ECS was told so short a while ago that nothing can have happened."""
    mark = f"back#{snapshot.attempt}" if snapshot.rolling_back else "update"
    if not marks.done(snapshot, mark):
        return False
    return now - datetime.fromisoformat(snapshot.facts["updated_at"]) < timedelta(seconds=SHORTEST / 2)


def wait_to_begin(snapshot: Snapshot, now: datetime) -> Wait:
    until = _next_look(now, now, snapshot.facts.get("drain_seconds"), None)
    return Wait(reason=f"ECS begins to deploy to {snapshot.settings.service_name}", until=until)


def _phase(service: Service) -> str:
    """Changes whenever ECS got one step further."""
    return " ".join(f"{each.id}:{each.running}+{each.pending}-{each.failed_tasks}" for each in service.deployments)


def _over_at(facts: Mapping[str, Any], service: Service) -> datetime | None:
    """When the last old tasks have drained, once only that is left to wait for."""
    primary, drain, began = service.primary, facts.get("drain_seconds"), service.draining_since
    if drain is None or began is None or primary is None or primary.running < primary.desired:
        return None
    if began < datetime.fromisoformat(facts["updated_at"]):  # that was an earlier deployment
        return None
    return began + timedelta(seconds=drain)


def _next_look(now: datetime, since: datetime, drain: float | None, over_at: datetime | None) -> datetime:
    if drain and over_at is not None and now < over_at:
        return min(_on_grid(now, min(drain / 3, LONGEST_DRAINING)), _up_to(SHORTEST, over_at))
    if over_at is not None:
        since = max(since, over_at)  # as good as a change: any moment now
    shortest = SHORTEST if over_at is not None else min((drain or 0) / 16, WATCHED)
    return _on_grid(now, min(max((now - since).total_seconds() / 2, shortest), LONGEST))


def _on_grid(now: datetime, pause: float) -> datetime:
    grid = SHORTEST * 2 ** math.floor(math.log2(max(pause, SHORTEST) / SHORTEST))
    # Never sooner than half of it, or a look right before a line of the grid would be followed by one on it.
    return _up_to(grid, now + timedelta(seconds=grid / 2))


def _up_to(grid: float, moment: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / grid) * grid, UTC)
