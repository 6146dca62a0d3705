"""Whether a metric alarm is in ALARM: values in, a state and its reason out.

The rules for missing data are those of "Configuring how CloudWatch alarms treat missing data". CloudWatch
looks a little further back than EvaluationPeriods. When enough real datapoints are found there, the newest
of them decide and missing ones do not matter; only otherwise are the missing ones treated as the alarm
says.
"""

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LOOKED_BACK_FURTHER = 2


@dataclass(frozen=True)
class Rule:
    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing_data: str = "missing"

    def breached_by(self, value: float) -> bool:
        return _COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Datapoint:
    at: datetime
    value: float | None


@dataclass(frozen=True)
class Verdict:
    state: str
    reason: str
    data: str = "{}"  # JSON: the reason, for programs


def judge(rule: Rule, datapoints: Sequence[Datapoint], current: str) -> Verdict:
    """``datapoints`` come oldest first, EvaluationPeriods + LOOKED_BACK_FURTHER of them."""
    real = [point for point in datapoints if point.value is not None][-rule.evaluation_periods :]
    missing = rule.evaluation_periods - len(real)
    if missing == rule.evaluation_periods:
        return _without_data(rule, current)
    breaching = [point for point in real if rule.breached_by(point.value or 0.0)]
    assumed = missing if rule.treat_missing_data == "breaching" else 0
    needed = rule.datapoints_to_alarm
    if len(breaching) + assumed >= needed or _alarms_early(rule, datapoints, real, breaching):
        return Verdict("ALARM", _reason(rule, breaching or real, "", "OK -> ALARM", needed))
    calm = [point for point in real if point not in breaching]
    if not calm and missing and rule.treat_missing_data in ("missing", "ignore"):
        return Verdict(current, "")  # too few datapoints to say anything new
    return Verdict("OK", _reason(rule, calm or real, "not ", "ALARM -> OK", 1))


def reason_data(
    rule: Rule, datapoints: Sequence[Datapoint], now: datetime, *, statistic: str | None, period: int
) -> str:
    """What was evaluated. ``statistic`` None: metric math has none of its own; ``period`` in AWS seconds."""
    real = [point for point in datapoints if point.value is not None][-rule.evaluation_periods :]
    data: dict[str, Any] = {"version": "1.0", "queryDate": timestamp(now)}
    if real:
        data["startDate"] = timestamp(real[0].at)
    if statistic:
        data["statistic"] = statistic
    evaluated = [{"timestamp": timestamp(point.at), "value": point.value} for point in reversed(real)]
    return json.dumps(
        data
        | {
            "period": period,
            "recentDatapoints": [point.value for point in real],
            "threshold": rule.threshold,
            "evaluatedDatapoints": evaluated,
        }
    )


def timestamp(moment: datetime) -> str:
    """As CloudWatch writes it where it tells."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


def _alarms_early(
    rule: Rule, datapoints: Sequence[Datapoint], real: Sequence[Datapoint], breaching: Sequence[Datapoint]
) -> bool:
    """With ``missing``: only breaching datapoints, the oldest at least DatapointsToAlarm periods old."""
    if rule.treat_missing_data != "missing" or len(breaching) != len(real):
        return False
    oldest = next(place for place, point in enumerate(datapoints) if point.value is not None)
    return len(real) < rule.evaluation_periods and len(datapoints) - oldest >= rule.datapoints_to_alarm


def _without_data(rule: Rule, current: str) -> Verdict:
    periods = _count(rule.evaluation_periods, "period")
    treated = f"no datapoints were received for {periods} and {_missing(rule.evaluation_periods)} treated as"
    if rule.treat_missing_data == "breaching":
        return Verdict("ALARM", f"Threshold Crossed: {treated} [Breaching].")
    if rule.treat_missing_data == "notBreaching":
        return Verdict("OK", f"Threshold Crossed: {treated} [NonBreaching].")
    if rule.treat_missing_data == "ignore":
        return Verdict(current, "")
    was = "datapoint was" if rule.evaluation_periods == 1 else "datapoints were"
    return Verdict("INSUFFICIENT_DATA", f"Insufficient Data: {rule.evaluation_periods} {was} unknown.")


def _reason(rule: Rule, points: Sequence[Datapoint], negated: str, transition: str, minimum: int) -> str:
    newest = list(reversed(points))[:5]
    values = ", ".join(f"{point.value} ({point.at:%d/%m/%y %H:%M:%S})" for point in newest)
    was = "was" if len(points) == 1 else "were"
    return (
        f"Threshold Crossed: {len(points)} out of the last {rule.evaluation_periods} datapoints [{values}] "
        f"{was} {negated}{_COMPARISONS[rule.comparison][1]} the threshold ({float(rule.threshold)}) "
        f"(minimum {_count(minimum, 'datapoint')} for {transition} transition)."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _missing(number: int) -> str:
    return f"{_count(number, 'missing datapoint')} {'was' if number == 1 else 'were'}"


_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
