"""Others who deploy to the two services meanwhile: what it means at each stage, there and back. Pure.

The target is ours until the end: whatever else is put on it gets no traffic, or loses it. The source is its owner's:
what is put there stays, and a release that has not all traffic yet makes way for it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from deployments.swaps.decisions import Advance, Decision, Fail, Note
from deployments.swaps.service_pair import marks, planned, weights
from deployments.swaps.service_pair.facts import PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.reading import is_source_warm
from deployments.swaps.steps import called, rules
from deployments.swaps.steps.as_planned import Difference, Kind, difference, restarted
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Slot, Stage
from deployments.words import counted

#: Marks of what was told, which changes nothing on AWS.
TOLD = "told:"
#: A mark: the release was replaced after its bake.
THEIRS = "theirs"
#: Differences that somebody made by deploying; a service without tasks is judged by its targets.
_PUT_THERE = (Kind.OTHER_TASK_DEFINITION, Kind.OTHER_IMAGE)

Decide = Callable[[Snapshot, Observed, datetime], Decision]

#: Where production's weights are compared by nobody else.
_BEFORE_PRODUCTION = (Stage.PRE_SCALE_UP, Stage.POST_TEST_TRAFFIC_SHIFT)


def after_comparing(snapshot: Snapshot, observed: Observed, now: datetime, decide: Decide) -> Decision:
    """What somebody else's change demands, else what the stage does, with what was compared."""
    if snapshot.step.stage == Stage.RECONCILE_SERVICE or not observed.services:
        return decide(snapshot, observed, now)
    outside = _outside(snapshot, observed, now)
    if found := _stop(snapshot, observed, now) or _tell(snapshot, observed, now):
        return _with(found, snapshot, outside)
    facts = replace(planned.noted(snapshot, observed.services, observed.tasks), outside=outside)
    decided = decide(replace(snapshot, facts=facts), observed, now)
    return decided if decided.facts or facts == snapshot.facts else replace(decided, facts=facts)


def _with(found: Fail | Note, snapshot: Snapshot, outside: dict[str, str]) -> Decision:
    facts = found.facts if isinstance(found.facts, PairFacts) else snapshot.facts
    return replace(found, facts=replace(facts, outside=outside))


def seen(snapshot: Snapshot, observed: Observed, slot: Slot, now: datetime) -> Difference | None:
    """What is not as planned on a slot's service; None when all that was read of it is."""
    expected, service = planned.expected(snapshot, slot, now), observed.services.get(slot)
    if expected is None or not observed.services:
        return None
    if service and service.task_definition == snapshot.facts.source_pinned:
        return None
    return difference(expected, service, observed.tasks.get(slot))


def _outside(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, str]:
    """What is on each slot instead of what was planned; nothing changes where that is not known."""
    shown = dict(snapshot.facts.outside)
    for slot in Slot:
        if planned.expected(snapshot, slot, now) is None:
            continue
        shown.pop(slot.value, None)
        found, service = seen(snapshot, observed, slot, now), observed.services.get(slot)
        if found and service and found.kind in _PUT_THERE:
            same = found.kind is Kind.OTHER_IMAGE
            shown[slot.value] = f"{'another image of ' if same else ''}{short(service.task_definition)}"
    return shown


def _is_pulled(snapshot: Snapshot, observed: Observed, slot: Slot) -> bool:
    """Whether ECS has started the source's tasks anew by a tag that was moved, without anybody asking for it."""
    service = observed.services.get(slot)
    return service is not None and planned.is_pulled_anew(snapshot, service, observed.tasks.get(slot))


def _stop(snapshot: Snapshot, observed: Observed, now: datetime) -> Fail | None:
    """On the way there, until the release has all traffic for good."""
    if snapshot.rolling_back or snapshot.step.stage == Stage.CLEAN_UP:
        return None
    source, target = marks.slots(snapshot)
    if found := seen(snapshot, observed, target, now):
        return _of_target(snapshot, observed, found)
    if snapshot.facts.percent < 100 and (found := seen(snapshot, observed, source, now)):
        return Fail(reason=f"{found.sentence} {_of_source(snapshot, source, _is_pulled(snapshot, observed, source))}")
    changed = _rules(snapshot, observed) if snapshot.step.stage in _BEFORE_PRODUCTION else ""
    return Fail(reason=changed) if changed else None


def _of_target(snapshot: Snapshot, observed: Observed, found: Difference) -> Fail | None:
    """None where the scale-up says it, which knows what the targets answered."""
    source, target = marks.slots(snapshot)
    service = observed.services.get(target)
    put_back = service is not None and planned.is_put_back_by_ecs(service)
    if snapshot.step.stage == Stage.SCALE_UP and (put_back or found.kind is Kind.GONE):
        return None
    seen = f"{found.seen}: ECS gave the release up itself." if put_back else found.sentence
    then = f"{called.new(snapshot)} gets no production traffic"
    if snapshot.facts.percent:
        then = f"all traffic goes back to {called.old(snapshot)}"
    return Fail(reason=f"{seen} It is not what was approved, so {then}.")


