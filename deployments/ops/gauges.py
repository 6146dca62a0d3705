"""What operators are alerted of and what the outside is told, as numbers of /metrics."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Min, Q
from prometheus_client.core import GaugeMetricFamily, Metric

from deployments.catalog.models import Token
from deployments.ops.models import Certificate, OperatorAlert
from deployments.people.token_words import TokenKind
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import MessageStatus, NotificationAddress
from deployments.telling.webhooks.models import DeliveryStatus, WebhookSubscription

#: Who makes a token for a shorter time makes the next one in time, or needs none.
LASTS: Final = timedelta(days=7)


def alerts() -> Metric:
    """0 for those of which nothing is open, so that an alert on the first one sees it rise."""
    family = GaugeMetricFamily("tealgate_operator_alerts", "Operators' alerts that are open.", labels=("kind",))
    open_ = Counter(OperatorAlert.objects.filter(over_at=None).values_list("kind", flat=True))
    for kind in Kind:
        if kind.is_operators:
            family.add_metric((kind.value,), open_[kind.value])
    return family


def ends(now: datetime) -> Iterator[Metric]:
    """Negative once it is over."""
    family = GaugeMetricFamily(
        "tealgate_certificate_ends_seconds",
        "Until the certificate ends of SITE_URL, or of what an environment names.",
        labels=("host",),
    )
    for host, ends_at in Certificate.objects.filter(ends_at__isnull=False).values_list("host", "ends_at"):
        if ends_at:
            family.add_metric((host,), (ends_at - now).total_seconds())
    yield family
    good = Token.objects.filter(revoked_at=None, expires_at__gt=now, expires_at__gte=F("made_at") + LASTS)
    next_end = good.exclude(kind=TokenKind.PERSON).aggregate(next=Min("expires_at"))["next"]
    if next_end:
        said = "Until the next API token ends, of those that live for a week or longer."
        yield GaugeMetricFamily("tealgate_token_ends_seconds", said, (next_end - now).total_seconds())


def webhooks(now: datetime) -> Iterator[Metric]:
    """What waits for one that is off waits for people, and is told by that."""
    waits = Q(is_on=True, deliveries__status=DeliveryStatus.WAITING)
    seen = WebhookSubscription.objects.aggregate(
        waiting=Count("deliveries", filter=waits),
        oldest=Min("deliveries__made_at", filter=waits),
        failed=Count("deliveries", filter=Q(deliveries__status=DeliveryStatus.FAILED)),
        off=Count("pk", filter=~Q(off_reason=""), distinct=True),
    )
    yield GaugeMetricFamily("tealgate_webhook_waiting", "Deliveries that wait.", seen["waiting"])
    yield GaugeMetricFamily(
        "tealgate_webhook_oldest_seconds", "How long the oldest of them waits.", _age(now, seen["oldest"])
    )
    yield GaugeMetricFamily("tealgate_webhook_failed", "Deliveries given up, of those kept.", seen["failed"])
    yield GaugeMetricFamily("tealgate_webhook_off", "Webhooks that Tealgate turned off.", seen["off"])


def notifications(now: datetime) -> Iterator[Metric]:
    waits = Q(is_on=True, messages__status=MessageStatus.WAITING, messages__due_at__lte=now)
    seen = NotificationAddress.objects.aggregate(
        waiting=Count("messages", filter=waits),
        oldest=Min("messages__due_at", filter=waits),
        failed=Count("messages", filter=Q(messages__status=MessageStatus.FAILED)),
        off=Count("pk", filter=~Q(off_reason=""), distinct=True),
    )
    yield GaugeMetricFamily("tealgate_notification_waiting", "Messages that are due and wait.", seen["waiting"])
    yield GaugeMetricFamily(
        "tealgate_notification_oldest_seconds", "How long the oldest of them waits.", _age(now, seen["oldest"])
    )
    yield GaugeMetricFamily("tealgate_notification_failed", "Messages given up, of those kept.", seen["failed"])
    yield GaugeMetricFamily("tealgate_notification_off", "Addresses that Tealgate turned off.", seen["off"])


def _age(now: datetime, at: datetime | None) -> float:
    return max((now - at).total_seconds(), 0) if at else 0
