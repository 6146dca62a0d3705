"""What the next look has to read, told from what is known: nothing twice, and nothing old before a write."""

from collections.abc import Collection
from datetime import datetime, timedelta

from deployments.aws.values import Service
from deployments.swaps.rolling import polling, rollout
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.steps import marks, one_off_tasks
from deployments.swaps.steps.gate import is_waiting
from deployments.vocabulary import Stage

#: As long as the service's state is still that of preflight; registering a task definition takes a part of a second.
JUST_NOW = timedelta(seconds=2)


def services(snapshot: Snapshot, now: datetime) -> Collection[str]:
    """For batching: the service, when the next observe reads it."""
    stage = snapshot.step.stage
    if stage == Stage.RECONCILE_SERVICE and marks.done(snapshot, "register"):
        return ()
    if stage == Stage.PRE_SCALE_UP and not compares(snapshot, now):
        return ()
    if stage == Stage.SCALE_UP and (polling.is_too_soon(snapshot, now) or just_looked(snapshot, now)):
        return ()
    return (snapshot.settings.service_name,)


def compares(snapshot: Snapshot, now: datetime) -> bool:
    """When a gate opens, while it is open, and right before each one-off task: what preflight read is old by then."""
    if is_waiting(snapshot, now) or (snapshot.step.gate is not None and snapshot.gate is None):
        return True
    return one_off_tasks.starts_one(snapshot, now) and not is_fresh(snapshot, now)


def digests_matter(snapshot: Snapshot, service: Service, wanted: str) -> bool:
    """Right before the release is written, and once all tasks have been replaced; nowhere where no tag is named."""
    facts, primary = snapshot.facts, service.primary
    if not snapshot.rolling_back and not marks.done(snapshot, "update"):
        return bool(facts.source_digests)
    by_tag = facts.source_digests if snapshot.rolling_back else facts.target_by_tag
    return bool(by_tag) and primary is not None and rollout.is_complete(service, primary, wanted)


def just_looked(snapshot: Snapshot, now: datetime) -> bool:
    """Whether the update may go by what preflight read. An update that may have happened is looked for, always."""
    if snapshot.rolling_back or marks.done(snapshot, "update") or marks.may_have_happened(snapshot, "UpdateService"):
        return False
    return is_fresh(snapshot, now)


def is_fresh(snapshot: Snapshot, now: datetime) -> bool:
    """Whether preflight's own look will do; never once people were asked, however quick they were."""
    if any(step.gate for step in snapshot.steps[: snapshot.position + 1]):
        return False
    looked_at = snapshot.facts.looked_at
    return looked_at is not None and now - looked_at <= JUST_NOW
