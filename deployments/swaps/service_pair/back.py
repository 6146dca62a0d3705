"""SERVICE_PAIR's way back: traffic first, then the test listener, then the target is scaled to 0.

It needs no approval. It writes over weights that someone else moved between the two slots, because 100 % on
the source is where everything started; it leaves alone a rule that forwards anywhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import SetWeights, UpdateService
from deployments.aws.values import Rule
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.service_pair import marks, neighbours, weights
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.scaling import may_be_ours, set_scaling
from deployments.swaps.service_pair.warming import unread, warm_source
from deployments.swaps.steps import called, protection, rules
from deployments.vocabulary import Stage
from deployments.words import begun, counted


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return neighbours.after_comparing(snapshot, observed, now, _STAGES[snapshot.step.stage])


def _done(snapshot: Snapshot, mark: str) -> bool:
    return marks.done(snapshot, marks.of_try(snapshot, mark))


def _shift_back(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, _ = marks.slots(snapshot)
    if observed.production is None:
        raise ValueError("the production rule was not read")
    if left := neighbours.left_to_them(snapshot, observed):
        return left
    ours = [rule for rule in observed.production_rules if not rules.strangers(snapshot, rule)]
    for rule in ours:
        if decision := _one_back(snapshot, observed, rule, now):
            return decision
    for rule in observed.production_rules:
        if foreign := rules.strangers(snapshot, rule):
            which = begun(weights.named(snapshot, rule))
            return Fail(
                reason=f"{which} was left alone because {foreign}; traffic is where someone else put it "
                f"({rules.describe(snapshot, rule)}). Set the rule right, then try the roll back again."
            )
    return Advance(reason=f"All production traffic is on {_where(snapshot)}")


def _one_back(snapshot: Snapshot, observed: Observed, rule: Rule, now: datetime) -> Decision | None:
    """What one rule still takes; None when it is back."""
    source, _ = marks.slots(snapshot)
    mark = marks.of_try(snapshot, weights.mark_of(snapshot, "back", rule))
    written = marks.done(snapshot, mark)
    if rule.share(snapshot.target_group(source)) == 100:
        if written or not _moved_traffic(snapshot):
            return None
    elif written:
        return Fail(
            reason=f"Someone else changed {weights.named(snapshot, rule)} during the roll back: it shows "
            f"{rules.describe(snapshot, rule)}. Set it right, then try the roll back again."
        )
    wanted, first = weights.for_share(snapshot, source, 100), weights.is_first(snapshot, rule)
    facts = snapshot.facts.with_weights(rule.arn, wanted, first=first)
    return warm_source(snapshot, observed, now) or Act(
        reason=f"Production: 100 % back to {_where(snapshot)}{weights.of_which(snapshot, rule)}",
        action=SetWeights(rule=rule.arn, weights=wanted, expected=None),
        mark=mark,
        facts=replace(facts, percent=0) if first else facts,
    )


def _where(snapshot: Snapshot) -> str:
    """The old release; the service's own name where somebody else has put something on it since."""
    source, _ = marks.slots(snapshot)
    put_there = snapshot.facts.outside.get(source)
    return f"{snapshot.service(source)} ({put_there})" if put_there else called.old(snapshot)


def _moved_traffic(snapshot: Snapshot) -> bool:
    return marks.may_have_happened(snapshot, "SetWeights") or marks.any_of(snapshot, "shift:")


def _test_back(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, _ = marks.slots(snapshot)
    rule = observed.test
    if rule is None or rules.strangers(snapshot, rule):
        return Advance(reason="The test rule is not ours any more; it was left alone")
    if _done(snapshot, "test_back") or not _may_have_moved_test(snapshot):
        return Advance(reason=f"The test listener shows {rules.describe(snapshot, rule)}")
    return Act(
        reason=f"Test listener: 100 % back to {_where(snapshot)}",
        action=SetWeights(rule=rule.arn, weights=weights.for_share(snapshot, source, 100), expected=None),
        mark=marks.of_try(snapshot, "test_back"),
    )


def _may_have_moved_test(snapshot: Snapshot) -> bool:
    return marks.done(snapshot, "test_shift") or marks.may_have_happened(snapshot, "SetWeights")


def _clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = marks.slots(snapshot)
    if still := _still_on_target(snapshot, observed):
        return Fail(reason=f"{begun(called.new(snapshot))} was not scaled down because {still}")
    for slot, suspended in ((source, False), (target, True)):
        mark = marks.of_try(snapshot, f"back_scaling:{slot.value}")
        if slot is source and not may_be_ours(snapshot, slot):
            continue  # as its owner has it
        if act := set_scaling(snapshot, observed, slot, suspended=suspended, mark=mark):
            return act
    service = observed.usable(target)
    if service is None:
        return Advance(reason=f"Service {snapshot.service(target)} is gone; there is nothing to scale down")
    if not _done(snapshot, "back_scale_down"):
        return Act(
            reason=f"{service.name} scaled to 0",
            action=UpdateService(cluster=snapshot.settings.cluster, service=service.name, desired=0),
            mark=marks.of_try(snapshot, "back_scale_down"),
        )
    if service.running or service.pending:
        held = protection.explained(observed.protected, service.running)
        return Wait(reason=f"{service.name} still drains {counted(service.running, 'task')}{held}")
    changed = neighbours.seen(snapshot, observed, source, now)
    as_it_is = f". {changed.sentence.rstrip('.')} and was left as it is" if changed else ""
    return Advance(
        reason=f"All traffic is on {_where(snapshot)}; {service.name} is scaled to 0{as_it_is}{unread(snapshot)}"
    )


def _still_on_target(snapshot: Snapshot, observed: Observed) -> str:
    """In a sentence, when the target still gets traffic."""
    _, target = marks.slots(snapshot)
    if observed.production is None:
        return "the production rule shows nothing."
    group = snapshot.target_group(target)
    for rule in observed.production_rules:
        if rule.share(group) > 0:
            return f"{weights.named(snapshot, rule)} shows {rules.describe(snapshot, rule)}."
    # A test rule that was not moved is as it was before there was anything on the target.
    unmoved = "" if _may_have_moved_test(snapshot) else snapshot.settings.test_rule
    sending = rules.still_sending(observed.routes, group, but=unmoved)
    return f"{sending}. Take {rules.short(group)} out of it, then try the roll back again." if sending else ""


_STAGES: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.PRODUCTION_TRAFFIC_SHIFT: _shift_back,
    Stage.TEST_TRAFFIC_SHIFT: _test_back,
    Stage.CLEAN_UP: _clean_up,
}
