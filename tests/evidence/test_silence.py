"""Requests that stop coming: against a release when the others still get theirs, else noted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from deployments.aws.values import Traffic
from deployments.evidence import verdict
from tests.evidence.cases import measured, watched
from tests.swaps.cases import NOON

AGAINST = "New 1.1.0 got no request for 3 min, in which old 1.0.0 got 600 requests."
NOTED = "New 1.1.0 got no request for 3 min, after 180 requests in as long before."


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def traffic(*, each_minute: int, first: int = 30, last: int = 1) -> Traffic:
    """So many requests each minute, from `first` to `last` minutes ago."""
    minutes = {ago(number): each_minute for number in range(first, last - 1, -1)} if each_minute else {}
    return Traffic(requests=sum(minutes.values()), minutes=minutes, until=NOON)


def said(*, green: Traffic, blue: Traffic, **changes: Any) -> tuple[str, tuple[str, ...]]:
    watching = watched(**{"since": ago(30), "percent": 10.0, "environment": {"alarms": ()}, **changes})
    seen = measured(traffic={"blue": blue, "green": green})
    return verdict.problem(watching, seen), verdict.doubts(watching, seen)


QUIET = traffic(each_minute=60, last=6)
BUSY, GONE = traffic(each_minute=200), traffic(each_minute=200, last=6)


@pytest.mark.parametrize(
    ("seen", "against", "noted"),
    [
        ({"green": QUIET, "blue": BUSY}, AGAINST, ()),
        ({"green": QUIET, "blue": GONE}, "", (NOTED,)),  # all clients are gone
        ({"green": QUIET, "blue": traffic(each_minute=59)}, "", (NOTED,)),  # 19 of 10 % would be missing
        ({"green": QUIET, "blue": BUSY, "percent": 0}, "", (NOTED,)),  # clients stay where they were
        ({"green": QUIET, "blue": traffic(each_minute=0), "percent": 100}, "", (NOTED,)),
        ({"green": traffic(each_minute=60), "blue": BUSY}, "", ()),
        ({"green": traffic(each_minute=60, last=5), "blue": BUSY}, "", ()),  # CloudWatch may not have told yet
        ({"green": traffic(each_minute=6, last=6), "blue": GONE}, "", ()),  # too few to miss
        ({"green": traffic(each_minute=900, first=7, last=7), "blue": GONE}, "", ()),  # it came in bursts
        ({"green": QUIET, "blue": BUSY, "since": ago(4)}, "", ()),
    ],
)
def test_silence_is_told_from_chance_and_from_clients_that_are_gone(
    seen: dict[str, Any], against: str, noted: tuple[str, ...]
) -> None:
    assert said(**seen) == (against, noted)
