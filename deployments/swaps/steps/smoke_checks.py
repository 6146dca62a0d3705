"""Smoke checks and webhooks before production: sent, tried again, judged; the same for every controller."""

from datetime import datetime, timedelta

from deployments.frozen import EnvironmentSettings
from deployments.swaps.decisions import Decision, Fail, Probe, Snapshot, Wait
from deployments.swaps.facts import Facts, sure
from deployments.words import counted

TRIES = 3
PAUSE = timedelta(seconds=2)


def run(snapshot: Snapshot[Facts], now: datetime) -> Decision | None:
    """What the checks demand, or None when all passed or there are none."""
    wanted = snapshot.settings.smoke_checks or snapshot.settings.webhooks
    results = snapshot.facts.smoke
    if wanted and not results:
        return Probe(reason="Checks against the test address")
    bad = [result for result in results if not result.ok]
    if not bad:
        return None
    tries, sent = snapshot.facts.smoke_tries or 1, sure(snapshot.facts.smoke_at)
    if tries >= TRIES:
        return Fail(reason=f"{len(bad)} of {counted(len(results), 'check')} failed: {bad[0].sentence}")
    if now - sent < PAUSE:  # a listener change takes a moment to reach every node
        return Wait(reason=f"{bad[0].sentence}; trying again", until=sent + PAUSE)
    return Probe(reason=f"Checks against the test address, try {tries + 1}")


def planned(settings: EnvironmentSettings, what: str) -> str:
    """`what` goes there, such as "2 checks", where that is, and what is sent with them."""
    sent = dict.fromkeys(check.sent for check in settings.smoke_checks if check.sent)
    return ", ".join([f"{what} against {settings.test_url}", *sent])


def summary(snapshot: Snapshot[Facts]) -> str:
    """What was checked and who approved, for the timeline."""
    count = len(snapshot.facts.smoke)
    passed = f"{counted(count, 'check')} passed" if count else "No checks are configured"
    return f"{passed}; {snapshot.gate.reason}" if snapshot.gate and snapshot.gate.reason else passed
