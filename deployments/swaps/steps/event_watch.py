"""While people think at a gate and the release has traffic: AWS tells what the watch would see, so it is not asked.

That is relied on only where it was seen to work. Before the gate opens an event of ours is put on the account's bus,
and has to come back by the way that events of alarms and tasks take; an alarm must measure what the watch measures;
the queue must have been read within the last minute. Where one of these fails, the watch goes on asking and says why.

Events are counted, not timed: no two clocks have to agree. `facts.looked` is how many there were at the last whole
look, None where nothing would have been told; `facts.watch` what was seen and who watches now, in words.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import PutEvents
from deployments.aws.eventbridge import AwsEvent
from deployments.aws.values import Alarm
from deployments.evidence import Watched, alarmed
from deployments.frozen import EnvironmentSettings
from deployments.swaps.decisions import Act, Known, Snapshot, Wait
from deployments.swaps.facts import Echo, Facts
from deployments.swaps.steps.gate import at_gate, is_waiting
from deployments.words import clock_words

#: The queue answers every 20 s even when it is empty.
LISTENED_WITHIN = timedelta(minutes=1)
ECHO_WITHIN = timedelta(seconds=10)
NOT_ASKED = "AWS tells of alarms and of tasks that stop, so it is not asked meanwhile"


def concerns(event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: Facts) -> bool:
    """Whether the deployment with these settings and this key has to look because of it.

    An echo may be here before it is written down that it was asked for; for anything else it must have been.
    """
    if event.echo_of:
        return event.echo_of == key
    if facts.echo is None or facts.echo.position != position:
        return False
    if event.region != settings.region or (settings.account_id and event.account != settings.account_id):
        return False
    if event.alarm:
        return event.alarm in settings.alarms
    ours = {settings.blue_service, settings.green_service}
    return event.cluster == settings.cluster.rpartition("/")[2] and event.service in ours


def ask_for_echo(snapshot: Snapshot[Facts], watched: Watched, alarms: Mapping[str, Alarm], now: datetime) -> Act | None:
    """Once, as soon as the watch of a step with a gate begins."""
    if snapshot.step.gate is None or snapshot.gate is not None or _echo(snapshot):
        return None
    if not _queue_is_read(snapshot, now) or alarmed.untold(watched, alarms):
        return None
    asked = Echo(position=snapshot.position, events_heard=snapshot.events_heard, at=now)
    refused = Echo(position=snapshot.position, refused=True)
    return Act(
        reason="Asked for an echo of AWS's events, which are to tell of alarms while people think",
        action=PutEvents(echo_of=snapshot.key),
        facts=replace(snapshot.facts, echo=asked),
        if_refused=replace(snapshot.facts, echo=refused),
    )


def wait_for_echo(snapshot: Snapshot[Facts], now: datetime) -> Wait | None:
    """Until the echo is heard, or has taken too long, the gate is not opened."""
    echo = _echo(snapshot)
    if snapshot.gate is not None or echo is None or echo.at is None or _echo_came(snapshot):
        return None
    until = echo.at + ECHO_WITHIN
    return Wait(reason="Waiting for an echo of AWS's events", at_most=until) if now < until else None


def wait_for_events(snapshot: Snapshot[Facts], now: datetime) -> Wait | None:
    """The wait at a gate where nothing has to be read, because AWS would have told since the last look."""
    if not (is_waiting(snapshot, now) and _events_arrive(snapshot, now)):
        return None
    looked = snapshot.facts.looked
    if looked is None or snapshot.events_heard > looked:
        return None
    waiting = at_gate(snapshot, now, dict)
    if not isinstance(waiting, Wait) or waiting.until is None or snapshot.listened_at is None:
        return None
    until = min(waiting.until, snapshot.listened_at + LISTENED_WITHIN)
    return Wait(reason=f"{waiting.reason}; {snapshot.facts.watch}", until=until)


def after_look(
    snapshot: Snapshot[Known], seen: str, watched: Watched, alarms: Mapping[str, Alarm], now: datetime
) -> Known:
    """The facts after a whole look at a gate, which `seen` puts in words."""
    relied_on = _events_arrive(snapshot, now) and not alarmed.untold(watched, alarms)
    who = NOT_ASKED if relied_on else _why_asking(snapshot, watched, alarms, now)
    watch = f"{seen}; {who}" if who else seen
    return replace(snapshot.facts, looked=snapshot.events_heard if relied_on else None, watch=watch)


def _why_asking(snapshot: Snapshot[Facts], watched: Watched, alarms: Mapping[str, Alarm], now: datetime) -> str:
    """In half a sentence; "" where no queue was ever read."""
    if snapshot.listened_at is None:
        return ""
    if not _queue_is_read(snapshot, now):
        return f"AWS is asked, as its events were last read at {clock_words(snapshot.listened_at, now)} UTC"
    if untold := alarmed.untold(watched, alarms):
        return f"AWS is asked, as none of the alarms measures {untold} of this target group"
    echo = _echo(snapshot)
    if echo and echo.refused:
        return "AWS is asked, as it refused the event that shows whether events arrive"
    return "AWS is asked, as its events do not arrive: there was no echo"


def _events_arrive(snapshot: Snapshot[Facts], now: datetime) -> bool:
    return _echo_came(snapshot) and _queue_is_read(snapshot, now)


def _echo(snapshot: Snapshot[Facts]) -> Echo | None:
    """That of the step at which it stands; None: not asked for."""
    echo = snapshot.facts.echo
    return echo if echo and echo.position == snapshot.position else None


def _echo_came(snapshot: Snapshot[Facts]) -> bool:
    echo = _echo(snapshot)
    return echo is not None and echo.events_heard is not None and snapshot.events_heard > echo.events_heard


def _queue_is_read(snapshot: Snapshot[Facts], now: datetime) -> bool:
    return snapshot.listened_at is not None and now < snapshot.listened_at + LISTENED_WITHIN
