"""/metrics in Prometheus' text form, read from the database at every scrape.

Web and worker are several processes on several hosts; the database is what they agree on, so any of them can
be scraped, one is enough, and a restart resets nothing. Every family costs one aggregate query.

Who may read it: whoever shows METRICS_TOKEN as a bearer token; without such a setting, only callers on the
same machine that did not come through a proxy.
"""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Sum
from django.db.models.expressions import CombinedExpression
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from deployments import clock, logs
from deployments.delivery import queue
from deployments.delivery.models import Deployment, EventsQueue, Gate, StageRun
from deployments.ops import clock_seen, gauges, outages
from deployments.ops.models import AwsCallCount, Heartbeat
from deployments.record.kinds import Kind
from deployments.record.models import Event
from deployments.vocabulary import Status

STAGE_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
GATE_BUCKETS = (60, 300, 900, 1800, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 72 * 3600)


#: What alerts are about that look whether a number rises.
ALERTED = (Status.ROLLBACK_FAILED, Status.FAILED)

log = logs.get(__name__)


@require_GET
def view(request: HttpRequest) -> HttpResponse:
    refusal = refusal_for(request)
    if refusal:
        return HttpResponse(refusal + "\n", status=403, content_type="text/plain")
    try:
        said = _generated(Collector(clock.now()))
    except outages.ANY as error:
        log.error("no metrics: the database does not answer", error=str(error).strip())
        said = _generated(Without())
    return HttpResponse(said, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _generated(collector: "Collector | Without") -> bytes:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry)


def refusal_for(request: HttpRequest) -> str:
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").encode()
        allowed = hmac.compare_digest(given, f"Bearer {token}".encode())
        return "" if allowed else "Show the METRICS_TOKEN as a bearer token."
    # A proxy on this machine is a loopback peer too, and would show the numbers to everyone.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if _is_loopback(request.META.get("REMOTE_ADDR", "")) and not forwarded:
        return ""
    return "Without the setting METRICS_TOKEN, only this machine itself may read the metrics."


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a Unix socket has no address; its other end is on this machine
        return address == ""


class Without:
    """All that can be told while the database does not answer: that it does not."""

    def collect(self) -> Iterator[Metric]:
        yield _build()
        yield _database(0)


def _build() -> Metric:
    return InfoMetricFamily("tealgate_build", "Which Tealgate answers.", {"version": settings.VERSION})


def _database(up: int) -> Metric:
    return GaugeMetricFamily("tealgate_database_up", "Whether the database answered this scrape.", up)


