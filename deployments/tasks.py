"""What the background workers run: nudges. Lost, late or repeated, one changes nothing but the delay."""

import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connections

from deployments import clock, logs
from deployments.aws.sessions import connect
from deployments.catalog import looking
from deployments.catalog.self_registering import looking as looking_for_releases
from deployments.delivery import absences, at_once, queue, tidying
from deployments.delivery.engine import leases, passes
from deployments.delivery.models import Deployment
from deployments.delivery.pipelines import telling
from deployments.ops import aws_calls, draining, forgetting, outages, set_back, woken
from deployments.ops.alerts import certificates
from deployments.ops.alerts.looking import Look
from deployments.ops.due import chunks, due
from deployments.ops.errands import Errands
from deployments.ops.models import Heartbeat
from deployments.record import handed_on, outbox
from deployments.telling.forge import answering
from deployments.telling.forge import telling as forge
from deployments.telling.notifications.timing import passing

log = logs.get(__name__)

#: After so long a task hands back what it has not come to: when AWS is slow to answer, ten deployments one after the
#: other would take longer than django-q2 lets a task run, and the whole worker would start afresh for it.
PASS_SECONDS = 25
#: How long a task tries again while the database is away, and its pause; with a pass it stays below a task's time-out.
OUTAGE_SECONDS, SHORTEST_OUTAGE = 45, 0.5
#: Between two looks of the heartbeat, in seconds: until the next one is due, within these.
LONGEST_PAUSE, BUSY_PAUSE, SHORTEST_PAUSE = 1.0, 0.25, 0.1
#: Between two looks for events that wait to be handed on.
EVENTS_EVERY = 0.25
#: A nudge that was not taken up after so long is taken for lost.
NUDGE_AGAIN = timedelta(seconds=15)


def advance(ids: list[int]) -> None:
    """Once the database is back after an outage, what this task held goes on at once, and not when its lease ends."""
    holder, began = leases.token(), time.monotonic()
    try:
        while not _advanced(ids, holder, began):
            with outages.survived("giving back"):
                leases.give_back(holder)
    finally:
        aws_calls.flush()


def _advanced(ids: list[int], holder: str, began: float) -> bool:
    """Whether the pass was made. Raises what the database raised when it stays away for too long."""
    ends = time.monotonic() + PASS_SECONDS
    try:
        passes.advance(ids, clock.now, connect, lambda: draining.asked() or time.monotonic() > ends, holder=holder)
    except outages.AWAY as error:
        log.error("the database does not answer", during="a pass", deployments=ids, error=str(error).strip())
        connections.close_all()
        if draining.asked() or time.monotonic() - began > OUTAGE_SECONDS:
            raise
        draining.sleep(SHORTEST_OUTAGE)
        return False
    return True


def deliver() -> None:
    """Hand events on to the receivers that the settings name."""
    ends = time.monotonic() + PASS_SECONDS
    outbox.deliver(leases.token(), clock.now, lambda: draining.asked() or time.monotonic() > ends)
    woken.wake()


def hand_on_what_was_missed() -> None:
    """What the version before ours handed on to its own receivers alone."""
    handed_on.put_back(clock.now())


def look_around() -> None:
    """At environments that nobody deploys to, to tell what others have put there; old revisions are tidied there."""
    try:
        looking.look(clock.now(), connect)
        tidying.tidy(clock.now(), connect)
    finally:
        aws_calls.flush()


def tell_pipelines() -> None:
    """What became of deployments that they wait for."""
    ends = time.monotonic() + PASS_SECONDS
    try:
        telling.tell(leases.token(), clock.now, connect, lambda: draining.asked() or time.monotonic() > ends)
    finally:
        aws_calls.flush()


def register_releases() -> None:
    """Those that register themselves, and then their deployments where the newest goes somewhere at once."""
    try:
        looking_for_releases.look(clock.now(), connect)
        at_once.deploy(clock.now())
    finally:
        aws_calls.flush()


def tell_in_time() -> None:
    """People, of what time makes due: gates that still wait, what was held back for them, weekly letters."""
    passing.tell(clock.now())


def tell_forges() -> None:
    """What became of deployments, and jobs that wait for them."""
    ends = time.monotonic() + PASS_SECONDS
    for act in (answering.answer, forge.tell):
        act(leases.token(), clock.now, lambda: draining.asked() or time.monotonic() > ends)


def look_at_certificate() -> None:
    """That of our own address, and those of what environments name."""
    certificates.look(clock.now())


