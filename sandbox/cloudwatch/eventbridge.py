"""What CloudWatch sends to EventBridge about alarms, in the words of "Alarm events and EventBridge"."""

import uuid
from typing import Any

from sandbox.cloudwatch.evaluation import timestamp
from sandbox.seams import Json, PutEvent

SOURCE = "aws.cloudwatch"
STATE_CHANGE, CONFIGURATION_CHANGE = "CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change"


def state_of(alarm: Any) -> Json:
    state = {
        "value": alarm.state_value,
        "reason": alarm.state_reason,
        "reasonData": alarm.state_reason_data,
        "timestamp": timestamp(alarm.state_updated_timestamp),
    }
    return {name: value for name, value in state.items() if value is not None}


def state_changed(put_event: PutEvent, alarm: Any, before: Json) -> None:
    def detail() -> Json:
        watched = {"description": alarm.description} if alarm.description else {}
        return {
            "alarmName": alarm.name,
            "state": state_of(alarm),
            "previousState": before,
            "configuration": watched | _watched(alarm),
        }

    put_event(SOURCE, STATE_CHANGE, alarm.alarm_arn, detail)


def configuration_changed(put_event: PutEvent, alarm: Any, operation: str, before: Any = None) -> None:
    """``operation``: create, update (of ``before``) or delete."""

    def detail() -> Json:
        body = {
            "alarmName": alarm.name,
            "operation": operation,
            "state": state_of(alarm),
            "configuration": _configuration(alarm),
        }
        return body | ({"previousConfiguration": _configuration(before)} if before is not None else {})

    put_event(SOURCE, CONFIGURATION_CHANGE, alarm.alarm_arn, detail)


def _configuration(alarm: Any) -> Json:
    configuration = {
        "alarmName": alarm.name,
        "description": alarm.description,
        "actionsEnabled": alarm.actions_enabled,
        "timestamp": timestamp(alarm.configuration_updated_timestamp),
        "okActions": alarm.ok_actions,
        "alarmActions": alarm.alarm_actions,
        "insufficientDataActions": alarm.insufficient_data_actions,
    }
    if alarm.rule is None:
        configuration |= {
            "comparisonOperator": alarm.comparison_operator,
            "threshold": alarm.threshold,
            "evaluationPeriods": alarm.evaluation_periods,
            "datapointsToAlarm": alarm.datapoints_to_alarm,
            "treatMissingData": alarm.treat_missing_data,
        }
    return {name: value for name, value in configuration.items() if value is not None} | _watched(alarm)


def _watched(alarm: Any) -> Json:
    if alarm.rule is not None:
        return {"alarmRule": alarm.rule}
    if alarm.metric_data_queries:
        return {"metrics": [_query(query) for query in alarm.metric_data_queries]}
    stat = alarm.statistic or alarm.extended_statistic
    metric = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.alarm_arn)),
        "metricStat": {"metric": _metric(alarm, alarm.metric_name), "period": alarm.period, "stat": stat},
        "returnData": True,
    }
    return {"metrics": [metric]}


def _query(query: Any) -> Json:
    metric: Json = {"id": query.id, "returnData": str(query.return_data).lower() != "false"}
    if query.label:
        metric["label"] = query.label
    if query.metric_stat is None:
        return metric | {"expression": query.expression}
    stat = query.metric_stat
    named = _metric(stat.metric, stat.metric.metric_name)
    return metric | {"metricStat": {"metric": named, "period": stat.period, "stat": stat.stat}}


def _metric(thing: Any, name: str) -> Json:
    dimensions = {each.name: each.value for each in thing.dimensions}
    return {"namespace": thing.namespace, "name": name, "dimensions": dimensions}
