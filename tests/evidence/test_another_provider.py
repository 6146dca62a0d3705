"""Another metric is another provider: no swap has to know of it for it to be judged, said and shown in each of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from deployments import swaps
from deployments.aws.protocol import Gateway
from deployments.aws.values import Alarm
from deployments.aws.values import Metric as CloudWatchMetric
from deployments.evidence import Watched, alarmed
from deployments.evidence.providers import PROVIDERS
from deployments.evidence.providers.cloudwatch_traffic import LATENCY, SHARE_5XX
from deployments.evidence.values import Metric, Quantity, Unit
from deployments.swaps.decisions import Decision, Fail, OpenGate, Snapshot
from deployments.words import begun
from tests.evidence import stories
from tests.evidence.cases import BALANCER, watched
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import NOON

CPU = Metric(key="cpu_percent", title="CPU utilization", unit=Unit.PERCENT, most=lambda settings: 70)


class Cpu:
    """What a new module of `providers` would hold."""

    name = "cpu"
    metrics = (CPU,)
    told_by_events = False

    def __init__(self) -> None:
        self.percent = 55.0

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> float | None:
        return self.percent

    def values(self, watched: Watched, answer: float | None) -> tuple[Quantity, ...]:
        return (Quantity(metric=CPU, side=watched.release, value=answer),) if answer is not None else ()


@pytest.fixture
def cpu() -> Iterator[Cpu]:
    """Its line in the registry."""
    provider = Cpu()
    PROVIDERS.append(provider)
    yield provider
    PROVIDERS.remove(provider)


def look(snapshot: Snapshot[Any], aws: FakeGateway) -> Decision:
    swap = swaps.get(snapshot.settings.controller)
    return swap.decide(snapshot, swap.observe(snapshot, aws, NOON), NOON)


@pytest.mark.parametrize("swap", stories.ALL)
def test_another_metric_is_judged_in_every_swap(swap: str, cpu: Cpu) -> None:
    snapshot, aws = stories.watching(swap)
    calm = look(snapshot, aws)
    cpu.percent = 83.5
    busy = look(snapshot, aws)

    assert "CPU utilization 55 %" in calm.reason
    assert isinstance(busy, Fail)
    assert busy.reason == f"{begun(stories.called(swap))} showed CPU utilization of 83.5 %; at most 70 % is allowed."


@pytest.mark.parametrize("swap", stories.WITH_ITS_TASKS)
def test_another_metric_is_shown_at_the_gate(swap: str, cpu: Cpu) -> None:
    opened = look(*stories.opening_a_gate(swap))

    assert isinstance(opened, OpenGate)
    assert opened.evidence["figures"] == [
        {"side": stories.side(swap), "title": "CPU utilization", "value": 55.0, "unit": "%"}
    ]


@pytest.mark.parametrize("swap", stories.ALL)
def test_without_it_the_same_looks_show_nothing_of_it(swap: str) -> None:
    opened = look(*stories.opening_a_gate(swap))

    assert isinstance(opened, OpenGate)
    assert {"health", "alarms", "traffic"} <= set(opened.evidence)
    assert "figures" not in opened.evidence
    assert "CPU" not in look(*stories.watching(swap)).reason


def test_while_people_think_it_is_asked_all_the_same_where_no_alarm_measures_it(cpu: Cpu) -> None:
    everywhere = {"LoadBalancer": BALANCER.partition(":loadbalancer/")[2]}
    covered = tuple(CloudWatchMetric(name=metric.cloudwatch, dimensions=everywhere) for metric in (SHARE_5XX, LATENCY))
    alarms = {"shop-5xx": Alarm(name="shop-5xx", state="OK", metrics=covered)}

    assert alarmed.untold(watched(), alarms) == "CPU utilization"
