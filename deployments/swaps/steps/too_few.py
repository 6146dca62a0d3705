"""Too few requests prove nothing: said at the end. Where an environment requires more, it waits and then asks people.

`few` is the sentence of `verdict.too_few`, "" when there were enough.
"""

from datetime import datetime, timedelta

from deployments.frozen import EnvironmentSettings, GateSpec
from deployments.swaps.decisions import Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.vocabulary import TimeoutAction
from deployments.words import clock_words

#: So long before AWS goes on by itself it is turned back: looks may be 15 s apart.
MARGIN = timedelta(seconds=20)


def planned(settings: EnvironmentSettings, *, asks: bool) -> str:
    """What a plan says of it after its own words; "" where nothing is required. `asks`: there can be a gate."""
    if not settings.requires_min_requests:
        return ""
    if asks:
        return f"; after fewer than {settings.min_requests} requests somebody is asked"
    turns_back = settings.too_few_action == TimeoutAction.ROLLBACK
    return f"; after fewer than {settings.min_requests} requests it {'is turned back' if turns_back else 'goes on'}"


def wait(snapshot: Snapshot[Facts], few: str, until: datetime, seen: str, now: datetime) -> Wait | None:
    """For more requests, after the time of the watch was over at `until`."""
    longest = until + timedelta(seconds=snapshot.settings.min_requests_wait_seconds)
    if not few or not snapshot.settings.requires_min_requests or snapshot.gate is not None or now >= longest:
        return None
    wanted = snapshot.settings.min_requests
    return Wait(reason=f"Waiting for {wanted} requests until {clock_words(longest, now)} UTC: {seen}", at_most=longest)


def asked(snapshot: Snapshot[Facts], few: str) -> GateSpec | None:
    """The gate at a step that has none of its own. Once it is open somebody has to decide, whatever comes."""
    settings = snapshot.settings
    if snapshot.step.gate is not None or not settings.requires_min_requests:
        return None
    if not few and snapshot.gate is None:
        return None
    return GateSpec(stage=snapshot.step.stage, percent=snapshot.step.percent, timeout_action=settings.too_few_action)


def unproven(snapshot: Snapshot[Facts], few: str, until: datetime | None, now: datetime) -> str:
    """Why it is turned back where AWS goes on at `until`, in sentences; "" while there is time, or if it may go on."""
    if not _decides(snapshot, few) or (until is not None and now < until - MARGIN):
        return ""
    wanted = snapshot.settings.min_requests
    return f"{few} AWS waits for nobody here, and the environment requires {wanted}: it is turned back."


def last_look(snapshot: Snapshot[Facts], few: str, until: datetime | None, now: datetime) -> datetime | None:
    """When it has to be looked at, where AWS goes on at `until`; None: nothing depends on that."""
    if until is None or not _decides(snapshot, few) or now >= until - MARGIN:
        return None
    return until - MARGIN


def _decides(snapshot: Snapshot[Facts], few: str) -> bool:
    """Nobody can be asked where AWS goes on by itself, so the answer is the one for when nobody answers."""
    settings = snapshot.settings
    return bool(few) and settings.requires_min_requests and settings.too_few_action == TimeoutAction.ROLLBACK
