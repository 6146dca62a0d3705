"""What CloudWatch counted of a load balancer's requests: how many, how many failed, and how long they took."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from deployments.aws.protocol import Gateway
from deployments.aws.values import Traffic
from deployments.evidence import silence
from deployments.evidence.values import REQUESTS, Metric, Place, Quantity, Unit, Value
from deployments.evidence.watched import Watched
from deployments.words import counted, share_words

ERRORS_5XX = Metric(key="errors_5xx", title="5xx answers", unit=Unit.COUNT, place=Place.TRAFFIC)
UNANSWERED = Metric(key="unanswered", title="Requests without an answer", unit=Unit.COUNT)
SHARE_5XX = Metric(
    key="percent_5xx",
    title="5xx answers",
    unit=Unit.PERCENT,
    most=lambda settings: settings.max_5xx_percent,
    of_requests=True,
    cloudwatch="HTTPCode_Target_5XX_Count",
    place=Place.NOWHERE,
)
LATENCY = Metric(
    key="latency_ms",
    title="Latency",
    unit=Unit.MILLISECONDS,
    most=lambda settings: settings.max_latency_ms,
    of_requests=True,
    cloudwatch="TargetResponseTime",
    place=Place.TRAFFIC,
)


class CloudWatchTraffic:
    name = "traffic"
    metrics = (REQUESTS, ERRORS_5XX, UNANSWERED, SHARE_5XX, LATENCY)
    told_by_events = False

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> Mapping[str, Traffic] | None:
        """One question for all sides."""
        if watched.since is None or not watched.load_balancer or not watched.target_groups:
            return None
        if not watched.counts_requests:
            return None
        found = gateway.traffic(
            load_balancer=watched.load_balancer,
            target_groups=tuple(watched.target_groups.values()),
            since=watched.since,
            until=now + timedelta(seconds=1),  # the end of a window is not part of it
        )
        return {side: found.get(group, Traffic()) for side, group in watched.target_groups.items()}

    def values(self, watched: Watched, answer: Mapping[str, Traffic] | None) -> tuple[Value, ...]:
        found = answer or {}
        counted = (
            value for side, traffic in found.items() for value in _of(side, traffic, _beside(watched, side, found))
        )
        return (*counted, *silence.found(watched, found))


def _of(side: str, traffic: Traffic, beside: str) -> tuple[Quantity, ...]:
    latency = traffic.latency_ms
    took = f"{latency:.0f} ms on average" if latency is not None else ""
    return (
        Quantity(metric=REQUESTS, side=side, value=traffic.requests, seen=""),
        Quantity(metric=ERRORS_5XX, side=side, value=traffic.failed, seen=""),
        *_unanswered(side, traffic),
        _share(side, traffic, beside),
        Quantity(metric=LATENCY, side=side, value=latency, too_much=f"took {took}", seen=took),
    )


def _unanswered(side: str, traffic: Traffic) -> tuple[Quantity, ...]:
    if not traffic.unanswered:
        return ()
    return (Quantity(metric=UNANSWERED, side=side, value=traffic.unanswered, seen=""),)


def _share(side: str, traffic: Traffic, beside: str) -> Quantity:
    """Of 5xx that clients got, whether from the release or from the load balancer in its place."""
    share, left = traffic.percent_5xx, traffic.unanswered
    of_all = share_words(share)
    requests = counted(traffic.requests, "request")
    too_much = f"answered {traffic.errors_5xx} of {requests} ({of_all} %) with 5xx"
    seen = f"{of_all} % of them 5xx"
    if left:
        connections = f", {traffic.connection_errors} of them without a connection" if traffic.connection_errors else ""
        too_much = (
            f"failed {traffic.failed} of {requests} ({of_all} %): {left} without any answer{connections}, "
            f"{traffic.errors_5xx} with 5xx"
        )
        seen = f"{of_all} % of them failed, {left} without any answer"
    return Quantity(metric=SHARE_5XX, side=side, value=share, too_much=too_much, seen=seen, beside=beside)


def _beside(watched: Watched, side: str, found: Mapping[str, Traffic]) -> str:
    others = ((watched.named(each), traffic) for each, traffic in found.items() if each != side and traffic.requests)
    return "".join(f"; {whose} answered {share_words(traffic.percent_5xx)} % with 5xx" for whose, traffic in others)


TRAFFIC = CloudWatchTraffic()
