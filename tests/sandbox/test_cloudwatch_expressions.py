import pytest

from sandbox.cloudwatch.composite import BadAlarmRule, rule_holds
from sandbox.cloudwatch.expressions import BadExpression, Scope, evaluate
from sandbox.cloudwatch.series import Points, UnknownStatistic, Window, statistic
from sandbox.elb.metrics import Bucket

METRICS: dict[str, Points] = {"r": {0: 100.0, 1: 50.0, 2: 0.0}, "e5": {0: 5.0, 2: 1.0}}
SCOPE = Scope(lookup=METRICS.__getitem__, metrics=lambda: list(METRICS.values()), slots=range(0, 4), period=60.0)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("e5 / r * 100", {0: 5.0}),  # no errors in 1, a division by zero in 2
        ("FILL(e5, 0) / r * 100", {0: 5.0, 1: 0.0}),
        ("FILL(e5, REPEAT)", {0: 5.0, 1: 5.0, 2: 1.0, 3: 1.0}),
        ("IF(r > 60, FILL(e5, 0), 0)", {0: 5.0, 1: 0.0, 2: 0.0}),
        ("IF(r >= 50 AND r < 100, 1)", {1: 1.0}),
        ("SUM(METRICS())", {0: 105.0, 1: 50.0, 2: 1.0}),
        ("MAX([r, e5])", {0: 100.0, 1: 50.0, 2: 1.0}),
        ("SUM(r)", {0: 150.0, 1: 150.0, 2: 150.0, 3: 150.0}),
        ("r / PERIOD(r) * 60", {0: 100.0, 1: 50.0, 2: 0.0}),
        ("-(e5) + 2^3", {0: 3.0, 2: 7.0}),
        ("CEIL(e5 / 2)", {0: 3.0, 2: 1.0}),
        ("TIME_SERIES(1)", {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0}),
    ],
)
def test_metric_math(expression: str, expected: Points) -> None:
    assert evaluate(expression, SCOPE) == expected


@pytest.mark.parametrize("expression", ["e5 /", "__import__('os')", "r.real", "ANOMALY(r)", "[r, e5]", "'x' * 3"])
def test_what_metric_math_does_not_know_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        evaluate(expression, SCOPE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sum", 10.0),
        ("SampleCount", 4.0),
        ("Average", 2.5),
        ("Minimum", 1.0),
        ("Maximum", 4.0),
        ("p0", 1.0),
        ("p50", 2.5),
        ("p99.9", 3.997),
        ("p100", 4.0),
    ],
)
def test_statistics_over_several_buckets(name: str, expected: float) -> None:
    first, second = Bucket(), Bucket()
    for bucket, value in ((first, 4.0), (first, 1.0), (second, 3.0), (second, 2.0)):
        bucket.add(value, keep=True)

    assert statistic(name, [first, second]) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["p101", "p-1", "Mean", "px"])
def test_an_unknown_statistic_is_refused(name: str) -> None:
    bucket = Bucket()
    bucket.add(1, keep=True)
    with pytest.raises(UnknownStatistic):
        statistic(name, [bucket])


def test_periods_are_aligned_to_their_own_length() -> None:
    assert list(Window(7, 16).slots(5)) == [5, 10, 15]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("slow") OR ALARM("errors")', True),
        ("ALARM(slow) AND ALARM(errors)", False),
        ("NOT (OK(errors) AND ALARM(slow))", True),
        ("OK(slow) AND NOT ALARM(missing)", True),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors)", True),
        ("TRUE AND NOT FALSE", True),
    ],
)
def test_alarm_rules(rule: str, expected: bool) -> None:
    assert rule_holds(rule, {"slow": "OK", "errors": "ALARM"}.get) is expected


@pytest.mark.parametrize("rule", ["", "ALARM(a) XOR ALARM(b)", "1 + 1", "open('x')"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    with pytest.raises(BadAlarmRule):
        rule_holds(rule, lambda name: "OK")
