"""Forward, the test listener: TEST_TRAFFIC_SHIFT, then the checks and the usual gate."""

from datetime import datetime, timedelta

from deployments.aws.actions import SetWeights
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Probe, Snapshot, Wait
from deployments.controllers.gates import at_gate
from deployments.controllers.service_pair import evidence, marks, weights
from deployments.controllers.service_pair.observe import Observed

SMOKE_TRIES = 3
SMOKE_PAUSE = timedelta(seconds=2)


def test_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    _, target = marks.slots(snapshot)
    rule = observed.test
    if rule is None or (foreign := weights.strangers(snapshot, rule)):
        return Fail(reason=f"The test rule is not ours to write: {foreign if rule else 'it was not read'}.")
    if marks.done(snapshot, "test_shift"):
        if rule.share(snapshot.target_group(target)) == 100:
            return Advance(reason=f"The test listener sends everything to {target.value}")
        return Fail(reason=f"Someone else changed the test rule: it shows {weights.describe(snapshot, rule)}.")
    return Act(
        reason=f"Test listener: 100 % to {target.value} ({snapshot.artefact.version})",
        action=SetWeights(rule=rule.arn, weights=weights.for_share(snapshot, target, 100), expected=dict(rule.weights)),
        facts={"done": marks.mark(snapshot, "test_shift"), "test_weights": dict(rule.weights)},
    )


def post_test(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    wants_probe = snapshot.settings.smoke_checks or snapshot.settings.webhooks
    smoke = snapshot.facts.get("smoke")
    if wants_probe and smoke is None:
        return Probe(reason="Checks against the test address")
    bad = [result for result in smoke or () if not result["ok"]]
    if bad:
        tries = int(snapshot.facts.get("smoke_tries", 1))
        if tries < SMOKE_TRIES:  # a listener change takes a moment to reach every node
            if now - datetime.fromisoformat(snapshot.facts["smoke_at"]) < SMOKE_PAUSE:
                again = datetime.fromisoformat(snapshot.facts["smoke_at"]) + SMOKE_PAUSE
                return Wait(reason=f"{bad[0]['sentence']}; trying again", until=again)
            return Probe(reason=f"Checks against the test address, try {tries + 1}")
        return Fail(reason=f"{len(bad)} of {len(smoke or ())} checks failed: {bad[0]['sentence']}")
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    return waiting or Advance(reason=_passed(snapshot, len(smoke or ())))


def _passed(snapshot: Snapshot, checks: int) -> str:
    passed = f"{checks} check(s) passed" if checks else "No checks are configured"
    return f"{passed}; {snapshot.gate.reason}" if snapshot.gate and snapshot.gate.reason else passed