def _of_source(snapshot: Snapshot, source: Slot, is_pulled: bool) -> str:
    if snapshot.facts.percent and is_pulled:
        return f"All traffic goes back to {called.old(snapshot)}, and to the digests that ran before."
    if snapshot.facts.percent:
        return "It is left alone: its owner wants that, so all traffic goes back to it as it is now."
    return f"It is left alone, and {snapshot.artefact.version} gets no production traffic."


def _rules(snapshot: Snapshot, observed: Observed) -> str:
    if observed.production is None:
        return ""
    if changed := weights.changed_by_someone_else(snapshot, observed):
        return changed
    _, target = marks.slots(snapshot)
    test, on_target = observed.test, snapshot.target_group(target)
    if test is None or not marks.done(snapshot, "test_shift") or test.share(on_target) == 100:
        return ""
    return f"Someone else changed the test rule: it shows {rules.describe(snapshot, test)}."


def _tell(snapshot: Snapshot, observed: Observed, now: datetime) -> Note | None:
    """What changes nothing of the plan, once."""
    for slot in Slot:
        changed = _changed_source(snapshot, observed, slot, now)
        sentence, service = changed or _restarted(snapshot, observed, slot, now), observed.services.get(slot)
        mark = f"{TOLD}{slot.value}:{service.primary.id if service and service.primary else 'gone'}"
        if sentence and not marks.done(snapshot, mark):
            facts = snapshot.facts.marked(mark)
            warned = bool(changed) and not snapshot.rolling_back
            return Note(reason=sentence, facts=_warned(facts, sentence) if warned else facts)
    return None


def _warned(facts: PairFacts, sentence: str) -> PairFacts:
    """With a warning instead of an earlier one that begins as it does: it tells of the same."""
    seen = sentence.partition(". ")[0]
    others = tuple(each for each in facts.warnings if each.partition(". ")[0] != seen)
    return replace(facts, warnings=(*others, sentence))


def _changed_source(snapshot: Snapshot, observed: Observed, slot: Slot, now: datetime) -> str:
    if slot is not snapshot.source or not (found := seen(snapshot, observed, slot, now)):
        return ""
    is_pulled = _is_pulled(snapshot, observed, slot)
    if snapshot.rolling_back and (is_pulled or found.kind is Kind.GONE):
        return ""  # what is done about it is told
    if snapshot.rolling_back:
        return f"{found.sentence} It is left alone: traffic goes back to it as it is now."
    if snapshot.step.stage == Stage.CLEAN_UP and not is_source_warm(snapshot, now):
        return ""  # it is told where it is decided, at the end
    back = "to the digests that ran before" if is_pulled else "to it as it is then"
    return (
        f"{found.sentence} It gets no production traffic, since {snapshot.artefact.version} has all of it. It is left "
        f"alone, and a roll back would go {back}."
    )


def _restarted(snapshot: Snapshot, observed: Observed, slot: Slot, now: datetime) -> str:
    expected, last = planned.expected(snapshot, slot, now), snapshot.facts.compared.get(slot)
    service = observed.services.get(slot)
    if snapshot.rolling_back or expected is None or last is None or service is None:
        return ""
    anew = restarted(expected, service, last.deployment)
    return f"{service.name}: {anew}; the deployment goes on" if anew else ""


def at_the_end(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision | None:
    """Before the source is scaled down, and after; None when both services are as planned.

    Whatever serves on the target by now is its owner's, as after any deployment: no success is told, nothing is undone.
    """
    source, target = marks.slots(snapshot)
    found, service = seen(snapshot, observed, target, now), observed.usable(source)
    if found and found.kind in _PUT_THERE:
        return Fail(reason=found.sentence, facts=snapshot.facts.marked(THEIRS))
    found = seen(snapshot, observed, source, now)
    if service is None or found is None or found.kind not in _PUT_THERE or marks.done(snapshot, "scale_down"):
        return None
    if _is_pulled(snapshot, observed, source):
        return None
    kept = f"{service.name} was left with its {counted(service.desired, 'task')}"
    warning = f"{found.sentence} It gets no production traffic, and {kept}."
    reason = f"{snapshot.artefact.version} has all traffic; {kept}"
    return Advance(reason=reason, facts=_warned(snapshot.facts, warning))


def left_to_them(snapshot: Snapshot, observed: Observed) -> Fail | None:
    """On the way back that somebody else's release at the end has begun: a person decides, by trying it again."""
    source, _ = marks.slots(snapshot)
    if snapshot.attempt or not marks.done(snapshot, THEIRS):
        return None
    service = observed.usable(source)
    name = snapshot.service(source)
    kept = f"{name} keeps its {counted(service.desired, 'task')}" if service else f"{name} is gone"
    return Fail(
        reason=f"what runs there has all traffic and was left alone, and {kept}. Deploy the release that you want, or "
        f"try the roll back again: then all traffic goes to {name}."
    )
