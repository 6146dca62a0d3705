"""Somebody started anew what ECS had finished with, such as for a secret that was rotated.

It is the same task definition, so it is as planned; but ECS shifts to the other slot for it. So the slots change
places once ECS is done: what has all traffic is what had it, and nothing is to be set right by hand.
"""

from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Decision, Note, Wait
from deployments.swaps.ecs import following
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import rules
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role, Status

UNDER_WAY = (Status.PENDING, Status.IN_PROGRESS, Status.STOP_REQUESTED, Status.ROLLBACK_REQUESTED)


def followed(snapshot: Snapshot, observed: Observed, role: Role) -> Decision | None:
    """To its end; None when nobody started anything, or when `role` has all traffic where it is expected."""
    later = observed.later
    if later is None or rules.all_on(snapshot, observed.production) is role:
        return None
    if hook := following.hook_to_answer(snapshot, later):
        return following.go_on(
            snapshot, later, hook, f"ECS may go on after {later.stage}: somebody started anew what runs"
        )
    if is_under_way(later):
        shown = rules.describe(snapshot, observed.production) if observed.production else "nothing"
        return Wait(reason=f"{_said(observed, later)}, and ECS shifts to it: the production rule shows {shown}")
    return swapped(snapshot, observed, role)


def swapped(snapshot: Snapshot, observed: Observed, role: Role) -> Note | None:
    """Once it has all traffic, where `role` was not expected."""
    later, source, target = observed.later, snapshot.source, snapshot.target
    live = rules.all_on(snapshot, observed.production)
    if later is None or is_under_way(later) or source is None or target is None or live in (None, role):
        return None
    serves = target if live is Role.TARGET else source
    return Note(reason=f"{_said(observed, later)}, and it serves from {serves} now", slots=(target, source), live=role)


def is_under_way(later: NativeDeployment | None) -> bool:
    return later is not None and later.status in UNDER_WAY


def _said(observed: Observed, later: NativeDeployment) -> str:
    runs = short(observed.service.task_definition) if observed.service else "it"
    return f"Somebody started {runs} anew ({later.arn})"
