"""CloudWatch: alarms, what the load balancer measured, and the last lines of a container's log."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from deployments.aws import errors, values
from deployments.aws.calling import chunks, storable
from deployments.aws.ecs import Ecs

# (prefix of the query's id, metric, statistic). An average is Sum / SampleCount over the whole window, which
# weighs each minute by its requests; an average of averages would not.
_METRICS = (
    ("r", "RequestCount", "Sum"),
    ("e", "HTTPCode_Target_5XX_Count", "Sum"),
    ("t", "TargetResponseTime", "Sum"),
    ("n", "TargetResponseTime", "SampleCount"),
    ("c", "TargetConnectionErrorCount", "Sum"),
)
#: The load balancer's own 5xx, of which CloudWatch does not tell whose they are.
_OWN_5XX = "b"
GROUPS_A_CALL = 499 // len(_METRICS)

#: by the query's id: when a minute began, and what was measured in it
Points = dict[str, list[tuple[datetime, float]]]


class CloudWatch(Ecs):
    def alarms(self, names: Collection[str]) -> Mapping[str, values.Alarm]:
        found: dict[str, values.Alarm] = {}
        for some in chunks(names, 100):
            pages = self.pages(
                "cloudwatch",
                "DescribeAlarms",
                AlarmNames=some,
                AlarmTypes=["MetricAlarm", "CompositeAlarm"],  # composite ones are left out unless asked for
            )
            for page in pages:
                for raw in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]:
                    found[raw["AlarmName"]] = _alarm(raw)
        return found

    def traffic(
        self, *, load_balancer: str, target_groups: Collection[str], since: datetime, until: datetime
    ) -> Mapping[str, values.Traffic]:
        """CloudWatch keeps whole minutes and rounds `since` down itself: what was answered in the same minute
        before `since` counts too. The last minute may be incomplete, so ask again rather than judge by it alone.
        """
        dimension = load_balancer.split(":loadbalancer/", 1)[-1]
        found: dict[str, values.Traffic] = {}
        for groups in chunks(target_groups, GROUPS_A_CALL):
            queries = [query for n, group in enumerate(groups) for query in _queries(n, group, dimension)]
            queries.append(_query(_OWN_5XX, "HTTPCode_ELB_5XX_Count", "Sum", [_of_balancer(dimension)]))
            points = self._points(queries, since, until)
            found |= {group: _traffic(points, number, until) for number, group in enumerate(groups)}
        return found

    def _points(self, queries: list[dict[str, Any]], start: datetime, end: datetime) -> Points:
        points: Points = {}
        pages = self.pages("cloudwatch", "GetMetricData", MetricDataQueries=queries, StartTime=start, EndTime=end)
        for page in pages:
            for result in page["MetricDataResults"]:
                _refuse_half_an_answer(result)
                points.setdefault(result["Id"], []).extend(zip(result["Timestamps"], result["Values"], strict=True))
        return points

    def log_tail(self, task_definition: str, task_id: str, container: str, lines: int = 40) -> tuple[str, ...]:
        """A refusal to show the log is told in its place: it is only read to explain a failure."""
        where = _stream(self.task_definition(task_definition), task_id, container)
        if where is None:
            return ()
        group, stream, region = where
        try:
            answer = self.call(
                "logs",
                "GetLogEvents",
                region=region,
                logGroupName=group,
                logStreamName=stream,
                limit=lines,
                startFromHead=False,
            )
        except errors.NotFound:  # a container that never started has no stream
            return ()
        except errors.Denied as exc:
            return (f"(The log could not be read. {exc.sentence})",)
        return tuple(storable(event["message"].rstrip("\n")) for event in answer["events"])


def _alarm(raw: Mapping[str, Any]) -> values.Alarm:
    changed = raw.get("StateTransitionedTimestamp") or raw.get("StateUpdatedTimestamp")
    return values.Alarm(
        name=raw["AlarmName"],
        state=raw["StateValue"],
        reason=raw.get("StateReason", ""),
        changed_at=changed.astimezone(UTC) if changed else None,
        metrics=tuple(_metric(each) for each in _metrics_of(raw)),
    )


def _metrics_of(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "MetricName" in alarm:
        return [alarm]
    return [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]


def _metric(raw: Mapping[str, Any]) -> values.Metric:
    dimensions = {each["Name"]: each["Value"] for each in raw.get("Dimensions", ())}
    return values.Metric(name=raw["MetricName"], dimensions=dimensions)


def _queries(number: int, target_group: str, load_balancer: str) -> list[dict[str, Any]]:
    group = {"Name": "TargetGroup", "Value": target_group.rsplit(":", 1)[-1]}
    dimensions = [group, _of_balancer(load_balancer)]
    return [_query(f"{prefix}{number}", name, statistic, dimensions) for prefix, name, statistic in _METRICS]


def _query(name: str, metric: str, statistic: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    measured = {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": 60, "Stat": statistic}}


def _of_balancer(name: str) -> dict[str, str]:
    return {"Name": "LoadBalancer", "Value": name}


def _traffic(points: Points, number: int, until: datetime) -> values.Traffic:
    sums = {name: sum(value for _, value in found) for name, found in points.items()}
    answers, connection_errors = sums.get(f"n{number}", 0.0), sums.get(f"c{number}", 0.0)
    requests = sums.get(f"r{number}", 0.0)
    # Clients that gave up, and answers still to come, are not answered either; a 5xx of the balancer is neither.
    unanswered = min(max(requests - answers, connection_errors), sums.get(_OWN_5XX, 0.0))
    return values.Traffic(
        requests=round(requests),
        errors_5xx=round(sums.get(f"e{number}", 0.0)),
        unanswered=round(min(unanswered, requests)),
        connection_errors=round(min(unanswered, connection_errors)),
        latency_ms=1000 * sums.get(f"t{number}", 0.0) / answers if answers else None,
        minutes={at: round(value) for at, value in points.get(f"r{number}", ()) if value},
        until=until,
    )


def _refuse_half_an_answer(result: Mapping[str, Any]) -> None:
    status = result.get("StatusCode", "Complete")
    said = f"no data for {result['Id']}"
    if status == "Forbidden":
        raise errors.Denied("GetMetricData", status, said)
    if status == "InternalError":
        raise errors.Unavailable("GetMetricData", status, said)


def _stream(definition: values.TaskDefinition, task_id: str, name: str) -> tuple[str, str, str] | None:
    """(log group, stream, region) of an awslogs container; without a prefix the stream cannot be known."""
    container = definition.container(name) or {}
    log = container.get("logConfiguration", {})
    options = log.get("options", {})
    prefix = options.get("awslogs-stream-prefix")
    if log.get("logDriver") != "awslogs" or not prefix or "awslogs-group" not in options:
        return None
    return options["awslogs-group"], f"{prefix}/{name}/{task_id}", options.get("awslogs-region", "")
