"""What is not well now, as far as rows tell it; each with what was seen, what stays as it is, and what to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from deployments.catalog.models import Token
from deployments.delivery.models import Deployment, EventsQueue
from deployments.ops.alerts import certificates as certificate_places
from deployments.ops.alerts.keeping import Found
from deployments.ops.models import Certificate, Heartbeat
from deployments.people.token_words import TokenKind
from deployments.telling.notifications.kinds import Kind
from deployments.words import counted, duration_words

#: A worker that starts all afresh is quiet for 45 s, one that is upgraded for a minute.
SILENT: Final = timedelta(minutes=2)
#: The listener asks three times a minute; a host that is replaced takes longer than one that starts again.
UNREAD: Final = timedelta(minutes=5)
#: Days before an end at which it is told, the most urgent first.
STEPS: Final = (3, 14)
#: Environments that an alert names.
MOST_NAMED: Final = 5


def worker(now: datetime, answered_since: datetime) -> Iterator[Found]:
    """By whoever is not the worker. `answered_since`: before that the database was away, for the worker as well."""
    beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
    if beat is None or now - max(beat, answered_since) < SILENT:
        return
    said = (
        f"No worker has looked for due deployments since {_clock(beat)}. Deployments stay where they are, with their "
        "traffic, and approvals are kept. Start a worker, or see in its log what keeps it from the database or queue."
    )
    yield Found(kind=Kind.WORKER_SILENT, said=said, since=beat)


def queues(now: datetime, looked_since: datetime) -> Iterator[Found]:
    """`looked_since`: the worker was away before, and so was whoever reads them."""
    read_at = EventsQueue.objects.values_list("read_at", flat=True).first() if settings.EVENTS_QUEUE else now
    unread = max(read_at or looked_since, looked_since)
    if now - unread >= UNREAD:
        said = (
            f"The queue of AWS's events has not been read since {_clock(unread)}. Deployments ask AWS for its alarms "
            "instead, which costs calls and nothing else. See in the worker's log what SQS answers, and whether its "
            "role may still read EVENTS_QUEUE."
        )
        yield Found(kind=Kind.QUEUE_NOT_READ, about="events", said=said, since=unread)
    due = Deployment.objects.due(now).order_by("next_check_at").values_list("next_check_at", flat=True).first()
    waits = max(due or now, looked_since)
    if now - waits >= UNREAD:
        said = (
            f"Deployments are due since {_clock(waits)} and no worker process takes them up. They stay where they are, "
            "with their traffic. See whether the queue (QUEUE) answers; if all processes are busy raise QUEUE_WORKERS."
        )
        yield Found(kind=Kind.QUEUE_NOT_READ, about="tasks", said=said, since=waits)


def certificates(now: datetime) -> Iterator[Found]:
    seen = Certificate.objects.filter(ends_at__lte=now + timedelta(days=max(STEPS))).values_list("host", "ends_at")
    ending = [(host, ends_at, step) for host, ends_at in seen if ends_at and (step := _step(ends_at - now)) is not None]
    named = {str(place): names for place, names in certificate_places.named().items()} if ending else {}
    for host, ends_at, step in ending:
        when = f"ends on {_day(ends_at)}, {_in(ends_at - now)}" if step else f"ended on {_day(ends_at)}"
        of, whom = _whose(named.get(host, ()))
        said = (
            f"The certificate of {host}{of} {when}. Without a good one {whom}. Renew it where TLS ends: the load "
            "balancer, nginx or the proxy in front."
        )
        yield Found(kind=Kind.CERTIFICATE_ENDS, about=host, said=said, since=now, step=step)


def _whose(environments: Sequence[str]) -> tuple[str, str]:
    """Who names it, and who cannot reach it any more. None: it is our own."""
    if not environments:
        return "", "browsers and clients refuse Tealgate"
    others = f" and {len(environments) - MOST_NAMED} more" if len(environments) > MOST_NAMED else ""
    return f", named by {', '.join(environments[:MOST_NAMED])}{others},", "people and Tealgate do not get through there"


def tokens(now: datetime) -> Iterator[Found]:
    """Those of machines and agents, unless they were made for so short a time that nobody plans with them."""
    soon = Token.objects.filter(revoked_at=None, expires_at__gt=now).exclude(kind=TokenKind.PERSON)
    soon = soon.filter(expires_at__lte=now + timedelta(days=max(STEPS))).select_related("owner")
    for token in soon:
        step = _step(token.expires_at - now)
        if step is None or token.expires_at - token.made_at < timedelta(days=2 * step):
            continue
        said = (
            f"The API token {token} ends on {_day(token.expires_at)}, {_in(token.expires_at - now)}, and what shows it "
            "is refused from then on. Make another one under API tokens, give it to whoever uses this one, and revoke "
            "this one."
        )
        yield Found(
            kind=Kind.TOKEN_ENDS, about=str(token), said=said, since=now, step=step, owner=token.owner.get_username()
        )


def _step(left: timedelta) -> int | None:
    """0 once it has ended, None while it is far away."""
    if left <= timedelta(0):
        return 0
    return next((step for step in STEPS if left <= timedelta(days=step)), None)


def _in(left: timedelta) -> str:
    return f"in {counted(left.days, 'day')}" if left.days else f"in {duration_words(left.total_seconds(), short=True)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
