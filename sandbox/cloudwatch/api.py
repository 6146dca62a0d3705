"""moto's CloudWatch, corrected: metric data from the load balancers, percentiles, metric math, real alarm
states."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudwatch.alarms import follow
from sandbox.cloudwatch.composite import BadAlarmRule, rule_holds
from sandbox.cloudwatch.eventbridge import configuration_changed, state_changed, state_of
from sandbox.cloudwatch.queries import Queries
from sandbox.cloudwatch.series import SIMPLE_STATISTICS, Sources, UnknownStatistic, Window
from sandbox.elb.metrics import NAMESPACE
from sandbox.patching import Patches
from sandbox.seams import PutEvent

MOST_DATAPOINTS = 100_800
Method = Callable[..., Any]


def patch_cloudwatch(patches: Patches, sources: Sources, put_event: PutEvent) -> None:
    patches.replace(CloudWatchResponse, "get_metric_data", lambda _: _get_metric_data(sources))
    patches.replace(CloudWatchResponse, "get_metric_statistics", lambda _: _get_metric_statistics(sources))
    patches.replace(CloudWatchResponse, "list_metrics", lambda original: _list_metrics(sources, original))
    patches.replace(CloudWatchResponse, "describe_alarms", lambda _: _describe_alarms)
    patches.replace(CloudWatchResponse, "put_composite_alarm", lambda _: _put_composite_alarm)
    patches.replace(CloudWatchBackend, "put_metric_alarm", lambda original: _put_metric_alarm(original, put_event))
    patches.replace(CloudWatchBackend, "set_alarm_state", lambda original: _set_alarm_state(original, put_event))
    patches.replace(CloudWatchBackend, "delete_alarms", lambda original: _delete_alarms(original, put_event))


def _get_metric_data(sources: Sources) -> Method:
    def get_metric_data(response: Any) -> ActionResult:
        params = response._get_params()
        queries = params.get("MetricDataQueries") or []
        _check_queries(queries)
        window = _window(params, sources)
        asked = Queries(sources, response.cloudwatch_backend, queries, window)
        newest_first = params.get("ScanBy") != "TimestampAscending"
        results = []
        for query in queries:
            if str(query.get("ReturnData", True)).lower() == "false":
                continue
            points = sorted(asked.points(query["Id"]).items(), reverse=newest_first)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or _label(query),
                    "Timestamps": [sources.time_of(slot) for slot, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return ActionResult(_page(results, params))

    return get_metric_data


def _check_queries(queries: Iterable[Mapping[str, Any]]) -> None:
    for number, query in enumerate(queries, start=1):
        if not query.get("MetricStat") and not query.get("Expression"):
            raise ValidationError(f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n")
        if (query.get("Expression") or "").lstrip().upper().startswith(("SELECT", "SEARCH")):
            raise ValidationError("Metrics Insights and SEARCH are not known to the sandbox.")


def _window(params: Mapping[str, Any], sources: Sources) -> Window:
    if params["StartTime"] >= params["EndTime"]:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    # FILL must not invent datapoints for minutes that have not begun.
    end = min(params["EndTime"], datetime.now(UTC)) if params["EndTime"].tzinfo else params["EndTime"]
    return Window.between(params["StartTime"], end, sources.bucket_seconds)


def _label(query: Mapping[str, Any]) -> str:
    return str(query["MetricStat"]["Metric"]["MetricName"] if query.get("MetricStat") else query["Id"])


def _page(results: list[dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    """So many datapoints of each result; the token is the place to go on from."""
    per_result = max(1, int(params.get("MaxDatapoints") or MOST_DATAPOINTS) // max(1, len(results)))
    try:
        start = int(params.get("NextToken") or 0)
    except ValueError:
        raise InvalidParameterValue("Request parameter NextToken is invalid") from None
    end = start + per_result
    more = any(len(result["Values"]) > end for result in results)
    for result in results:
        result["Timestamps"], result["Values"] = result["Timestamps"][start:end], result["Values"][start:end]
        result["StatusCode"] = "PartialData" if more else "Complete"
    return {"MetricDataResults": results, "NextToken": str(end) if more else None}


def _get_metric_statistics(sources: Sources) -> Method:
    def get_metric_statistics(response: Any) -> ActionResult:
        params = response._get_params()
        simple, extended = params.get("Statistics") or [], params.get("ExtendedStatistics") or []
        if not simple and not extended:
            raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
        window = _window(params, sources)
        metric = {key: params.get(key) for key in ("Namespace", "MetricName", "Dimensions")}
        datapoints: dict[int, dict[str, Any]] = {}
        for stat in [*simple, *extended]:
            query = {"Metric": metric, "Period": params["Period"], "Stat": stat}
            try:
                points, _ = sources.points(response.cloudwatch_backend, query, window)
            except UnknownStatistic:
                raise InvalidParameterValue(f"The value {stat} is not supported as a statistic.") from None
            for slot, value in points.items():
                empty = {"Timestamp": sources.time_of(slot), "Unit": _unit(metric["MetricName"])}
                datapoint = datapoints.setdefault(slot, empty)
                if stat in SIMPLE_STATISTICS:
                    datapoint[stat] = value
                else:
                    datapoint.setdefault("ExtendedStatistics", {})[stat] = value
        return ActionResult({"Label": params["MetricName"], "Datapoints": list(datapoints.values())})

    return get_metric_statistics


def _unit(metric_name: Any) -> str:
    return "Seconds" if metric_name == "TargetResponseTime" else "Count"


def _list_metrics(sources: Sources, original: Method) -> Method:
    def list_metrics(response: Any) -> Any:
        params = response._get_params()
        if params.get("Namespace") != NAMESPACE:
            return original(response)
        wanted = {(one["Name"], one.get("Value")) for one in params.get("Dimensions") or []}
        metrics = [
            {
                "Namespace": NAMESPACE,
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            }
            for name, dimensions in sources.metrics.known(response.region)
            if params.get("MetricName") in (None, name)
            and all(dimensions.get(key) == value if value else key in dimensions for key, value in wanted)
        ]
        return ActionResult({"Metrics": metrics})

    return list_metrics


def _describe_alarms(response: Any) -> ActionResult:
    params = response._get_params()
    alarms = [alarm for alarm in list(response.cloudwatch_backend.alarms.values()) if _asked_for(alarm, params)]
    start, size = int(params.get("NextToken") or 0), int(params.get("MaxRecords") or 50)
    if params.get("AlarmNames"):
        size = 100
    page = alarms[start : start + size]
    return ActionResult(
        {
            "MetricAlarms": [alarm for alarm in page if alarm.rule is None],
            "CompositeAlarms": [_described_composite(alarm) for alarm in page if alarm.rule is not None],
            "NextToken": str(start + size) if len(alarms) > start + size else None,
        }
    )


def _asked_for(alarm: Any, params: Mapping[str, Any]) -> bool:
    kind = "MetricAlarm" if alarm.rule is None else "CompositeAlarm"
    if kind not in (params.get("AlarmTypes") or ["MetricAlarm"]):
        return False
    if params.get("AlarmNames") and alarm.name not in params["AlarmNames"]:
        return False
    if params.get("StateValue") and alarm.state_value != params["StateValue"]:
        return False
    if not alarm.name.startswith(params.get("AlarmNamePrefix") or ""):
        return False
    prefix = params.get("ActionPrefix")
    return not prefix or any(action.startswith(prefix) for action in alarm.alarm_actions)


def _described_composite(alarm: Any) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmRule": alarm.rule,
        "AlarmDescription": alarm.description,
        "ActionsEnabled": alarm.actions_enabled,
        "AlarmActions": alarm.alarm_actions,
        "OKActions": alarm.ok_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_transitioned_timestamp,
    }


def _put_composite_alarm(response: Any) -> EmptyResult:
    try:
        rule_holds(response._get_param("AlarmRule") or "", lambda name: None)
    except BadAlarmRule:
        raise ValidationError("AlarmRule must be a valid combination of alarm states") from None
    response.put_metric_alarm()
    return EmptyResult()


def _put_metric_alarm(original: Method, put_event: PutEvent) -> Method:
    """A new alarm has INSUFFICIENT_DATA; one that is put again keeps its state until it is evaluated."""

    def put_metric_alarm(backend: Any, **settings: Any) -> Any:
        before = backend.alarms.get(settings["name"])
        alarm = original(backend, **settings)
        if before is None:
            alarm.state_value = "INSUFFICIENT_DATA"
            alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
        else:
            kept = ("value", "reason", "reason_data", "updated_timestamp", "transitioned_timestamp")
            for name in (f"state_{part}" for part in kept):
                setattr(alarm, name, getattr(before, name))
        configuration_changed(put_event, alarm, "create" if before is None else "update", before)
        return alarm

    return put_metric_alarm


def _set_alarm_state(original: Method, put_event: PutEvent) -> Method:
    def set_alarm_state(backend: Any, name: str, reason: str, reason_data: str, state_value: str) -> None:
        alarm = backend.alarms.get(name)
        before = state_of(alarm) if alarm else {}
        original(backend, name, reason, reason_data, state_value)
        if alarm is not None and before["value"] != state_value:
            alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
            state_changed(put_event, alarm, before)
            follow(backend, put_event, besides=alarm)

    return set_alarm_state


def _delete_alarms(original: Method, put_event: PutEvent) -> Method:
    def delete_alarms(backend: Any, alarm_names: list[str]) -> None:
        gone = [backend.alarms[name] for name in alarm_names if name in backend.alarms]
        original(backend, alarm_names)
        for alarm in gone:
            configuration_changed(put_event, alarm, "delete")

    return delete_alarms
