"""The tables of "Configuring how CloudWatch alarms treat missing data": X breaches, 0 does not, - is missing."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.cloudwatch.evaluation import Datapoint, Rule, judge

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
VALUES = {"X": 9.0, "0": 0.0, "-": None}
MISSING = ("missing", "ignore", "breaching", "notBreaching")


def state(points: str, *, treat: str, needed: int, periods: int = 3) -> str:
    rule = Rule("GreaterThanThreshold", 5, periods, needed, treat)
    datapoints = [
        Datapoint(NOON + timedelta(minutes=place), VALUES[point]) for place, point in enumerate(points.split())
    ]
    return judge(rule, datapoints, "kept").state


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("0 - X - X", ("OK", "OK", "OK", "OK")),
        ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("- - - - 0", ("OK", "OK", "OK", "OK")),
        ("- - - - -", ("INSUFFICIENT_DATA", "kept", "ALARM", "OK")),
        ("- - X - -", ("ALARM", "kept", "ALARM", "OK")),
    ],
)
def test_three_of_three(points: str, expected: tuple[str, ...]) -> None:
    assert tuple(state(points, treat=treat, needed=3) for treat in MISSING) == expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
        ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
        ("- - - X -", ("ALARM", "kept", "ALARM", "OK")),
    ],
)
def test_two_of_three(points: str, expected: tuple[str, ...]) -> None:
    assert tuple(state(points, treat=treat, needed=2) for treat in MISSING) == expected


@pytest.mark.parametrize(
    ("comparison", "value", "breaches"),
    [
        ("GreaterThanThreshold", 5.0, False),
        ("GreaterThanOrEqualToThreshold", 5.0, True),
        ("LessThanThreshold", 5.0, False),
        ("LessThanOrEqualToThreshold", 5.0, True),
    ],
)
def test_comparisons(comparison: str, value: float, breaches: bool) -> None:
    assert Rule(comparison, 5, 1, 1).breached_by(value) is breaches


def test_the_reason_names_datapoints_and_threshold() -> None:
    points = [Datapoint(NOON, 9.0)]

    verdict = judge(Rule("GreaterThanThreshold", 5, 1, 1), points, "OK")

    assert verdict.reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (02/01/26 12:00:00)] was greater than the threshold "
        "(5.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_the_reason_says_how_missing_data_was_treated() -> None:
    points = [Datapoint(NOON, None)] * 4

    verdict = judge(Rule("GreaterThanThreshold", 5, 2, 2, "notBreaching"), points, "ALARM")

    assert verdict.reason == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
        "[NonBreaching]."
    )
