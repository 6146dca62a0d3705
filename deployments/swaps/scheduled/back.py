"""SCHEDULED_TASKS on the way back: each starter gets what it had, as far as nobody else has been there since. Pure.

A family that is named alone gets one more revision, with the contents of the one before: the newest is what starts.
"""

from dataclasses import dataclass
from datetime import datetime

from deployments.aws.actions import Made, RegisterTaskDefinition
from deployments.aws.values.scheduled import family_of
from deployments.swaps.decisions import Act, Advance, Decision, Known, Note, Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import FoundStarter
from deployments.swaps.scheduled import remaining, words
from deployments.swaps.scheduled.forward import not_taken, order
from deployments.swaps.scheduled.observe import Seen
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import DEPLOYMENT_TAG


@dataclass(frozen=True, kw_only=True)
class Copied(Act):
    """What it makes is no service's, and nobody asks for its number."""

    def known(self, before: Known, made: Made) -> Known:
        return before.marked(self.mark)


def decide(snapshot: Snapshot[Facts], seen: Seen, now: datetime) -> Decision:
    if one := remaining.to_put_back(snapshot):
        return _put_back(snapshot, seen, one)
    if one := remaining.to_restore(snapshot):
        return _restore(snapshot, seen, one)
    return _verify(snapshot, seen, now)


def _put_back(snapshot: Snapshot[Facts], seen: Seen, one: FoundStarter) -> Decision:
    there, mark = seen.starters.get(remaining.starter(one).key), remaining.mark_back(snapshot, one)
    if there is None:
        return Note(reason=words.gone(one), facts=snapshot.facts.marked(mark))
    ours = snapshot.facts.scheduled.get(one.revision, "")
    if there.task_definition not in (one.task_definition, ours):
        return Note(reason=words.changed(one, there.task_definition), facts=snapshot.facts.marked(mark))
    return Act(
        reason=f"{words.capitalized(one)} starts {short(one.task_definition)} again",
        action=order(one, task_definition=one.task_definition, expected=ours),
        mark=mark,
        found=Made() if there.task_definition == one.task_definition else None,
    )


def _restore(snapshot: Snapshot[Facts], seen: Seen, one: FoundStarter) -> Decision:
    base, newest = seen.base, seen.newest[family_of(one.revision)]
    if base is None:
        raise ValueError("the revision to go back to was not read")
    mark, back = remaining.mark_back(snapshot, one), remaining.tag(snapshot, one.revision, back=True)
    if newest.arn == one.revision:
        said = f"{words.capitalized(one)} starts {short(one.revision)} as before: no newer revision was registered."
        return Note(reason=said, facts=snapshot.facts.marked(mark))
    if newest.tags.get(DEPLOYMENT_TAG) not in (remaining.tag(snapshot, one.revision), back):
        return Note(reason=words.newer(one, newest.arn), facts=snapshot.facts.marked(mark))
    copied = seen.registered or (newest if newest.tags.get(DEPLOYMENT_TAG) == back else None)
    return Copied(
        reason=f"{short(one.revision)} registered once more: {remaining.starter(one).called} starts the newest "
        f"revision of {base.family}, and that was the release's",
        action=RegisterTaskDefinition(document=base.document, tags={**base.tags, DEPLOYMENT_TAG: back}),
        mark=mark,
        found=Made(task_definition=copied.arn) if copied else None,
    )


def _verify(snapshot: Snapshot[Facts], seen: Seen, now: datetime) -> Decision:
    others = []
    for one in remaining.touched(snapshot):
        there, ours = seen.starters.get(remaining.starter(one).key), snapshot.facts.scheduled.get(one.revision)
        if there and there.task_definition == ours != one.task_definition:
            return not_taken(snapshot, one, now)
        if there and there.task_definition != one.task_definition:
            others.append(words.changed(one, there.task_definition))
    return Advance(reason=" ".join([words.put_back(snapshot), *others]))
