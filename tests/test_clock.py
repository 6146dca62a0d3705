"""The one time that all go by: a host whose clock is wrong or jumps is not heard, and AWS's says who is right."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from deployments import clock
from deployments.aws import observing

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Host:
    """A host's two clocks: one that people set, and one that only counts."""

    def __init__(self) -> None:
        self.wall, self.counted = NOON, 100.0

    def monotonic(self) -> float:
        return self.counted

    def now(self, zone: Any) -> datetime:
        return self.wall

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.counted += seconds


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    made = Host()
    monkeypatch.setattr(clock, "_anchor", None)
    monkeypatch.setattr(clock, "_ahead_of_aws", None)
    monkeypatch.setattr(clock, "time", made)
    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=made.now))
    yield made


def test_without_a_server_the_host_is_gone_by(host: Host) -> None:
    host.passes(7)

    assert clock.now() == NOON + timedelta(seconds=7)


@pytest.mark.parametrize("jump", [-150, 150, -3600, 3600])
def test_a_host_that_jumps_is_not_heard(host: Host, jump: float) -> None:
    clock.set_by(NOON, took=0)
    host.passes(10)

    host.wall += timedelta(seconds=jump)

    assert clock.now() == NOON + timedelta(seconds=10)


def test_two_hosts_whose_clocks_differ_agree(host: Host) -> None:
    host.wall += timedelta(seconds=150)

    with capture_logs() as lines:
        clock.set_by(NOON, took=0.2)
        clock.set_by(NOON, took=0.2)

    assert clock.now() == NOON + timedelta(seconds=0.1)
    assert [line["ahead_seconds"] for line in lines] == [149.9]  # once


def test_an_answer_that_took_long_tells_nothing(host: Host) -> None:
    clock.set_by(NOON + timedelta(hours=1), took=2.5)

    assert clock.now() == NOON
    assert not clock.is_fresh()


def test_the_server_is_asked_anew_after_a_while(host: Host) -> None:
    clock.set_by(NOON, took=0)
    assert clock.is_fresh()
    host.passes(clock.FRESH_SECONDS)
    assert not clock.is_fresh()

    clock.set_by(NOON + timedelta(seconds=33), took=0)

    assert clock.now() == NOON + timedelta(seconds=33)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [(0, ""), (14, ""), (-14, ""), (150, "2 min 30 s ahead of AWS's"), (-150, "2 min 30 s behind AWS's"), (None, "")],
)
def test_a_clock_that_is_far_from_aws_is_told_with_what_to_do(ahead: float | None, told: str) -> None:
    said = clock.told(ahead)

    assert told in said and bool(said) is bool(told)
    assert not said or said.endswith("(NTP); with SQLite this host's.")


@pytest.mark.parametrize("off", [0.0, 150.0, -150.0])
def test_each_answer_of_aws_tells_its_time(host: Host, monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    monkeypatch.setattr(observing, "observers", [])
    monkeypatch.setattr(observing, "time", SimpleNamespace(monotonic=time.monotonic))
    host.wall += timedelta(seconds=off)
    headers = {"date": "Mon, 02 Mar 2026 12:00:00 GMT"}

    observing._before_send()
    observing._response_received(
        event_name="response-received.ecs.DescribeServices",
        parsed_response={"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": headers}},
        exception=None,
    )

    ahead = clock.ahead_of_aws()
    assert ahead is not None and abs(ahead - off) < 1


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_an_answer_without_a_time_tells_none(host: Host, monkeypatch: pytest.MonkeyPatch, date: str | None) -> None:
    monkeypatch.setattr(observing, "observers", [])
    answer = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {} if date is None else {"date": date}}}

    observing._before_send()
    observing._response_received(event_name="x.ecs.DescribeServices", parsed_response=answer, exception=None)

    assert clock.ahead_of_aws() is None