def heartbeat() -> None:
    """Nudge what is due the moment it is, until the next heartbeat takes over or the time is up.

    On a worker that is asked to stop it ends at once: another one's takes over.
    """
    if draining.asked():
        return
    heart = Heart(leases.token())
    ends = time.monotonic() + settings.HEARTBEAT_RUN_SECONDS
    while time.monotonic() < ends and not draining.asked():
        pause: float | None = LONGEST_PAUSE
        with outages.survived("the heartbeat"):
            pause = heart.beat(clock.now())
        if pause is None:
            return
        _rest(heart, pause)


def _rest(heart: "Heart", pause: float) -> None:
    """Until the next look, or until this worker is asked to stop; events are handed on meanwhile: somebody waits."""
    ends = time.monotonic() + pause
    between = EVENTS_EVERY if settings.OUTBOX_RECEIVERS else pause
    while (left := ends - time.monotonic()) > 0 and not draining.asked():
        draining.sleep(min(left, between))
        with outages.survived("handing events on"):
            heart.hand_on(clock.now())


class Heart:
    """What one heartbeat remembers from look to look; an outage of the database takes nothing of it away."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._taken_over = False
        self._nudged: dict[tuple[int, datetime], datetime] = {}
        self._delivery: Delivery | None = None
        self._errands = Errands()
        self._alerts = Look()
        self._forgot: datetime | None = None
        self._beat_at: datetime | None = None

    def beat(self, now: datetime) -> float | None:
        """One look; how long to pause then, or None when another heartbeat has taken over."""
        last = self._beat_at or Heartbeat.objects.values_list("beat_at", flat=True).first()
        self._beat_at = now
        if last and now < last - leases.SAME_TIME:
            log.warning("the clock went back", seconds=round((last - now).total_seconds()))
            set_back.bring_back(now)
            self._errands = Errands()
        if not self._taken_over:
            Heartbeat.objects.update_or_create(id=1, defaults={"token": self._token, "beat_at": now})
            self._taken_over = True
        if not _beat(self._token, now):
            return None
        absences.noted(now)
        self._nudged = {since: at for since, at in self._nudged.items() if at > now - NUDGE_AGAIN}
        late = [each for each in due(now) if each.since not in self._nudged]
        for chunk in chunks(late):
            queue.nudge(*chunk)
        self._nudged |= dict.fromkeys((each.since for each in late), now)
        self.hand_on(now)
        self._errands.ask(now)
        self._alerts.take(now)
        self._forgot = _forget(self._forgot, now)
        return _pause()

    def hand_on(self, now: datetime) -> None:
        """Have events handed on that wait."""
        self._delivery = _delivery(self._delivery, now)


class Delivery(NamedTuple):
    #: the first event that waited, and since when
    first: tuple[int, datetime]
    asked_for_at: datetime


def _delivery(last: Delivery | None, now: datetime) -> Delivery | None:
    """Have events handed on when one waits that the last delivery was not for, or that one was lost."""
    if not settings.OUTBOX_RECEIVERS:
        return None
    first = outbox.waiting(now)
    if first is None or (last and last.first == first and last.asked_for_at > now - NUDGE_AGAIN):
        return last
    queue.ask("deliver")
    return Delivery(first, now)


def _forget(last: datetime | None, now: datetime) -> datetime | None:
    """What nobody asks for any more: a little of it, and at the next look some more where there is."""
    if last and now - last < forgetting.AGAIN:
        return last
    return None if forgetting.forget(now) else now


def _beat(token: str, now: datetime) -> bool:
    """Note that we looked; whether we still are the one that looks."""
    oldest = Deployment.objects.due(now).order_by("next_check_at").values_list("next_check_at", flat=True).first()
    lag = (now - oldest).total_seconds() if oldest else 0
    return Heartbeat.objects.filter(id=1, token=token).update(beat_at=now, lag_seconds=lag) == 1


def _pause() -> float:
    """Until the next one is due. A click does not wait for it: it nudges at once."""
    now = clock.now()
    rows = Deployment.objects.unfinished().filter(next_check_at__isnull=False).order_by("next_check_at")
    soonest = rows.values_list("next_check_at", flat=True).first()
    if soonest is None:
        return LONGEST_PAUSE
    # What is worked on now is still due, and may be due again in no time.
    least = SHORTEST_PAUSE if soonest > now else BUSY_PAUSE
    return min(max((soonest - now).total_seconds(), least), LONGEST_PAUSE)