class Collector:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield _build()
        yield _database(1)
        yield self._deployments()
        yield _histogram(
            "tealgate_stage_duration_seconds",
            "How long finished steps of deployments took.",
            StageRun.objects.filter(finished_at__isnull=False).order_by(),
            ("stage", "outcome"),
            F("finished_at") - F("started_at"),
            STAGE_BUCKETS,
        )
        yield _histogram(
            "tealgate_gate_waiting_seconds",
            "How long gates were open before they were decided or timed out.",
            Gate.objects.filter(closed_at__isnull=False).order_by(),
            ("status",),
            F("closed_at") - F("opened_at"),
            GATE_BUCKETS,
        )
        yield from self._open_gates()
        yield from self._engine()
        yield from self._unwatched()
        yield from self._clock()
        yield from gauges.webhooks(self.now)
        yield from gauges.notifications(self.now)
        yield gauges.alerts()
        yield from gauges.ends(self.now)
        yield self._aws_calls()

    def _deployments(self) -> Metric:
        family = GaugeMetricFamily(
            "tealgate_deployments",
            "Deployments by status, of environments in use.",
            labels=("application", "environment", "status"),
        )
        in_use = Deployment.objects.filter(environment__retired_at__isnull=True)
        rows = in_use.order_by().values_list("environment__application__slug", "environment__name", "status")
        counted = {
            (application, name, status): count for application, name, status, count in rows.annotate(Count("pk"))
        }
        for application, name in {key[:2] for key in counted}:
            for status in ALERTED:  # a number that begins at 1 has not risen, for Prometheus
                counted.setdefault((application, name, status), 0)
        for labels, count in counted.items():
            family.add_metric(labels, count)
        return family

    def _open_gates(self) -> Iterator[Metric]:
        seen = Gate.objects.open().aggregate(count=Count("pk"), oldest=Min("opened_at"))
        yield GaugeMetricFamily("tealgate_open_gates", "Gates that wait for people.", seen["count"])
        yield GaugeMetricFamily(
            "tealgate_open_gate_oldest_seconds", "How long the oldest open gate waits.", self._age(seen["oldest"])
        )

    def _engine(self) -> Iterator[Metric]:
        """What to alert on: the heartbeat's age first, then how late the most overdue deployment is."""
        beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
        due = Deployment.objects.due(self.now).aggregate(count=Count("pk"), oldest=Min("next_check_at"))
        if beat:
            yield GaugeMetricFamily(
                "tealgate_heartbeat_age_seconds", "Since the heartbeat last looked.", self._age(beat)
            )
        read_at = EventsQueue.objects.values_list("read_at", flat=True).first()
        if read_at:
            yield GaugeMetricFamily(
                "tealgate_events_queue_age_seconds", "Since AWS's events were last read.", self._age(read_at)
            )
        yield GaugeMetricFamily("tealgate_due_deployments", "Deployments that nobody works on yet.", due["count"])
        yield GaugeMetricFamily(
            "tealgate_due_oldest_seconds", "How late the most overdue deployment is.", self._age(due["oldest"])
        )
        depth = queue.depth()
        if depth is not None:
            yield GaugeMetricFamily("tealgate_queue_depth", "Tasks that wait for a worker.", depth)

    def _unwatched(self) -> Iterator[Metric]:
        """Now, and how often before: what nobody looks at, Tealgate or AWS being away."""
        family = GaugeMetricFamily(
            "tealgate_unwatched_seconds",
            "Since somebody should have looked at a deployment that is under way.",
            labels=("application", "environment"),
        )
        rows = Deployment.objects.unfinished().order_by()
        names = ("environment__application__slug", "environment__name", "watched_until")
        for application, environment, until in rows.values_list(*names):
            family.add_metric((application, environment), self._age(until))
        yield family
        gaps = Event.objects.filter(kind=Kind.DEPLOYMENT_UNWATCHED).count()
        yield CounterMetricFamily("tealgate_unwatched_gaps", "Times in which nobody looked at a deployment.", gaps)

    def _clock(self) -> Iterator[Metric]:
        ahead = clock_seen.seconds_ahead()
        if ahead is not None:
            yield GaugeMetricFamily("tealgate_clock_ahead_seconds", "Of AWS's clock; negative: behind it.", ahead)

    def _aws_calls(self) -> Metric:
        family = CounterMetricFamily(
            "tealgate_aws_calls", "Calls to AWS by how they ended.", labels=("operation", "outcome")
        )
        counted = {(row.operation, row.outcome): row.count for row in AwsCallCount.objects.all()}
        for operation, _ in list(counted):
            counted.setdefault((operation, "denied"), 0)
        for labels, count in counted.items():
            family.add_metric(labels, count)
        return family

    def _age(self, at: datetime | None) -> float:
        return max((self.now - at).total_seconds(), 0) if at else 0


def _histogram(
    name: str,
    help_text: str,
    rows: QuerySet[StageRun] | QuerySet[Gate],
    labels: tuple[str, ...],
    took: CombinedExpression,
    buckets: Iterable[int],
) -> Metric:
    """Counted by the database: one row a combination of labels, however many rows there are."""
    family = HistogramMetricFamily(name, help_text, labels=labels)
    bounds = tuple(buckets)
    timed = rows.annotate(took=ExpressionWrapper(took, output_field=DurationField()))
    counted = timed.values(*labels).annotate(
        count=Count("pk"),
        total=Sum("took"),
        **{f"under_{bound}": Count("pk", filter=Q(took__lte=timedelta(seconds=bound))) for bound in bounds},
    )
    for row in counted:
        under = [(str(float(bound)), row[f"under_{bound}"]) for bound in bounds]
        family.add_metric(
            [row[label] for label in labels],
            buckets=[*under, ("+Inf", row["count"])],
            sum_value=row["total"].total_seconds(),
        )
    return family
