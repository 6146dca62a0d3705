"""Answers MetricDataQueries: metrics, and expressions over them, in whatever order they were asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.cloudwatch.exceptions import ValidationError

from sandbox.cloudwatch.expressions import BadExpression, Scope, evaluate
from sandbox.cloudwatch.series import Points, Sources, UnknownStatistic, Window, buckets_in


class Queries:
    """One GetMetricData call, or one evaluation of an alarm."""

    def __init__(self, sources: Sources, backend: Any, queries: Sequence[Mapping[str, Any]], window: Window) -> None:
        self._sources = sources
        self._backend = backend
        self._window = window
        self._queries = {query["Id"]: query for query in queries}
        self._done: dict[str, Points] = {}
        self._under_way: list[str] = []
        periods = [query["MetricStat"]["Period"] for query in queries if query.get("MetricStat")]
        periods += [query["Period"] for query in queries if query.get("Period")]
        self._length = max(map(buckets_in, periods), default=1)

    def points(self, query_id: str) -> Points:
        """The value of one query by period. Raises ValidationError for what CloudWatch refuses."""
        if query_id not in self._done:
            if query_id not in self._queries:
                raise ValidationError(f"Error in expression: '{query_id}' is not the Id of a query.")
            if query_id in self._under_way:
                raise ValidationError(f"Error in expression '{query_id}': it refers to itself.")
            self._under_way.append(query_id)
            self._done[query_id] = self._answer(self._queries[query_id])
            self._under_way.pop()
        return self._done[query_id]

    def _answer(self, query: Mapping[str, Any]) -> Points:
        if query.get("MetricStat"):
            try:
                return self._sources.points(self._backend, query["MetricStat"], self._window)[0]
            except UnknownStatistic as error:
                raise ValidationError(f"The value {error} for parameter Stat is not supported.") from error
        scope = Scope(
            lookup=self.points,
            metrics=lambda: [self.points(key) for key, one in self._queries.items() if one.get("MetricStat")],
            slots=self._window.slots(self._length),
            period=60.0 * self._length,
        )
        try:
            return evaluate(query["Expression"], scope)
        except BadExpression as error:
            raise ValidationError(f"Error in expression '{query['Id']}': {error}.") from error
