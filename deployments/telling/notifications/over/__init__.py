"""What was told and is not so any more: gates that wait for nobody, roll backs that ended, environments that go on.

A notice says that it is over, and why. A message that still waits is dropped, or says how it ended instead; one that
was sent is followed by another that changes or resolves it, where the service can.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from deployments import leased
from deployments.delivery.models import Deployment, Gate
from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.telling.notifications import audience, wording, written
from deployments.telling.notifications.audience import operators
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does, Message, MessageStatus, Notice
from deployments.telling.notifications.models.message import UNDER_WAY
from deployments.telling.notifications.over import endings
from deployments.telling.notifications.over.endings import Ending
from deployments.telling.notifications.services import on_call
from deployments.vocabulary import GateStatus, Status
from deployments.words import full_stop

#: Of an environment, so many of the latest whose failed roll back the next success mends, or its retirement ends.
_MOST_MENDED = 20
#: Of a chain, so many events that followed one before it was told.
MOST_CAUGHT_UP = 100


def note(event: Event, now: datetime) -> None:
    """In the transaction of whoever takes it in. Called again with it, it changes nothing more.

    Few queries for most events, and none that grows with how many people there are.
    """
    if (kind := operators.kind_of(event)) and operators.is_over(event):
        end(endings.of_alert(kind, operators.thread_of(event)), event, now)
    for ending in _of_retired(event):
        end(ending, event, now)
    if event.deployment_id is None or not endings.may_end(event.kind):
        return
    deployment = Deployment.objects.select_related("environment").get(pk=event.deployment_id)
    gate = audience.gate_of(event, deployment)
    found = endings.of(
        event.kind,
        audience.about(event, deployment, gate, now),
        by=event.actor,
        closed=_closed(event, deployment),
        mended=_mended(event, deployment),
    )
    resolved: set[int] = set()
    for ending in sorted(found, key=lambda each: each.does is not Does.RESOLVE):
        resolved |= end(ending, event, now, gate=gate, resolved=resolved)


def catch_up(events: "QuerySet[Event]", now: datetime) -> None:
    """What followed that which was told just now: whoever took that in before found nothing to take back yet.

    Two readers may have them at once, and the outbox may hand on the later one first.
    """
    ended = events.filter(kind__in=endings.ENDS).select_related("chain").order_by("number")
    for event in ended[:MOST_CAUGHT_UP]:
        with transaction.atomic():
            note(event, now)


def _of_retired(event: Event) -> list[Ending]:
    if event.kind != Happened.ENVIRONMENT_RETIRED:
        return []
    environment = int(event.chain.name.partition(":")[2])
    return endings.of_retired(environment, _failed_there(Deployment.objects.filter(environment=environment)))


def _closed(event: Event, deployment: Deployment) -> tuple[int, ...]:
    if not endings.goes_back(event.kind):
        return ()
    return tuple(deployment.gates.exclude(status=GateStatus.AWAITING_ACTION).values_list("pk", flat=True))


def _mended(event: Event, deployment: Deployment) -> tuple[int, ...]:
    if event.kind != "deployment.successful":
        return ()
    return _failed_there(Deployment.objects.filter(environment=deployment.environment_id, pk__lt=deployment.pk))


def _failed_there(deployments: QuerySet[Deployment]) -> tuple[int, ...]:
    failed = deployments.filter(status=Status.ROLLBACK_FAILED).order_by("-pk")
    return tuple(failed.values_list("pk", flat=True)[:_MOST_MENDED])


def end(
    ending: Ending, event: Event, now: datetime, *, gate: Gate | None = None, resolved: Collection[int] = ()
) -> set[int]:
    """What was told in its threads, and is not over yet; the addresses that hear that something is resolved.

    `resolved`: those that heard it of this event before. What is news elsewhere is none there.
    """
    whose = {"person__username": ending.of} if ending.of else {}
    notices = Notice.objects.filter(thread__in=ending.threads, kind__in=ending.told, over_at__isnull=True, **whose)
    said = _sentence(event, gate)
    if ending.is_over:
        _end_notices(notices, ending, event, said, now)
    rows = Message.objects.filter(
        thread__in=ending.threads, kind__in=ending.told, does=Does.TELL, over_at__isnull=True,
        **{f"notice__{name}": value for name, value in whose.items()},
    )  # fmt: skip
    columns = ("address__service", "notice", "thread", "status", "attempts", "content")
    if told := list(rows.select_related("address").only(*columns)):
        following = _tell_so(told, ending, _content(event, ending, told[0], said, now), event, now)
        for each in following:
            if each.address_id in resolved:
                each.content.pop("is_news", None)
        Message.objects.bulk_create(following, ignore_conflicts=True)
        return {each.address_id for each in following if ending.does is Does.RESOLVE}
    return set()


def _end_notices(notices: "QuerySet[Notice]", ending: Ending, event: Event, said: str, now: datetime) -> None:
    """Whoever looks afterwards reads how it ended, as the message said it, and not that it is under way."""
    more = {}
    if ending.is_told_on and notices.exists() and (content := wording.content_of(event, ending.kind, now)):
        more = {"subject": written.subject(content), "content": content.as_json()}
    notices.update(over_at=now, over=said, **more)


def _tell_so(told: Sequence[Message], ending: Ending, content: Content, event: Event, now: datetime) -> list[Message]:
    """What follows at the addresses at which it arrived, to be written."""
    rows = Message.objects.filter(pk__in=[each.pk for each in told])
    before = Message.objects.filter(leased.free(now), of__in=rows.values("pk"), status=MessageStatus.WAITING)
    # Not what this event itself wrote, which comes again where the outbox tells it twice.
    before = before.exclude(key__startswith=f"event:{event.pk}:")
    before.update(status=MessageStatus.DROPPED, said="Not sent: more came of it before.")
    waits, failed = rows.filter(leased.free(now), status=MessageStatus.WAITING), _failed(told, now)
    if ending.is_moot:
        _drop(waits, told, content)
    elif ending.is_worded:
        waits.filter(Q(attempts=0) | failed).update(content=content.as_json())
    # What an UPDATE of ours has hold of nobody claims before the end of this transaction: what is left was sent.
    untold = set(rows.filter(Q(attempts=0) | failed).values_list("pk", flat=True))
    if ending.is_over:
        rows.update(over_at=now)
    return [_following(each, ending, content, event, now) for each in told if each.pk not in untold]


def _failed(told: Sequence[Message], now: datetime) -> Q:
    """Tried, and nothing arrived for sure. By its own row alone, as a claim goes, so that none is on its way."""
    known = Q(status__in=(MessageStatus.WAITING, MessageStatus.DROPPED), attempts__gt=0, maybe_twice=False)
    return known & leased.free(now) & ~Q(said=UNDER_WAY) & ~Q(pk__in=_by_key(told))


def _by_key(told: Sequence[Message]) -> list[int]:
    """Those of services that know a message by its key: an attempt there that failed may have arrived, unmarked."""
    return [each.pk for each in told if each.address.service in on_call.BY_KEY]


def _drop(waits: QuerySet[Message], told: Sequence[Message], content: Content) -> None:
    """Also what was tried in vain, and would ask people once the service is back."""
    dropped = MessageStatus.DROPPED
    waits.filter(attempts=0).update(status=dropped, said=f"Not sent: it was over before. {_first(content)}")
    cut_off = Case(When(said=UNDER_WAY, then=Value(True)), default=F("maybe_twice"))
    tried = waits.filter(attempts__gt=0).exclude(pk__in=_by_key(told))
    tried.update(status=dropped, maybe_twice=cut_off, said=f"Not sent again: it was over before. {_first(content)}")


def _following(told: Message, ending: Ending, content: Content, event: Event, now: datetime) -> Message:
    return Message(
        address_id=told.address_id,
        notice_id=told.notice_id,
        of_id=told.pk,
        key=f"event:{event.pk}:{told.pk}",
        kind=ending.kind,
        content=content.as_json(),
        thread=told.thread,
        does=ending.does,
        made_at=now,
        due_at=now,
    )


def _content(event: Event, ending: Ending, told: Message, said: str, now: datetime) -> Content:
    """As it is worded for whoever is told anew; else what was told, with how it ended in front of it."""
    if ending.is_worded and (worded := wording.content_of(event, ending.kind, now)):
        return worded
    before = Content.of_json(told.content)
    told_so = before.subject.removesuffix(wording.SOMEBODY_HAS_TO_LOOK)
    subject = f"That is over: {told_so}" if ending.is_over else f"Somebody is at it: {told_so}"
    return Content(subject=subject, sentences=(said,), path=before.path, link_text=before.link_text, typed=before.typed)


def _sentence(event: Event, gate: Gate | None) -> str:
    """Why nothing waits any more."""
    said = gate.reason if gate and gate.reason else event.message
    return full_stop(said[:1].upper() + said[1:])


def _first(content: Content) -> str:
    return content.sentences[0] if content.sentences else content.subject
