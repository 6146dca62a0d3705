"""When to look again while ECS replaces tasks: when something should have happened, else seldom.

Before the update ECS told how long the deployment before this one took, until the old tasks began to drain and until
all was over: the first look is when that should be so again, and a few before it show people what happens meanwhile.
It cannot be over before the old tasks have drained, and the target group tells how long that takes, so from then on
the end is known. What takes longer than it should, or was never seen before, is looked at soon after something moved,
and the longer nothing does the seldomer.

Looks are on a grid of half a second times a power of two that all deployments share, so that those of one
account and cluster are due together and read together.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deployments.aws.values import ProtectedTask, Service
from deployments.preflight.words import spelled
from deployments.swaps.decisions import Wait
from deployments.swaps.facts import sure
from deployments.swaps.rolling import rollout
from deployments.swaps.rolling.facts import RollingFacts, Snapshot
from deployments.swaps.steps import marks, protection

#: Seconds between two looks.
SHORTEST, LONGEST = 0.5, 16.0
#: The same before draining begins, for people who watch tasks start; the shorter draining takes, the shorter.
WATCHED = 8.0
#: The same while it is not yet time for draining to begin, however long that took the last time.
LONGEST_STARTING = 32.0
#: The same while all new tasks run and old ones drain. A new task that dies meanwhile is told so much later.
LONGEST_DRAINING = 64.0


def wait(
    snapshot: Snapshot, service: Service, now: datetime, so_far: str = "", protected: Sequence[ProtectedTask] = ()
) -> Wait:
    """`so_far` begins the sentence that people read; old tasks that are `protected` end it."""
    phase, over_at = _phase(service), _over_at(snapshot.facts, service)
    since = now
    if snapshot.facts.phase == phase:
        since = sure(snapshot.facts.phase_since)
    until = _next_look(snapshot.facts, now, since, over_at)
    # Once it should be over, ECS's own words are all that there is to say.
    seen = rollout.describe(service, over_at if over_at and now < over_at else None)
    facts = replace(snapshot.facts, phase=phase, phase_since=since)
    if protected:
        facts = replace(facts, held_at=now)
    return Wait(reason=f"{so_far}{seen}{protection.explained(protected)}", until=until, facts=facts)


def watching(now: datetime) -> datetime:
    """When to look again at what only Tealgate watches."""
    return _on_grid(now, WATCHED)


def is_too_soon(snapshot: Snapshot, now: datetime) -> bool:
    """Whether ECS was told so short a while ago that nothing can have happened."""
    mark = marks.of_try(snapshot, "back") if snapshot.rolling_back else "update"
    if not marks.done(snapshot, mark):
        return False
    return abs(now - sure(snapshot.facts.updated_at)) < timedelta(seconds=SHORTEST / 2)


def wait_to_begin(snapshot: Snapshot, now: datetime) -> Wait:
    until = _next_look(snapshot.facts, now, now, None)
    last = snapshot.facts.last_time
    took = f"; the deployment before took {spelled(last.completed)}" if last else ""
    return Wait(reason=f"ECS begins to deploy to {snapshot.settings.service_name}{took}", until=until)


def _phase(service: Service) -> str:
    """Changes whenever ECS got one step further."""
    return " ".join(f"{each.id}:{each.running}+{each.pending}-{each.failed_tasks}" for each in service.deployments)


def _over_at(facts: RollingFacts, service: Service) -> datetime | None:
    """When the last old tasks have drained, once only that is left to wait for."""
    primary, drain, began = service.primary, facts.drain_seconds, service.draining_since
    if drain is None or began is None or primary is None or primary.running < primary.desired:
        return None
    if began < sure(facts.updated_at):  # that was an earlier deployment
        return None
    return began + timedelta(seconds=drain)


def _next_look(facts: RollingFacts, now: datetime, since: datetime, over_at: datetime | None) -> datetime:
    drain = facts.drain_seconds or 0
    if over_at is not None:
        if now < over_at:
            return _towards(over_at, now, min(drain / 2, LONGEST_DRAINING))
        since = max(since, over_at)  # as good as a change: any moment now
    elif (expected := _expected(facts, drain)) and now < expected:
        whole = (expected - sure(facts.updated_at)).total_seconds()
        return _towards(expected, now, min(max(whole / 3, WATCHED), LONGEST_STARTING))
    shortest = SHORTEST if over_at is not None else min(drain / 16, WATCHED)
    return _on_grid(now, min(max((now - since).total_seconds() / 2, shortest), LONGEST))


def _expected(facts: RollingFacts, drain: float) -> datetime | None:
    """When draining should begin, or all be over where that follows too soon for looks of their own."""
    last, updated_at = facts.last_time, sure(facts.updated_at)
    if not last:
        return None
    began, completed = last.draining, last.completed
    if (drain if began is None else completed - began) < WATCHED:
        return _up_to(SHORTEST, updated_at + timedelta(seconds=completed + SHORTEST / 2))
    # Nothing is over then: it does not hurt to be late, and those who began together are looked at together.
    return _up_to(WATCHED / 2, updated_at + timedelta(seconds=completed if began is None else began))


def _towards(moment: datetime, now: datetime, pause: float) -> datetime:
    """So long from now, but at that moment when it is nearer to that than half of it."""
    look = _up_to(_grid(pause), now + timedelta(seconds=pause * 3 / 4))
    return look if (moment - look).total_seconds() >= pause / 2 else _up_to(SHORTEST, moment)


def _on_grid(now: datetime, pause: float) -> datetime:
    grid = _grid(pause)
    # Never sooner than half of it, or a look right before a line of the grid would be followed by one on it.
    return _up_to(grid, now + timedelta(seconds=grid / 2))


def _grid(pause: float) -> float:
    return float(SHORTEST * 2 ** math.floor(math.log2(max(pause, SHORTEST) / SHORTEST)))


def _up_to(grid: float, moment: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / grid) * grid, UTC)
