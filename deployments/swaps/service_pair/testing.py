"""Forward, the test listener: TEST_TRAFFIC_SHIFT, then the checks and the usual gate."""

from datetime import datetime

from deployments.aws.actions import SetWeights
from deployments.swaps.decisions import Act, Advance, Decision, Fail
from deployments.swaps.service_pair import marks, weights
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import called, rules, smoke_checks, two_slots
from deployments.swaps.steps.gate import at_gate


def test_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    _, target = marks.slots(snapshot)
    rule = observed.test
    if rule is None or (foreign := rules.strangers(snapshot, rule)):
        return Fail(reason=f"The test rule is not ours to write: {foreign if rule else 'it was not read'}.")
    if marks.done(snapshot, "test_shift"):
        if rule.share(snapshot.target_group(target)) == 100:
            return Advance(reason=f"The test listener sends everything to {called.new(snapshot)}")
        return Fail(reason=f"Someone else changed the test rule: it shows {rules.describe(snapshot, rule)}.")
    return Act(
        reason=f"Test listener: 100 % to {called.new(snapshot)}",
        action=SetWeights(rule=rule.arn, weights=weights.for_share(snapshot, target, 100), expected=dict(rule.weights)),
        mark="test_shift",
    )


def post_test(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return (
        smoke_checks.run(snapshot, now)
        or at_gate(snapshot, now, lambda: two_slots.evidence(snapshot, observed, now), may_change_meanwhile=True)
        or Advance(reason=smoke_checks.summary(snapshot))
    )
