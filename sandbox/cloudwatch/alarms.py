"""The thread that evaluates alarms, once per scaled minute, just after the minute is full.

Only full periods count: half a minute of requests would look like a quiet minute. Alarms live in moto; what
is kept there, names, actions, history, stays moto's business.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow

from sandbox.account import ACCOUNT
from sandbox.cloudwatch.composite import BadAlarmRule, rule_holds
from sandbox.cloudwatch.evaluation import LOOKED_BACK_FURTHER, Datapoint, Rule, Verdict, judge, reason_data
from sandbox.cloudwatch.eventbridge import state_changed, state_of
from sandbox.cloudwatch.queries import Queries
from sandbox.cloudwatch.series import Sources, Window, buckets_in
from sandbox.seams import PutEvent

logger = logging.getLogger(__name__)

AFTER_THE_MINUTE = 0.01


class Alarms:
    def __init__(self, sources: Sources, put_event: PutEvent, *, on_close: Callable[[], None]) -> None:
        self._sources = sources
        self._put_event = put_event
        self._on_close = on_close
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._on_close()

    def _run(self) -> None:
        length = self._sources.bucket_seconds
        while not self._stopped.wait(length - time.time() % length + AFTER_THE_MINUTE):
            for backend in _backends():
                self.evaluate(backend, math.floor(time.time() / length))

    def evaluate(self, backend: Any, now: int) -> None:
        """Bring every alarm of one account and region up to date; ``now`` is the bucket under way."""
        alarms = list(backend.alarms.values())
        for alarm in alarms:
            if alarm.rule is None:
                try:
                    change_state(alarm, self._judge(backend, alarm, now), self._put_event)
                except ValidationError as error:
                    logger.warning("Alarm %s cannot be evaluated: %s", alarm.name, error)
        follow(backend, self._put_event)

    def _judge(self, backend: Any, alarm: Any, now: int) -> Verdict:
        queries, returned = _queries(alarm)
        length = buckets_in(_period(queries))
        newest = now // length * length
        periods = int(alarm.evaluation_periods) + LOOKED_BACK_FURTHER
        window = Window(newest - periods * length, newest)
        points = Queries(self._sources, backend, queries, window).points(returned)
        datapoints = [Datapoint(self._sources.time_of(slot), points.get(slot)) for slot in window.slots(length)]
        rule = _rule(alarm)
        verdict = judge(rule, datapoints, alarm.state_value)
        if verdict.state == alarm.state_value:
            return verdict
        stat = None if alarm.metric_data_queries else alarm.statistic or alarm.extended_statistic
        return replace(verdict, data=reason_data(rule, datapoints, utcnow(), statistic=stat, period=_period(queries)))


def follow(backend: Any, put_event: PutEvent, *, besides: Any = None) -> None:
    """Bring the composite alarms in line with the alarms they name; ``besides`` keeps the state it was given."""
    composites = [alarm for alarm in list(backend.alarms.values()) if alarm.rule is not None and alarm is not besides]
    for _ in composites:  # as often as composite alarms may build on each other
        for alarm in composites:
            change_state(alarm, _judge_composite(backend, alarm), put_event)


def change_state(alarm: Any, verdict: Verdict, put_event: PutEvent) -> None:
    """Keep the state, or go to the new one with its reason and time, and put the event."""
    if verdict.state == alarm.state_value:
        return
    before = state_of(alarm)
    alarm.update_state(verdict.reason, verdict.data, verdict.state)
    alarm.state_transitioned_timestamp = utcnow()
    state_changed(put_event, alarm, before)


def _rule(alarm: Any) -> Rule:
    return Rule(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        evaluation_periods=int(alarm.evaluation_periods),
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        treat_missing_data=alarm.treat_missing_data or "missing",
    )


def _queries(alarm: Any) -> tuple[Sequence[Mapping[str, Any]], str]:
    """The alarm's metric as MetricDataQueries, and the Id of the one that is compared."""
    if not alarm.metric_data_queries:
        metric = {
            "Namespace": alarm.namespace,
            "MetricName": alarm.metric_name,
            "Dimensions": _dimensions(alarm),
        }
        stat = alarm.statistic or alarm.extended_statistic
        return [{"Id": "m1", "MetricStat": {"Metric": metric, "Period": alarm.period, "Stat": stat}}], "m1"
    queries = [_query(query) for query in alarm.metric_data_queries]
    returned = [one.id for one in alarm.metric_data_queries if str(one.return_data).lower() != "false"]
    return queries, (returned or [alarm.metric_data_queries[-1].id])[-1]


def _period(queries: Sequence[Mapping[str, Any]]) -> int:
    """AWS seconds."""
    return max(int(query.get("Period") or query.get("MetricStat", {}).get("Period") or 60) for query in queries)


def _query(query: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"Id": query.id, "Expression": query.expression, "Period": query.period}
    if query.metric_stat is not None:
        metric = query.metric_stat.metric
        result["MetricStat"] = {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.metric_name,
                "Dimensions": _dimensions(metric),
            },
            "Period": query.metric_stat.period,
            "Stat": query.metric_stat.stat,
        }
    return result


def _dimensions(thing: Any) -> list[dict[str, str]]:
    return [{"Name": one.name, "Value": one.value} for one in thing.dimensions]


def _judge_composite(backend: Any, alarm: Any) -> Verdict:
    def state_of(name: str) -> str | None:
        child = backend.alarms.get(name)
        return child.state_value if child else None

    try:
        state = "ALARM" if rule_holds(alarm.rule, state_of) else "OK"
    except BadAlarmRule:
        return Verdict(alarm.state_value, "")
    return Verdict(state, f"The alarm rule evaluates to {'true' if state == 'ALARM' else 'false'}: {alarm.rule}")


def alarm_states(region: str) -> dict[str, str]:
    """State by name, of every alarm of the account there."""
    return {alarm.name: alarm.state_value for alarm in list(cloudwatch_backends[ACCOUNT][region].alarms.values())}


def _backends() -> Iterator[Any]:
    for regions in list(cloudwatch_backends.values()):
        yield from list(regions.values())
