"""SCHEDULED_TASKS on the way there: found, noted, revisions made, then one starter after the other. Pure.

Nothing of it is made before production was shifted and everybody was asked: a rule that names a family alone starts its
newest revision, so registering one would already run what nobody has approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deployments.aws.actions import Made, PutTargets, RegisterTaskDefinition, UpdateSchedule
from deployments.aws.values import TaskDefinition
from deployments.aws.values.scheduled import RULE, family_of, names_revision
from deployments.definitions.making import CannotBeMade
from deployments.definitions.scheduled import document, images_for
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Known, Note, Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.swaps.reports import FoundStarter
from deployments.swaps.scheduled import remaining, words
from deployments.swaps.scheduled.observe import Seen
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import DEPLOYMENT_TAG, RELEASE_TAG

#: So long EventBridge may show what was there before.
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Registered(Act):
    """What it makes is no service's."""

    #: ARN of what it is made from
    revision: str

    def known(self, before: Known, made: Made) -> Known:
        made_from = {**before.scheduled, self.revision: made.task_definition}
        return replace(before, scheduled=made_from).marked(self.mark)


def decide(snapshot: Snapshot[Facts], seen: Seen, now: datetime) -> Decision:
    if seen.found is not None:
        return _note(snapshot, seen.found)
    if not snapshot.facts.starters:
        return Advance(reason=words.nothing(snapshot))
    if revision := remaining.to_register(snapshot.facts):
        return _register(snapshot, seen, revision)
    if one := remaining.to_switch(snapshot.facts):
        return _switch(snapshot, seen, one)
    return _verify(snapshot, seen, now)


def _note(snapshot: Snapshot[Facts], found: tuple[FoundStarter, ...]) -> Decision:
    """What was found, before any of it is written; those of the service's own family get the release's revision."""
    ours, made = family_of(snapshot.facts.task_definition), snapshot.facts.task_definition
    own = [each for each in found if family_of(each.revision) == ours]
    for each in own:
        if not names_revision(each.task_definition):
            return Fail(reason=words.starts_unapproved(each))
    facts = replace(snapshot.facts, starters=found, scheduled={each.revision: made for each in own})
    if missing := words.unstarted(snapshot, found):
        facts = replace(facts, warnings=(*facts.warnings, missing))
    return Note(reason=words.found(snapshot, found), facts=facts)


def _register(snapshot: Snapshot[Facts], seen: Seen, revision: str) -> Decision:
    base = seen.base
    if base is None:
        raise ValueError("the revision to begin with was not read")
    spec = next(each for each in snapshot.settings.scheduled if each.family == base.family)
    try:
        images = images_for(base, spec, snapshot.artefact, snapshot.settings)
    except CannotBeMade as error:
        return Fail(reason=str(error))
    return Registered(
        reason=f"{short(revision)} registered anew with the images of {snapshot.artefact.version}: "
        f"{', '.join(sorted(images))}",
        action=RegisterTaskDefinition(document=document(base, images), tags=_tags(snapshot, base)),
        mark=f"{remaining.MARK}register:{short(revision)}",
        found=Made(task_definition=seen.registered.arn) if seen.registered else None,
        revision=base.arn,
    )


def _tags(snapshot: Snapshot[Facts], base: TaskDefinition) -> Mapping[str, str]:
    ours = {DEPLOYMENT_TAG: remaining.tag(snapshot, base.arn), RELEASE_TAG: snapshot.artefact.version}
    return {**base.tags, **ours}


def _switch(snapshot: Snapshot[Facts], seen: Seen, one: FoundStarter) -> Decision:
    there = seen.starters.get(remaining.starter(one).key)
    wanted = snapshot.facts.scheduled[one.revision]
    if there is None:
        return _left(snapshot, one, words.gone(one))
    if there.task_definition not in (one.task_definition, wanted):
        return _left(snapshot, one, words.changed(one, there.task_definition))
    return Act(
        reason=f"{words.capitalized(one)} starts {short(wanted)} ({snapshot.artefact.version}) from now on, instead of "
        f"{short(one.task_definition)}",
        action=order(one, task_definition=wanted, expected=one.task_definition),
        mark=remaining.mark("on", one),
        found=Made() if there.task_definition == wanted else None,
    )


def order(one: FoundStarter, *, task_definition: str, expected: str) -> PutTargets | UpdateSchedule:
    if one.kind == RULE:
        return PutTargets(rule=one.name, target=one.target, task_definition=task_definition, expected=expected)
    return UpdateSchedule(schedule=one.name, task_definition=task_definition, expected=expected)


def _left(snapshot: Snapshot[Facts], one: FoundStarter, sentence: str) -> Note:
    facts = snapshot.facts.marked(remaining.mark("left", one))
    return Note(reason=sentence, facts=replace(facts, warnings=(*facts.warnings, sentence)))


def _verify(snapshot: Snapshot[Facts], seen: Seen, now: datetime) -> Decision:
    """Read back: each starts what it was told to, or somebody else has been there since."""
    facts, warnings = snapshot.facts, []
    for one in remaining.switched(facts):
        there, wanted = seen.starters.get(remaining.starter(one).key), facts.scheduled[one.revision]
        shown = there.task_definition if there else ""
        if shown == one.task_definition != wanted:
            return not_taken(snapshot, one, now)
        if shown != wanted:
            warnings.append(words.changed(one, shown) if shown else words.gone(one))
    for one in remaining.unnamed(facts):
        newest = seen.newest[family_of(one.revision)]
        if newest.arn != facts.scheduled[one.revision]:
            warnings.append(words.newer(one, newest.arn))
    facts = replace(facts, warnings=(*facts.warnings, *warnings)) if warnings else facts
    return Advance(reason=" ".join([words.switched(snapshot), *warnings]), facts=facts)


def not_taken(snapshot: Snapshot[Facts], one: FoundStarter, now: datetime) -> Decision:
    said = f"EventBridge still shows what {remaining.starter(one).called} started before"
    if now - snapshot.step_started_at < PATIENCE:
        return Wait(reason=said)
    return Fail(reason=f"{said}, although it took the change: somebody put it back, or it was lost.")
